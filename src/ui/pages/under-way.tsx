// Requests that have not ended, as a list. In: what the running collector says. Nothing here is summed. Not here: one of them (trace-under-way.tsx).

import type { UnderWayAnswer, UnderWayRequest } from '../../answer/api.ts';
import { formatCount, formatDuration } from '../../base/numbers.ts';
import { linkTo } from '../state/address.ts';

/** Others end before anybody has read of them. */
const LONG_MS = 2000;
const MOST_LISTED = 5;

/** What hangs, above the list of traces; nothing while all requests are short. */
export function LongUnderWay({ answer }: { readonly answer: UnderWayAnswer }) {
  const long = answer.requests.filter(({ startedAt }) => answer.now - startedAt >= LONG_MS);
  if (long.length === 0) return null;
  return (
    <section class="card under-way" aria-labelledby="under-way-title">
      <header>
        <h2 id="under-way-title">Still under way</h2>
        <span class="muted">not stored before they end, and in no number on these pages</span>
      </header>
      <ul>
        {long.slice(0, MOST_LISTED).map((request) => (
          <li key={`${request.traceId} ${request.service} ${request.startedAt}`}>
            <a class="mono ellipsis" href={linkTo(`/trace/${request.traceId}`)}>
              {nameOf(request)}
            </a>{' '}
            <span class="muted">
              {[forWords(request, answer.now), callsWords(request), waitWords(request, answer.now)]
                .filter(Boolean)
                .join(', ')}
            </span>
          </li>
        ))}
      </ul>
      {long.length > MOST_LISTED && (
        <p class="card-note">and {formatCount(long.length - MOST_LISTED)} more.</p>
      )}
    </section>
  );
}

/** The route is known at the end, of most frameworks. */
export function nameOf({ method, route, service }: UnderWayRequest): string {
  return `${method} ${route === '' ? `request of ${service}` : route}`;
}

export function forWords({ startedAt }: UnderWayRequest, now: number): string {
  return `${formatDuration(Math.max(0, now - startedAt) * 1000)} so far`;
}

export function callsWords({ operations }: UnderWayRequest): string {
  return `${formatCount(operations)} call${operations === 1 ? ' has' : 's have'} ended`;
}

/** `waits for Postgres, 5.20 s so far`; of several the longest. '' when nothing that was sent is unanswered. */
export function waitWords({ open, startedAt }: UnderWayRequest, now: number): string {
  const [first] = open.toSorted((a, b) => a.startUs - b.startUs);
  if (first === undefined) return '';
  const us = Math.max(0, (now - startedAt) * 1000 - first.startUs);
  return `waits for ${first.dependency}, ${formatDuration(us)} so far`;
}
