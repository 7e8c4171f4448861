// Dragging on the waterfall, the ruler and the overview. In: where a press begins. Out: the window of the trace page changed.

import { minimapHandle, minimapTime } from '../canvas/minimap-scale.ts';
import { ROW_PX } from '../canvas/scene.ts';
import type { TraceView } from '../state/trace-view.ts';
import type { Stage } from './trace-stage.ts';

/** A press that moves less is a click. */
const CLICK_PX = 3;

type DragEvent = PointerEvent & { readonly currentTarget: HTMLElement };

/** Calls `move` with the pixels since the press until the pointer is released, then `release`. */
function drag(
  event: DragEvent,
  move: (dx: number, dy: number) => void,
  release?: (hasMoved: boolean) => void,
): void {
  const target = event.currentTarget;
  const { clientX, clientY, pointerId } = event;
  let hasMoved = false;
  const onMove = (next: PointerEvent) => {
    const [dx, dy] = [next.clientX - clientX, next.clientY - clientY];
    if (!hasMoved && Math.hypot(dx, dy) <= CLICK_PX) return;
    if (!hasMoved) target.setPointerCapture(pointerId);
    hasMoved = true;
    move(dx, dy);
  };
  const onEnd = () => {
    target.removeEventListener('pointermove', onMove);
    release?.(hasMoved);
  };
  target.addEventListener('pointermove', onMove);
  target.addEventListener('pointerup', onEnd, { once: true });
  target.addEventListener('pointercancel', onEnd, { once: true });
}

/** Over the bars: pan both ways. A click selects the row, and brings its bar into sight. Names have their own click. */
export function dragWaterfall(event: DragEvent, view: TraceView, stage: Stage): void {
  const scroller = event.currentTarget;
  if (event.button !== 0 || (event.target instanceof Element && event.target.closest('.row'))) return;
  const { top } = scroller.getBoundingClientRect();
  const before = view.window.value;
  const scrolled = scroller.scrollTop;
  const row = Math.floor((event.clientY - top + scrolled) / ROW_PX);
  const move = (dx: number, dy: number) => {
    const us = (dx / Math.max(1, stage.width)) * (before.to - before.from);
    view.window.value = { from: before.from - us, to: before.to - us };
    scroller.scrollTop = scrolled - dy;
  };
  drag(event, move, (hasMoved) => {
    const node = view.rows.value.nodes[row];
    if (hasMoved || node === undefined) return;
    view.select(node);
    view.reveal(node);
  });
}

/** On the ruler: the dragged range is measured; a click ends that. */
export function dragRuler(event: DragEvent, view: TraceView): void {
  const { left, width } = event.currentTarget.getBoundingClientRect();
  const { from, to } = view.window.value;
  const timeAt = (x: number) => from + ((x - left) / Math.max(1, width)) * (to - from);
  const start = event.clientX;
  drag(
    event,
    (dx) => {
      const range = ordered(timeAt(start), timeAt(start + dx));
      if (range.to > range.from) view.measured.value = range;
    },
    (hasMoved) => {
      if (!hasMoved) view.measured.value = undefined;
    },
  );
}

/** On the overview: move the frame, pull one of its sides, or draw a new one. */
export function dragMinimap(event: DragEvent, view: TraceView): void {
  const { left, width } = event.currentTarget.getBoundingClientRect();
  const { durationUs } = view.answer;
  const before = view.window.value;
  const x = event.clientX - left;
  const timeAt = (dx: number) => minimapTime(x + dx, durationUs, width);
  const handle = minimapHandle(x, before, durationUs, width);
  const windows = {
    from: (us: number) => ordered(us, before.to),
    to: (us: number) => ordered(before.from, us),
    outside: (us: number) => ordered(timeAt(0), us),
    inside: (us: number) => ({ from: before.from + us - timeAt(0), to: before.to + us - timeAt(0) }),
  };
  drag(event, (dx) => {
    const window = windows[handle](timeAt(dx));
    if (window.to - window.from > 1) view.window.value = window;
  });
}

function ordered(a: number, b: number) {
  return { from: Math.min(a, b), to: Math.max(a, b) };
}
