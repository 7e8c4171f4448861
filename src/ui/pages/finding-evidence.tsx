// What a finding rests on: one request as a strip, how often it happens in a request, and requests to look at. In: the answer; the strip's
// trace is asked for.

import type { FindingAnswer, TraceOperation } from '../../answer/api.ts';
import type { TraceOperations } from '../../model/trace-columns.ts';
import { counted, formatCount, formatDuration, formatRate } from '../../base/numbers.ts';
import { CategoryIndex } from '../../model/category.ts';
import { Chart } from '../canvas/chart.tsx';
import { countBars, drawCountBars } from '../canvas/count-bars.ts';
import { drawStrip, stripSpan } from '../canvas/strip.ts';
import { StackBar } from '../parts/stack-bar.tsx';
import { Duration } from '../parts/text.tsx';
import { linkTo } from '../state/address.ts';
import { isAbout } from '../state/finding-words.ts';
import { clock, fullTime } from '../state/range.ts';
import { useTrace, type TraceData } from '../state/trace-data.ts';
import { poolPath } from './connections.tsx';
import { openUnlessLink } from './home-endpoints.tsx';

/** Kinds that are about the connections themselves. */
const ABOUT_POOLS: readonly string[] = [
  'pool-starvation',
  'held-connection',
  'tls-per-call',
  'new-connections',
];

export function Evidence({ answer }: { readonly answer: FindingAnswer }) {
  const { evidence, finding } = answer;
  const typical = typicalOf(evidence.traces);
  return (
    <section class="card evidence" aria-labelledby="evidence-title">
      <header>
        <h2 id="evidence-title">Evidence</h2>
        <span class="muted">{supportWords(evidence)}</span>
        <span class="space" />
        {ABOUT_POOLS.includes(finding.kind) && (
          <a class="link" href={linkTo(poolPath(finding))}>
            Connections ›
          </a>
        )}
      </header>
      {typical && <Strip answer={answer} traceId={typical.traceId} />}
      <Counts answer={answer} />
      <Traces answer={answer} />
    </section>
  );
}

/** With the middle count: neither the shortest run nor the longest. */
function typicalOf(
  traces: FindingAnswer['evidence']['traces'],
): FindingAnswer['evidence']['traces'][number] | undefined {
  return traces.toSorted((a, b) => a.count - b.count)[traces.length >> 1];
}

function supportWords({ requests, lookedAt }: FindingAnswer['evidence']): string {
  return requests === lookedAt
    ? `${formatCount(requests)} requests, all that were looked at`
    : `${formatCount(requests)} of ${formatCount(lookedAt)} requests that were looked at`;
}

/** A strip with more would be a wall. */
const MOST_IN_STRIP = 200;

function Strip({ answer, traceId }: { readonly answer: FindingAnswer; readonly traceId: string }) {
  const { value } = useTrace(traceId);
  // The place stays free until the trace is there.
  if (value === undefined) return <div class="strip-place" />;
  const { operations, isMeant, meant } = shownIn(value, answer);
  if (operations.length === 0) return null;
  const { fromUs, toUs } = stripSpan(meant.length > 0 ? meant : operations);
  const sequence = counted(meant.length, 'call');
  return (
    <figure class="strip-place">
      <figcaption>
        <a class="link" href={linkTo(`/trace/${traceId}`)}>
          One request
        </a>
        {meant.length > 0
          ? `, its ${sequence} in order, ${formatDuration(toUs - fromUs)} in all`
          : `, its ${counted(operations.length, 'call')} in order`}
      </figcaption>
      <div class="chart strip">
        <Chart
          label={`${sequence} of one request; each begins lower than the one before. The trace has them as rows.`}
          draw={(context, paint, width, height) =>
            drawStrip(context, paint, width, height, { operations, isMeant })
          }
        />
      </div>
    </figure>
  );
}

/** The calls of a loop alone; of anything else all calls beside it. */
function shownIn({ operations }: TraceData, { finding }: FindingAnswer) {
  const isSame = (operation: TraceOperation) => isAbout(finding, operation);
  const meant = firstOf(operations, isSame);
  if (meant.length > 2) return { operations: meant, isMeant: () => true, meant };
  const requests = new Set(meant.map(({ request }) => request));
  const beside = firstOf(operations, ({ request }) => requests.size === 0 || requests.has(request));
  // When no call is meant (a loop is blocked by code), none is less than the others.
  return { operations: beside, isMeant: meant.length === 0 ? () => true : isSame, meant };
}

/** As many as a strip holds. */
function firstOf(
  operations: TraceOperations,
  isMeant: (operation: TraceOperation) => boolean,
): TraceOperation[] {
  const found: TraceOperation[] = [];
  for (let index = 0; index < operations.length && found.length < MOST_IN_STRIP; index++) {
    const operation = operations.at(index);
    if (operation !== undefined && isMeant(operation)) found.push(operation);
  }
  return found;
}

function Counts({ answer }: { readonly answer: FindingAnswer }) {
  const { countName, counts } = answer.evidence;
  const bars = countBars(counts);
  if (bars === undefined || counts.length < 2) return null;
  const { mean, p95, most } = bars;
  const words = `${formatRate(mean)} on average, ${formatCount(p95)} at p95, ${formatCount(most)} at most`;
  return (
    <figure class="strip-place">
      <figcaption>
        <span class="first-letter">{countName}</span> per request: {words}
      </figcaption>
      <div class="chart counts">
        <Chart
          label={`${countName} per request: ${words}`}
          draw={(context, paint, width, height) =>
            drawCountBars(context, paint, width, height, bars, CategoryIndex[answer.category])
          }
        />
      </div>
    </figure>
  );
}

function Traces({ answer }: { readonly answer: FindingAnswer }) {
  const { traces, countName } = answer.evidence;
  const hasCounts = traces.some(({ count }) => count > 0);
  if (traces.length === 0) return <p class="card-note">The requests that showed it are no longer stored.</p>;
  return (
    <table class="table compact">
      <thead>
        <tr>
          <th scope="col">Request</th>
          {hasCounts && (
            <th scope="col" class="numeric">
              <abbr title={countName}>Count</abbr>
            </th>
          )}
          <th scope="col" class="numeric">
            Duration
          </th>
          <th scope="col" class="column-bar">
            Where it went
          </th>
        </tr>
      </thead>
      <tbody>
        {traces.map((trace) => {
          const path = linkTo(`/trace/${trace.traceId}`);
          return (
            <tr key={trace.traceId} class="is-link" data-row onClick={(event) => openUnlessLink(event, path)}>
              <td class="nowrap">
                <a class="mono" href={path} title={`${trace.method} ${trace.route}, trace ${trace.traceId}`}>
                  {trace.traceId.slice(0, 8)}…
                </a>{' '}
                <span class="muted" title={fullTime(trace.at)}>
                  {clock(trace.at)}
                </span>
              </td>
              {hasCounts && <td class="numeric strong">{formatCount(trace.count)}</td>}
              <td class="numeric">
                <Duration us={trace.durationUs} />
              </td>
              <td class="column-bar">
                <StackBar parts={trace.categories} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
