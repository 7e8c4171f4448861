// What the details know beyond the trace: how long the same statement takes elsewhere, and the finding that this is part of.

import { useEffect, useState } from 'preact/hooks';
import type { FindingsAnswer, OperationAnswer, TraceOperation } from '../../answer/api.ts';
import type { Finding } from '../../model/finding.ts';
import type { RequestFacts } from '../../model/trace-columns.ts';
import { formatDuration, formatSignedShare } from '../../base/numbers.ts';
import { NodeKind } from '../canvas/rows.ts';
import { Duration } from '../parts/text.tsx';
import { linkTo } from '../state/address.ts';
import { useAnswer } from '../state/answers.ts';
import { findingPath, isAbout, kindName, kindWords } from '../state/finding-words.ts';
import { currentRange, rangeBetween } from '../state/range.ts';
import { isSaved } from '../state/saved.ts';
import { windowAround } from '../state/trace-then.ts';
import type { TraceView } from '../state/trace-view.ts';
import { perMinute } from './home-endpoints.tsx';
import { Fact } from './trace-facts.tsx';

/** Also tells the view where the source is. */
export function Overall({ view, id }: { readonly view: TraceView; readonly id: number }) {
  const { value } = useAnswer<OperationAnswer>(
    `/api/operation/${id}?range=${encodeURIComponent(currentRange())}`,
  );
  useEffect(() => {
    view.source.value = value?.source;
    return () => (view.source.value = undefined);
  }, [view, value]);
  return (
    <Fact name="Everywhere">
      {value && (
        <>
          p50 <Duration us={roundedUs(value.p50Us)} missing="Too few calls: p50 needs 10" />, p95{' '}
          <Duration us={roundedUs(value.p95Us)} missing="Too few calls: p95 needs 100" />,{' '}
          {perMinute(value.calls, value)}
          /min
        </>
      )}
    </Fact>
  );
}

function roundedUs(us: number | undefined): number | undefined {
  return us === undefined ? undefined : Math.round(us);
}

interface HereProps {
  readonly view: TraceView;
  readonly node: number;
  /** The selected call, the first of a run, or the call that asked for a request. */
  readonly operation: TraceOperation | undefined;
}

/** Findings of a large recording take seconds of the same machine: the trace is on the screen first. */
const AFTER_TRACE_MS = 300;
const MOST_CHIPS = 3;

/** Asks for the findings of the recording and gives them to the view. */
export function FindingsOfTrace({ view }: { readonly view: TraceView }) {
  const [isDue, setIsDue] = useState(isTraceShown);
  useEffect(() => {
    if (isDue) return undefined;
    const timer = setTimeout(() => setIsDue((isTraceShown = true)), AFTER_TRACE_MS);
    return () => clearTimeout(timer);
  }, [isDue]);
  return isDue ? <Ask view={view} /> : null;
}

/** Once: whoever walks from trace to trace does not wait. */
let isTraceShown = false;

function Ask({ view }: { readonly view: TraceView }) {
  const { value } = useAnswer<FindingsAnswer>(`/api/findings?range=${encodeURIComponent(currentRange())}`);
  useEffect(() => {
    if (value !== undefined) view.findings.value = value.findings;
  }, [view, value]);
  return null;
}

/** What the whole trace is evidence of: links, the largest first. */
export function FindingChips({ view }: { readonly view: TraceView }) {
  const found = view.findingsIn.value;
  if (found.length === 0) return null;
  return (
    <span class="finding-chips">
      {found.slice(0, MOST_CHIPS).map((finding) => (
        <a class="chip accent" key={finding.id} href={linkTo(findingPath(finding.id))} title={finding.title}>
          {kindName(finding)} <b>{formatSignedShare(-finding.share)}</b>
        </a>
      ))}
      {found.length > MOST_CHIPS && (
        <a class="muted" href={linkTo('/findings')}>
          {found.length - MOST_CHIPS} more
        </a>
      )}
    </span>
  );
}

export function FindingHere({ view, node, operation }: HereProps) {
  const found = view.findings.value.find((finding) => isHere(finding, view, node, operation));
  if (found === undefined) return null;
  return (
    <a class="finding-card" href={linkTo(findingPath(found.id))}>
      <span class="head">
        <span class="medium">{found.title}</span>
        <b class="gain">{formatSignedShare(-found.share)}</b>
      </span>
      <span class="muted">
        {kindWords(found)}: about {formatDuration(Math.round(found.saving.meanUs))} of each request of{' '}
        {found.effects[0]?.method} {found.effects[0]?.route}
      </span>
    </a>
  );
}

/** About this call; or, of a request that shows it, about the request itself. */
function isHere(
  finding: Finding,
  { answer, tree }: TraceView,
  node: number,
  operation: TraceOperation | undefined,
): boolean {
  if (tree.kind[node] !== NodeKind.request) return operation !== undefined && isAbout(finding, operation);
  const request = answer.requests[tree.request[node] ?? -1];
  const { service, method, route } = finding.endpoint;
  return (
    finding.kind === 'blocked-loop' &&
    request?.service === service &&
    request.method === method &&
    request.route === route
  );
}

interface PoolThenProps {
  readonly view: TraceView;
  readonly service: string;
  readonly operation: TraceOperation;
}

/** Who else used the connections, or stood in line for one, while this call did. */
export function PoolThen({ view, service, operation }: PoolThenProps) {
  const { connection, dependency, startUs, durationUs } = operation;
  if (isSaved || connection === 0 || dependency === '') return null;
  const path = `/connections/${encodeURIComponent(service)}/${encodeURIComponent(dependency)}`;
  return (
    <>
      {', '}
      <a class="link" href={linkTo(path, { w: windowAround(view.answer, startUs, durationUs) })}>
        the pool then ›
      </a>
    </>
  );
}

/** What could keep the event loop busy: requests that began while this one ran. */
export function Meanwhile({ view, request }: { readonly view: TraceView; readonly request: RequestFacts }) {
  if (isSaved) return null;
  const from = view.answer.at + request.startUs / 1000;
  const range = rangeBetween(from, from + request.durationUs / 1000);
  return (
    <Fact name="Meanwhile">
      <a class="link" href={linkTo('/traces', { range, sort: '-at' })}>
        requests that began in this time ›
      </a>
    </Fact>
  );
}
