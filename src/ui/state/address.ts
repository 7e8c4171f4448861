// The address holds the whole view. In: navigation and parameters. Out: a signal of the current URL.
// Opening a page pushes history, so Back works; selection and zoom replace it, at most four times a second.

import { computed, signal } from '@preact/signals';
import type { EndpointName } from '../../answer/api.ts';
import { isSaved } from './saved.ts';

const REPLACE_EVERY_MS = 250;
/** Parameters that go along from page to page. */
const CARRIED = ['range', 'theme'] as const;

/** A report in one file has its address behind the #: a file has no other pages. */
const REPORT_ORIGIN = 'http://report';
export const address = signal(currentAddress());

function currentAddress(): URL {
  return isSaved ? new URL(location.hash.slice(1) || '/', REPORT_ORIGIN) : new URL(location.href);
}

/** As the address bar shows it. */
function shownAs(path: string): string {
  return isSaved ? `#${path}` : path;
}
export const query = computed(() => address.value.searchParams);

let pendingReplace: ReturnType<typeof setTimeout> | undefined;

/** Follows Back and Forward, and clicks on links of ours. */
export function followAddress(): void {
  addEventListener('popstate', () => {
    forgetSoon();
    address.value = currentAddress();
  });
  addEventListener('click', onClick);
}

export function open(path: string): void {
  flushReplace();
  history.pushState(undefined, '', shownAs(path));
  address.value = currentAddress();
  scrollTo(0, 0);
  // A screen reader, and the next Tab, begin with the new page.
  document.getElementById('main')?.focus({ preventScroll: true });
}

/** `path` with the parameters that go along. */
export function linkTo(path: string, parameters: Readonly<Record<string, string>> = {}): string {
  const url = new URL(path, address.value.origin);
  for (const name of CARRIED) {
    const value = query.value.get(name);
    if (value !== null) url.searchParams.set(name, value);
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.pathname + url.search;
}

/** The page of an endpoint. A route keeps its slashes; everything else that has a meaning in addresses is escaped. */
export function endpointPath({ service, method, route }: EndpointName): string {
  const parts = route.replace(/^\//, '').split('/').map(encodeURIComponent);
  return `/endpoint/${encodeURIComponent(service)}/${encodeURIComponent(method)}/${parts.join('/')}`;
}

/** A part of a path as text; a broken escape is shown as it is. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

type Parameters = Readonly<Record<string, string | undefined>>;

/** Sets or (undefined) removes parameters of the current address, without a step in the history. */
export function setParameters(parameters: Parameters): void {
  flushSoon();
  const url = new URL(address.value);
  for (const [name, value] of Object.entries(parameters))
    if (value === undefined) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  if (url.href === address.value.href) return;
  address.value = url;
  pendingReplace ??= setTimeout(flushReplace, REPLACE_EVERY_MS);
}

let soon: Parameters | undefined;
let soonTimer: ReturnType<typeof setTimeout> | undefined;

/** As `setParameters`, for what changes with every frame: the address, and everything that is drawn from it, follows four times a second. */
export function setParametersSoon(parameters: Parameters): void {
  soon = { ...soon, ...parameters };
  soonTimer ??= setTimeout(flushSoon, REPLACE_EVERY_MS);
}

function flushSoon(): void {
  const parameters = soon;
  forgetSoon();
  if (parameters !== undefined) setParameters(parameters);
}

function forgetSoon(): void {
  clearTimeout(soonTimer);
  soonTimer = soon = undefined;
}

/** As `setParameters`, as a step in the history: Back undoes it. */
export function pushParameters(parameters: Parameters): void {
  flushReplace();
  setParameters(parameters);
  if (pendingReplace === undefined) return;
  clearTimeout(pendingReplace);
  pendingReplace = undefined;
  history.pushState(undefined, '', shownAs(address.value.pathname + address.value.search));
}

/** `as=table`: a chart as a table, and back. */
export function toggleTable(): void {
  setParameters({ as: query.value.get('as') === 'table' ? undefined : 'table' });
}

/** The address bar catches up now: before a copy or a step in the history. */
export function flushReplace(): void {
  flushSoon();
  clearTimeout(pendingReplace);
  if (pendingReplace !== undefined)
    history.replaceState(undefined, '', shownAs(address.value.pathname + address.value.search));
  pendingReplace = undefined;
}

function onClick(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest('a') : undefined;
  if (!link || event.defaultPrevented || event.button !== 0 || hasModifier(event)) return;
  const path = ownPath(link);
  if (path === undefined) return;
  event.preventDefault();
  open(path);
}

/** undefined: it leads out of the pages, to a file, or to a place in this one. */
function ownPath(link: HTMLAnchorElement): string | undefined {
  const href = link.getAttribute('href') ?? '';
  if (isSaved) return href.startsWith('/') ? href : undefined;
  return link.origin !== location.origin || href.startsWith('#') || link.hasAttribute('download')
    ? undefined
    : link.pathname + link.search;
}

export function hasModifier(event: MouseEvent | KeyboardEvent): boolean {
  return event.metaKey || event.ctrlKey || event.altKey;
}
