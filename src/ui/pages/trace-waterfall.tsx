// The waterfall: overview, ruler, rows. Rows in sight are DOM (a tree for the keyboard and screen readers), bars one canvas.
// In: the state of the trace page. Out: that state changed by pointer and wheel. Drawing is in canvas/, once per frame.

import { effect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { formatDuration } from '../../base/numbers.ts';
import { ROW_PX } from '../canvas/scene.ts';
import { hasModifier } from '../state/address.ts';
import { theme } from '../state/theme.ts';
import type { TraceView } from '../state/trace-view.ts';
import { Divider } from './trace-divider.tsx';
import { Find } from './trace-find.tsx';
import { dragMinimap, dragRuler, dragWaterfall } from './trace-pointer.ts';
import { Stage } from './trace-stage.ts';
import { Rows } from './trace-rows.tsx';

export function Waterfall({ view }: { readonly view: TraceView }) {
  const stage = useMemo(() => new Stage(view), [view]);
  const scroller = useRef<HTMLDivElement>(null);
  const overview = useRef<HTMLCanvasElement>(null);
  const ruler = useRef<HTMLCanvasElement>(null);
  const bars = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!overview.current || !ruler.current || !bars.current || !scroller.current) return undefined;
    return stage.attach({ overview: overview.current, ruler: ruler.current, bars: bars.current });
  }, [stage]);
  useEffect(() => (scroller.current ? followScroll(scroller.current, view) : undefined), [view]);
  useEffect(() => effect(() => (void theme.value, stage.forgetPaint())), [stage]);
  const rowCount = view.rows.value.nodes.length;
  return (
    <>
      <div class="overview">
        <div class="corner with-find">
          <span>
            <span class="muted">{view.isUnderWay ? 'So far' : 'Whole trace'}</span>
            {formatDuration(view.answer.durationUs)}
          </span>
          {!view.isUnderWay && <Find view={view} />}
        </div>
        <canvas
          ref={overview}
          role="img"
          aria-label="Overview of the whole trace. Drag to move the visible window."
          onPointerDown={(event) => dragMinimap(event, view)}
        />
      </div>
      <div class="ruler">
        <div class="corner muted">Service and operation</div>
        <canvas
          ref={ruler}
          aria-hidden="true"
          title="Drag to measure a stretch of time"
          onPointerDown={(event) => dragRuler(event, view)}
        />
      </div>
      <div class="rows">
        <Divider />
        <canvas
          ref={bars}
          role="img"
          aria-label="Bars of the operations in the rows. The rows hold the same as text; t opens a table."
        />
        <div
          ref={scroller}
          class="scroller"
          role="tree"
          tabIndex={0}
          aria-label="Operations"
          aria-activedescendant={view.selected.value >= 0 ? `node-${view.selected.value}` : undefined}
          onScroll={(event) => (view.scrollTop.value = event.currentTarget.scrollTop)}
          onPointerDown={(event) => dragWaterfall(event, view, stage)}
          onDblClick={() => view.fitSelected()}
        >
          <div class="spacer" style={{ height: `${rowCount * ROW_PX + 8}px` }} />
          <Rows view={view} />
        </div>
      </div>
    </>
  );
}

/** Size, the row that an action wants in sight, and zooming with the wheel. */
function followScroll(scroller: HTMLElement, view: TraceView): () => void {
  const size = new ResizeObserver(() => (view.height.value = scroller.clientHeight));
  size.observe(scroller);
  scroller.scrollTop = view.firstRow * ROW_PX;
  const stop = effect(() => bringIntoSight(scroller, view.wanted.value));
  const onWheel = (event: WheelEvent) => wheel(event, scroller, view);
  scroller.addEventListener('wheel', onWheel, { passive: false });
  return () => {
    size.disconnect();
    stop();
    scroller.removeEventListener('wheel', onWheel);
  };
}

function bringIntoSight(scroller: HTMLElement, row: number | undefined): void {
  if (row === undefined || row < 0) return;
  const top = row * ROW_PX;
  const lowest = top + ROW_PX - scroller.clientHeight;
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  else if (lowest > scroller.scrollTop) scroller.scrollTop = lowest;
}

/** A notch of a wheel is about 100 px: 15 % of the window. */
const ZOOM_PER_PX = 1.0014;
const PAN_PER_PX = 1 / 900;

/** Wheel scrolls; with ctrl or ⌘ it zooms at the pointer, with shift it moves. */
function wheel(event: WheelEvent, scroller: HTMLElement, view: TraceView): void {
  if (hasModifier(event)) {
    event.preventDefault();
    view.zoom(ZOOM_PER_PX ** event.deltaY, timeUnder(event.clientX, scroller, view));
  } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
    event.preventDefault();
    view.pan((event.deltaX || event.deltaY) * PAN_PER_PX);
  }
}

function timeUnder(clientX: number, scroller: HTMLElement, view: TraceView): number {
  const canvas = scroller.parentElement?.querySelector('canvas');
  const { left, width } = (canvas ?? scroller).getBoundingClientRect();
  const { from, to } = view.window.value;
  return from + ((clientX - left) / Math.max(1, width)) * (to - from);
}
