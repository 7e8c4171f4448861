// Above the waterfall: where we are, the facts of the request, its time by category, the answer.

import { formatCount, formatDuration } from '../../base/numbers.ts';
import { copy } from '../state/toast.ts';
import { StackBar } from '../parts/stack-bar.tsx';
import { Sentence } from '../parts/text.tsx';
import { endpointPath, linkTo } from '../state/address.ts';
import { clock, fullTime } from '../state/range.ts';
import { isSaved } from '../state/saved.ts';
import type { TraceData } from '../state/trace-data.ts';
import type { TraceView } from '../state/trace-view.ts';
import { FindingChips } from './trace-beyond.tsx';
import { CompareButton } from './trace-typical.tsx';

export function TraceHead({ view }: { readonly view: TraceView }) {
  const { answer } = view;
  const [root] = answer.requests;
  if (root === undefined) return null;
  const { service, method, route } = root;
  return (
    <header class="trace-head">
      <nav class="crumbs" aria-label="Where this is">
        <a href={linkTo('/')}>Time</a>›
        <a href={linkTo(endpointPath({ service, method, route }))}>
          {method} {route}
        </a>
        ›<span aria-current="page">Trace</span>
      </nav>
      <div class="line">
        <h1>
          <span class="method">{method}</span>
          {route}
        </h1>
        <Facts answer={answer} />
        <span class="space" />
        <span class="whole" title={`Adds up to ${formatDuration(answer.durationUs)}`}>
          <StackBar parts={answer.categories} />
        </span>
        <CompareButton view={view} />
        <Neighbours answer={answer} />
      </div>
      <div class="answer-line">
        <p class="answer" role="status">
          <Sentence words={answer.sentence} />
        </p>
        <FindingChips view={view} />
      </div>
      <Remarks answer={answer} />
    </header>
  );
}

function Facts({ answer }: { readonly answer: TraceData }) {
  const { id, at, durationUs, requests, operations } = answer;
  const services = new Set(requests.map(({ service }) => service)).size;
  const [root] = requests;
  return (
    <div class="facts-line">
      <b>{formatDuration(durationUs)}</b>
      {root && (
        <span class={root.isError ? 'error' : ''}>
          {root.isError && '✕ '}
          {root.status || 'no answer'}
        </span>
      )}
      <span title={fullTime(at)}>{clock(at)}</span>
      <span>
        {services} service{services === 1 ? '' : 's'}
      </span>
      <span>
        {formatCount(operations.length)} operation{operations.length === 1 ? '' : 's'}
      </span>
      <button
        type="button"
        class="mono plain"
        title="Copy the trace id"
        onClick={() => void copy(id, 'Trace id copied')}
      >
        {id.slice(0, 12)}…
      </button>
      {!isSaved && (
        <a
          class="muted"
          href={`/api/trace/${encodeURIComponent(id)}`}
          download={`trace-${id}.json`}
          title="Save the whole trace as JSON"
        >
          JSON
        </a>
      )}
      {!isSaved && (
        <a
          class="muted"
          href={`/api/export?format=perfetto&trace=${encodeURIComponent(id)}`}
          download={`trace-${id}-perfetto.json`}
          title="Save the trace for ui.perfetto.dev, chrome://tracing or speedscope"
        >
          Perfetto
        </a>
      )}
    </div>
  );
}

/** The next slower and the next faster request of the same endpoint. */
function Neighbours({ answer: { slower, faster } }: { readonly answer: TraceData }) {
  return (
    <span class="segmented" role="group" aria-label="Same endpoint">
      <Neighbour id={slower} name="Next slower trace" sign="‹" />
      <Neighbour id={faster} name="Next faster trace" sign="›" />
    </span>
  );
}

interface NeighbourProps {
  readonly id: string;
  readonly name: string;
  readonly sign: string;
}

function Neighbour({ id, name, sign }: NeighbourProps) {
  if (id === '')
    return (
      <span aria-disabled="true" title={`${name}: there is none`}>
        {sign}
      </span>
    );
  return (
    <a href={linkTo(`/trace/${id}`)} aria-label={name} title={name}>
      {sign}
    </a>
  );
}

/** What is known not to be quite as it looks. */
function Remarks({ answer }: { readonly answer: TraceData }) {
  const remarks = remarksOf(answer);
  if (remarks.length === 0) return null;
  return (
    <p class="remarks">
      <span aria-hidden="true">▲</span> {remarks.join(' ')}
    </p>
  );
}

function remarksOf({ requests, operations, isCut }: TraceData): string[] {
  const shifted = new Map<string, number>();
  for (const { service, clockShiftUs } of requests)
    if (Math.abs(clockShiftUs) > Math.abs(shifted.get(service) ?? 0)) shifted.set(service, clockShiftUs);
  const unfinished = operations.count((index) => operations.text('outcome', index) === 'unfinished');
  return [
    ...[...shifted].map(
      ([service, us]) => `The clock of ${service} was adjusted by ${formatDuration(Math.abs(us))}.`,
    ),
    ...(unfinished === 0
      ? []
      : [
          `${formatCount(unfinished)} operation${unfinished === 1 ? '' : 's'} did not finish while watched: the right end is open.`,
        ]),
    ...(isCut ? [`Only the first ${formatCount(operations.length)} operations are shown.`] : []),
  ];
}
