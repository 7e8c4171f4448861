// The address holds the whole view. In: navigation and parameters. Out: a signal of the current URL.
// Opening a page pushes history, so Back works; selection and zoom replace it, at most four times a second.

import { computed, signal } from '@preact/signals';
import type { EndpointName } from '../../answer/api.ts';

const REPLACE_EVERY_MS = 250;
/** Parameters that go along from page to page. */
const CARRIED = ['range', 'theme'] as const;

export const address = signal(new URL(location.href));
export const query = computed(() => address.value.searchParams);

let pendingReplace: ReturnType<typeof setTimeout> | undefined;

/** Follows Back and Forward, and clicks on links of ours. */
export function followAddress(): void {
  addEventListener('popstate', () => {
    address.value = new URL(location.href);
  });
  addEventListener('click', onClick);
}

export function open(path: string): void {
  flushReplace();
  history.pushState(undefined, '', path);
  address.value = new URL(location.href);
  scrollTo(0, 0);
  // A screen reader, and the next Tab, begin with the new page.
  document.getElementById('main')?.focus({ preventScroll: true });
}

/** `path` with the parameters that go along. */
export function linkTo(path: string, parameters: Readonly<Record<string, string>> = {}): string {
  const url = new URL(path, location.origin);
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

/** Sets or (undefined) removes parameters of the current address, without a step in the history. */
export function setParameters(parameters: Readonly<Record<string, string | undefined>>): void {
  const url = new URL(address.value);
  for (const [name, value] of Object.entries(parameters))
    if (value === undefined) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  if (url.href === address.value.href) return;
  address.value = url;
  pendingReplace ??= setTimeout(flushReplace, REPLACE_EVERY_MS);
}

/** `as=table`: a chart as a table, and back. */
export function toggleTable(): void {
  setParameters({ as: query.value.get('as') === 'table' ? undefined : 'table' });
}

/** The address bar catches up now: before a copy or a step in the history. */
export function flushReplace(): void {
  clearTimeout(pendingReplace);
  if (pendingReplace !== undefined) history.replaceState(undefined, '', address.value);
  pendingReplace = undefined;
}

function onClick(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest('a') : undefined;
  if (!link || event.defaultPrevented || event.button !== 0 || hasModifier(event)) return;
  if (link.origin !== location.origin || link.getAttribute('href')?.startsWith('#')) return;
  event.preventDefault();
  open(link.pathname + link.search);
}

export function hasModifier(event: MouseEvent | KeyboardEvent): boolean {
  return event.metaKey || event.ctrlKey || event.altKey;
}
