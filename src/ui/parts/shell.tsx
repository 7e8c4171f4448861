// What is around every page: top bar, phone tabs, the connection bar, help, and the keys that work anywhere.

import type { ComponentChildren } from 'preact';
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { address, flushReplace, linkTo, open } from '../state/address.ts';
import { status } from '../state/answers.ts';
import { moveFocus, useKeys } from '../state/keyboard.ts';
import { lostSince } from '../state/live.ts';
import { openFindings } from '../state/open-findings.ts';
import { clock, undoNarrowing } from '../state/range.ts';
import { copyPage, saveChart } from '../state/share.ts';
import { switchTheme, theme } from '../state/theme.ts';
import { copy, toast } from '../state/toast.ts';
import { Help } from './help.tsx';
import { RangeChoice } from './range-choice.tsx';

const SECTIONS = [
  { path: '/', name: 'Time', icon: 'M2.5 4.5h15v3.5h-15zM2.5 12h8.500v3.500h-8.500z' },
  {
    path: '/findings',
    name: 'Findings',
    icon: 'M10 2.500a5.200 5.200 0 00-3 9.500v2.500h6v-2.500a5.200 5.200 0 00-3-9.500zM7.500 17.500h5',
  },
  { path: '/traces', name: 'Traces', icon: 'M2 5h9M6 10h9M11 15h7' },
  { path: '/connections', name: 'Connections', icon: 'M2 6h16M2 14h16M6 6v8M13 6v8' },
  {
    path: '/map',
    name: 'Map',
    icon: 'M6.4 10a2.400 2.400 0 11-4.800 0 2.400 2.400 0 014.800 0zM18.400 5a2.400 2.400 0 11-4.800 0 2.400 2.400 0 014.800 0zM18.400 15a2.400 2.400 0 11-4.800 0 2.400 2.400 0 014.800 0zM6.400 9l7.300-3M6.400 11l7.300 3',
  },
] as const;

const isSearchOpen = signal(false);
const isHelpOpen = signal(false);

export function Shell({ children }: { readonly children: ComponentChildren }) {
  useKeys(
    {
      '/': () => (isSearchOpen.value = true),
      '?': () => (isHelpOpen.value = true),
      T: switchTheme,
      y: () => void copyLink(),
      M: () => void copyPage(),
      S: () => void saveChart('png'),
      V: () => void saveChart('svg'),
      Escape: () => void undoNarrowing(),
      'g t': () => open(linkTo('/')),
      'g f': () => open(linkTo('/findings')),
      'g r': () => open(linkTo('/traces')),
      'g c': () => open(linkTo('/connections')),
      'g m': () => open(linkTo('/map')),
      j: () => moveFocus(1),
      k: () => moveFocus(-1),
      ArrowDown: () => moveFocus(1),
      ArrowUp: () => moveFocus(-1),
    },
    'shell',
  );
  return (
    <>
      <a class="visually-hidden skip" href="#main">
        Skip to content
      </a>
      <TopBar />
      <main id="main" tabIndex={-1}>
        <ConnectionBar />
        {children}
      </main>
      <nav class="tabs" aria-label="Sections">
        <SectionLinks hasIcons />
      </nav>
      {isSearchOpen.value && <LazySearch />}
      {isHelpOpen.value && <Help onClose={() => (isHelpOpen.value = false)} />}
      <div class="toast" role="status">
        {toast.value}
      </div>
    </>
  );
}

function TopBar() {
  return (
    <header class="top">
      <a class="brand" href={linkTo('/')} aria-label="wiretime, home">
        <Logo />
        wiretime
      </a>
      <ProjectName />
      <nav class="sections" aria-label="Main">
        <SectionLinks />
      </nav>
      <span class="space" />
      <SearchButton />
      <RangeChoice />
      <LiveDot />
      <button
        type="button"
        class="control icon wide"
        aria-label={`Switch to ${theme.value === 'dark' ? 'light' : 'dark'} theme`}
        title="Theme"
        onClick={switchTheme}
      >
        <svg width="15" height="15" viewBox="0 0 20 20" aria-hidden="true">
          <circle cx="10" cy="10" r="7" fill="none" stroke="currentColor" stroke-width="1.6" />
          <path d="M10 3a7 7 0 010 14z" fill="currentColor" />
        </svg>
      </button>
      <button
        type="button"
        class="control icon wide"
        aria-label="Keyboard shortcuts and words"
        title="Help"
        onClick={() => (isHelpOpen.value = true)}
      >
        ?
      </button>
    </header>
  );
}

function SearchButton() {
  return (
    <button
      type="button"
      class="control search"
      aria-label="Search"
      onClick={() => (isSearchOpen.value = true)}
    >
      <svg
        width="14"
        height="14"
        viewBox="0 0 20 20"
        fill="none"
        stroke="currentColor"
        stroke-width="1.8"
        aria-hidden="true"
      >
        <circle cx="9" cy="9" r="6" />
        <path d="M14 14l4 4" />
      </svg>
      <span class="search-words">Search</span>
      <kbd class="key-cap">/</kbd>
    </button>
  );
}

type SearchDialog = typeof import('./search.tsx').Search;
const searchDialog = signal<{ readonly Dialog: SearchDialog } | undefined>(undefined);

/** Most visits search nothing: its code comes when it opens. */
function LazySearch() {
  useEffect(() => {
    if (searchDialog.value === undefined)
      void import('./search.tsx').then(({ Search }) => (searchDialog.value = { Dialog: Search }));
  }, []);
  const Dialog = searchDialog.value?.Dialog;
  return Dialog === undefined ? null : <Dialog onClose={() => (isSearchOpen.value = false)} />;
}

function Logo() {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
      <rect x="1" y="3" width="11" height="3.6" rx="1" fill="var(--ink)" />
      <rect x="7" y="8.2" width="8" height="3.6" rx="1" fill="var(--accent-2)" />
      <rect x="13" y="13.4" width="6" height="3.6" rx="1" fill="var(--ink)" />
    </svg>
  );
}

function ProjectName() {
  if (status.value === undefined) return null;
  const services = new Set(status.value.processes.map(({ service }) => service)).size;
  return (
    <span class="project">
      <b>{status.value.project}</b>
      {services > 0 && ` · ${services} service${services === 1 ? '' : 's'}`}
    </span>
  );
}

function SectionLinks({ hasIcons = false }: { readonly hasIcons?: boolean }) {
  const { pathname } = address.value;
  return SECTIONS.map(({ path, name, icon }) => {
    const isCurrent = isSection(path, pathname);
    return (
      <a key={path} href={linkTo(path)} aria-current={isCurrent ? 'page' : undefined}>
        {hasIcons && (
          <svg
            width="18"
            height="18"
            viewBox="0 0 20 20"
            fill="none"
            stroke="currentColor"
            stroke-width="1.6"
            aria-hidden="true"
          >
            <path d={icon} />
          </svg>
        )}
        {name}
        {path === '/findings' && openFindings.value !== undefined && (
          <span class="badge" title="Open findings">
            {openFindings.value}
          </span>
        )}
      </a>
    );
  });
}

/** An endpoint belongs to Time, a trace to Traces, a finding to Findings. */
function isSection(path: string, pathname: string): boolean {
  if (path === '/') return pathname === '/' || pathname.startsWith('/endpoint/');
  return pathname.startsWith(path === '/traces' || path === '/findings' ? path.slice(0, -1) : path);
}

function LiveDot() {
  const isLive = status.value?.isLive ?? true;
  const isLost = lostSince.value !== undefined;
  const state = isLost ? 'No connection' : isLive ? 'Live' : 'Saved';
  const title = isLive ? 'New requests appear as they finish' : 'A recording that has ended';
  return (
    <span class={`live ${isLost ? 'is-lost' : isLive ? '' : 'is-saved'}`} title={isLost ? state : title}>
      <i />
      <span>{state}</span>
    </span>
  );
}

/** The services are never slowed down by our absence: say so. */
function ConnectionBar() {
  const since = lostSince.value;
  if (since === undefined) return null;
  return (
    <div class="notice bad" role="alert">
      <i aria-hidden="true">✕</i>
      <span>
        No connection to wiretime on {location.host} since {clock(since)}. You are looking at{' '}
        <b>saved data up to {clock(since)}</b>. Your services keep running; they are not slowed down. Trying
        again every 2 s.
      </span>
    </div>
  );
}

async function copyLink(): Promise<void> {
  flushReplace();
  await copy(location.href, 'Link to this view copied');
}

export function usePageTitle(title: string): void {
  const project = status.value?.project;
  useEffect(() => {
    document.title = [title, project, 'wiretime'].filter(Boolean).join(' · ');
  }, [title, project]);
}
