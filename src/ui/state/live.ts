// Is wiretime there, and does it have new data? In: its event stream. Out: signals. A hidden tab listens to nothing.

import { signal } from '@preact/signals';

/** Grows by one each time there is new data, at most once a second. */
export const ticks = signal(0);
/** ms since 1970 when contact was lost, or undefined while it is there. */
export const lostSince = signal<number | undefined>(undefined);

const RETRY_MS = 2000;
let source: EventSource | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;

export function followLive(): void {
  document.addEventListener('visibilitychange', () => (document.hidden ? stop() : start()));
  if (!document.hidden) start();
}

/** Called with the outcome of every request, so that a failure shows at once. */
export function noteContact(isThere: boolean): void {
  if (isThere) lostSince.value = undefined;
  else lostSince.value ??= Date.now();
}

function start(): void {
  stop();
  source = new EventSource('/api/live');
  source.addEventListener('open', onOpen);
  source.addEventListener('data', () => ticks.value++);
  source.addEventListener('error', onLost);
}

/** Whatever came while nobody listened is fetched now. */
function onOpen(): void {
  if (lostSince.value !== undefined) ticks.value++;
  noteContact(true);
}

function onLost(): void {
  noteContact(false);
  stop();
  retry = setTimeout(start, RETRY_MS);
}

function stop(): void {
  clearTimeout(retry);
  source?.close();
  source = undefined;
}
