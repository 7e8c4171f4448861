// The page of a trace that has not ended: a waterfall up to now, and its calls. In: what the running collector says. Nothing here is summed.

import { useMemo } from 'preact/hooks';
import type { UnderWayAnswer, UnderWayRequest } from '../../answer/api.ts';
import { formatDuration } from '../../base/numbers.ts';
import { shortStatement } from '../../base/statement.ts';
import { ROW_PX } from '../canvas/scene.ts';
import { Duration } from '../parts/text.tsx';
import { clock, fullTime } from '../state/range.ts';
import { runningTrace } from '../state/running-trace.ts';
import { TraceView } from '../state/trace-view.ts';
import { Waterfall } from './trace-waterfall.tsx';
import { callsWords, forWords, nameOf, waitWords } from './under-way.tsx';

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
        {waitWords(request, answer.now) !== '' && `It ${waitWords(request, answer.now)}. `}
        Its trace is shown here as soon as it has ended. Until then it is in no sum, of this page or any
        other.
      </p>
      <Running answer={answer} />
      {answer.requests.map((each) => (
        <Calls key={`${each.service} ${each.startedAt}`} request={each} now={answer.now} />
      ))}
    </>
  );
}

/** What is above and below the rows of a waterfall. */
const HEAD_PX = 72;
const MOST_ROWS = 20;

function Running({ answer }: { readonly answer: UnderWayAnswer }) {
  const view = useMemo(() => new TraceView(runningTrace(answer), true), [answer]);
  const rows = Math.min(MOST_ROWS, view.rows.value.nodes.length);
  return (
    <section class="card running" aria-label="What it has done so far">
      <div class="waterfall" style={{ height: `${HEAD_PX + (rows + 1) * ROW_PX}px` }}>
        <Waterfall view={view} />
      </div>
      <p class="card-note">
        Bars that have not ended reach up to now, with an open end. What it does between its calls is known
        when it has ended.
      </p>
    </section>
  );
}

function Calls({ request, now }: { readonly request: UnderWayRequest; readonly now: number }) {
  return (
    <section class="card" aria-label={`Calls of ${nameOf(request)}`}>
      <header>
        <h2>{request.service}</h2>
        <span class="muted" title={fullTime(request.startedAt)}>
          since {clock(request.startedAt)}, {callsWords(request)}
          {request.operations > request.latest.length && `, the last ${request.latest.length}`}
        </span>
      </header>
      {request.latest.length + request.open.length > 0 && (
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
            {request.open.map(({ statement, dependency, startUs }, index) => (
              <tr key={`open ${index}`}>
                <td class="mono ellipsis column-statement" title={statement}>
                  {shortStatement(statement)}
                </td>
                <td>{dependency}</td>
                <td class="numeric">+{formatDuration(startUs)}</td>
                <td class="numeric strong">
                  waits for {formatDuration(Math.max(0, (now - request.startedAt) * 1000 - startUs))}
                </td>
              </tr>
            ))}
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
