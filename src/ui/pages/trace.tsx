// What happened in one request: head, waterfall, time by operation, details. In: the id of a trace.

import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { UnderWayAnswer } from '../../answer/api.ts';
import { formatCount } from '../../base/numbers.ts';
import { PhaseIndex } from '../../model/row.ts';
import { PHASE_COUNT } from '../canvas/bar-data.ts';
import { lengthUs } from '../canvas/rows.ts';
import { Failure, Skeleton } from '../parts/loading.tsx';
import { usePageTitle } from '../parts/shell.tsx';
import { KeyCap } from '../parts/text.tsx';
import { linkTo, setParameters } from '../state/address.ts';
import { useAnswer } from '../state/answers.ts';
import { openEditor } from '../state/editor.ts';
import { useKeys } from '../state/keyboard.ts';
import { namesPx } from '../state/names-width.ts';
import { useTrace, type TraceData } from '../state/trace-data.ts';
import { TraceView } from '../state/trace-view.ts';
import { FindingsOfTrace } from './trace-beyond.tsx';
import { ByOperation } from './trace-by-operation.tsx';
import { Details } from './trace-details.tsx';
import { TraceHead } from './trace-head.tsx';
import { copyRow } from './trace-facts.tsx';
import { focusFind } from './trace-find.tsx';
import { Toolbar } from './trace-toolbar.tsx';
import { Waterfall } from './trace-waterfall.tsx';
import { TraceUnderWay } from './trace-under-way.tsx';

const NOT_FOUND = 404;

export function Trace({ id }: { readonly id: string }) {
  const load = useTrace(id);
  usePageTitle('Trace');
  if (load.failureStatus === NOT_FOUND) return <NotStored id={id} retry={load.retry} />;
  if (load.failure !== undefined) return <Failure what="The trace did not come." load={load} />;
  if (load.value === undefined || load.isStale) return <Skeleton heights={[28, 20, 60, 420]} />;
  return <TracePage key={load.value.id} answer={load.value} />;
}

const LOOK_AGAIN_MS = 1000;
/** It is stored within a second or two after its end, or never. */
const MOST_LOOKS = 10;

/** It may be under way: looked for again until it is stored. */
function NotStored({ id, retry }: { readonly id: string; readonly retry: () => void }) {
  const load = useAnswer<UnderWayAnswer>(`/api/under-way?trace=${encodeURIComponent(id)}`);
  const looksLeft = useRef(0);
  const isUnderWay = (load.value?.requests.length ?? 0) > 0;
  if (isUnderWay) looksLeft.current = MOST_LOOKS;
  useEffect(() => {
    if (looksLeft.current === 0) return undefined;
    const timer = setTimeout(() => {
      looksLeft.current--;
      load.retry();
      retry();
    }, LOOK_AGAIN_MS);
    return () => clearTimeout(timer);
  });
  if (load.value === undefined && load.failure === undefined) return <Skeleton heights={[28, 20, 60]} />;
  if (load.value !== undefined && isUnderWay) return <TraceUnderWay answer={load.value} />;
  return looksLeft.current > 0 ? <Skeleton heights={[28, 20, 60, 420]} /> : <Gone />;
}

function Gone() {
  return (
    <section class="card panel">
      <h1 class="title">
        <b>This request is no longer stored.</b> Old requests make room for new ones.
      </h1>
      <a class="link" href={linkTo('/traces')}>
        See the stored requests ›
      </a>
    </section>
  );
}

const STATE_OF_TRACE = ['op', 'z', 'm', 'find', 'y', 'open', 'crit', 'cmp', 'min', 'as'];

function TracePage({ answer }: { readonly answer: TraceData }) {
  const view = useMemo(() => new TraceView(answer), [answer]);
  useEffect(() => {
    const stop = view.follow();
    return () => {
      stop();
      setParameters(Object.fromEntries(STATE_OF_TRACE.map((name) => [name, undefined])));
    };
  }, [view]);
  useTraceKeys(view);
  return (
    <div class="trace" style={namesPx.value === undefined ? undefined : { '--names': `${namesPx.value}px` }}>
      <TraceHead view={view} />
      <FindingsOfTrace view={view} />
      <section class="waterfall" aria-label="Waterfall">
        <Toolbar view={view} />
        <Waterfall view={view} />
        <ByOperation view={view} />
      </section>
      <Details view={view} />
      <Hints view={view} />
    </div>
  );
}

const ZOOM_IN = 0.7;
const PAN_SHARE = 0.2;

/** A call this long, as a share of the trace, or in line this long, is worth a stop. */
const SLOW_SHARE = 0.05;
const LONG_WAIT_US = 1000;

/** The next call, down or up the rows, that is slow or waited long for a connection. */
function selectSlow(view: TraceView, step: 1 | -1): void {
  const { nodes, rowOf } = view.rows.value;
  const { tree, answer } = view;
  const selected = view.selected.value;
  for (
    let row = (selected < 0 ? -1 : (rowOf[selected] ?? -1)) + step;
    row >= 0 && row < nodes.length;
    row += step
  ) {
    const node = nodes[row] ?? 0;
    const operation = tree.operation[node] ?? -1;
    if (operation < 0) continue;
    const isLong = lengthUs(tree, node) >= answer.durationUs * SLOW_SHARE;
    const waitedUs = view.bars.phasesUs[operation * PHASE_COUNT + PhaseIndex.pool] ?? 0;
    if (isLong || waitedUs >= LONG_WAIT_US) return view.select(node);
  }
}

/** While something is looked for, the next place that has it; else the next slow call. */
function nextOf(view: TraceView, step: 1 | -1): void {
  if (view.matches.value === undefined) selectSlow(view, step);
  else view.selectMatch(step);
}

/** What was done last, first. */
function clearOne(view: TraceView): void {
  if (view.measured.value !== undefined) view.measured.value = undefined;
  else if (view.find.value !== '') view.find.value = '';
  else view.selected.value = -1;
}

function useTraceKeys(view: TraceView): void {
  const { answer } = view;
  const previous = () => view.selectNext(-1);
  const next = () => view.selectNext(1);
  const left = () => view.pan(-PAN_SHARE);
  const right = () => view.pan(PAN_SHARE);
  const fold = () => view.toggle(view.selected.value);
  useKeys({
    j: next,
    k: previous,
    ArrowDown: next,
    ArrowUp: previous,
    w: () => view.zoom(ZOOM_IN),
    s: () => view.zoom(1 / ZOOM_IN),
    a: left,
    d: right,
    ArrowLeft: left,
    ArrowRight: right,
    f: () => view.fitSelected(),
    '0': () => view.fitAll(),
    n: () => nextOf(view, 1),
    p: () => nextOf(view, -1),
    F: focusFind,
    i: () => copyRow(view),
    c: () => (view.criticalOnly.value = !view.criticalOnly.value),
    ' ': fold,
    Enter: fold,
    e: () => openEditor(view.source.value),
    m: () => answer.typical !== '' && (view.isCompared.value = !view.isCompared.value),
    '[': () => view.selectRelative('caller'),
    ']': () => view.selectRelative('callee'),
    t: () => (view.tableShown.value = !view.isTableShown.value),
    Escape: () => clearOne(view),
  });
}

const HINTS = [
  { keys: ['w', 's'], does: 'zoom' },
  { keys: ['a', 'd'], does: 'move' },
  { keys: ['j', 'k'], does: 'select' },
  { keys: ['space'], does: 'fold' },
  { keys: ['n', 'p'], does: 'slow' },
  { keys: ['F'], does: 'find' },
  { keys: ['f', '0'], does: 'fit' },
  { keys: ['c'], does: 'critical path' },
  { keys: ['m'], does: 'typical' },
  { keys: ['e'], does: 'editor' },
  { keys: ['t'], does: 'table' },
] as const;

function Hints({ view }: { readonly view: TraceView }) {
  const rows = view.rows.value.nodes.length;
  return (
    <footer class="hints">
      {HINTS.map(({ keys, does }) => (
        <span key={does}>
          {keys.map((key) => (
            <KeyCap key={key}>{key}</KeyCap>
          ))}{' '}
          {does}
        </span>
      ))}
      <span class="space" />
      <span>
        {formatCount(rows)} rows, {formatCount(view.answer.operations.length)} operations
      </span>
    </footer>
  );
}
