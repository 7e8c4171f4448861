// Requests that have not ended: a list, and one of them as far as it is known. In: what the running collector says. Nothing here is summed.

import type { UnderWayAnswer, UnderWayRequest } from '../../answer/api.ts';
import { formatCount, formatDuration } from '../../base/numbers.ts';
import { shortStatement } from '../../base/statement.ts';
import { Duration } from '../parts/text.tsx';
import { linkTo } from '../state/address.ts';
import { clock, fullTime } from '../state/range.ts';

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
              {forWords(request, answer.now)}, {callsWords(request)}
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

/** The page of a trace whose first request has not ended. */
export function TraceUnderWay({ answer }: { readonly answer: UnderWayAnswer }) {
  const [request] = answer.requests;
  if (request === undefined) return null;
  return (
    <>
      <h1 class="answer" aria-live="polite">
        <b class="mono">{nameOf(request)}</b> is still under way: {forWords(request, answer.now)}.
      </h1>
      <p class="second">
        Its trace is shown here as soon as it has ended. Until then it is in no sum, of this page or any
        other.
      </p>
      {answer.requests.map((each) => (
        <Calls key={`${each.service} ${each.startedAt}`} request={each} />
      ))}
    </>
  );
}

function Calls({ request }: { readonly request: UnderWayRequest }) {
  return (
    <section class="card" aria-label={`Calls of ${nameOf(request)}`}>
      <header>
        <h2>{request.service}</h2>
        <span class="muted" title={fullTime(request.startedAt)}>
          since {clock(request.startedAt)}, {callsWords(request)}
          {request.operations > request.latest.length && `, the last ${request.latest.length}`}
        </span>
      </header>
      {request.latest.length > 0 && (
        <table class="table compact">
          <thead>
            <tr>
              <th scope="col">Call</th>
              <th scope="col">Peer</th>
              <th scope="col" class="numeric">
                Starts at
              </th>
              <th scope="col" class="numeric">
                Took
              </th>
            </tr>
          </thead>
          <tbody>
            {request.latest.map(({ statement, dependency, startUs, durationUs }, index) => (
              <tr key={index}>
                <td class="mono ellipsis column-statement" title={statement}>
                  {shortStatement(statement)}
                </td>
                <td>{dependency}</td>
                <td class="numeric">+{formatDuration(startUs)}</td>
                <td class="numeric">
                  <Duration us={durationUs} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** The route is known at the end, of most frameworks. */
function nameOf({ method, route, service }: UnderWayRequest): string {
  return `${method} ${route === '' ? `request of ${service}` : route}`;
}

function forWords({ startedAt }: UnderWayRequest, now: number): string {
  return `${formatDuration(Math.max(0, now - startedAt) * 1000)} so far`;
}

function callsWords({ operations }: UnderWayRequest): string {
  return `${formatCount(operations)} call${operations === 1 ? ' has' : 's have'} ended`;
}
