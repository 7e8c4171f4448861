// Brushing the overview of a pool: what a press takes hold of, and the window that a drag or a key makes of it. In: pixels, µs.
// Out: windows in µs since 1970. Pure.

export interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

export type Handle = 'from' | 'to' | 'inside' | 'outside';

/** An edge is this much easier to hit than it is wide. */
const REACH_PX = 5;
/** A frame that is narrower has no edges to pull: it can only be moved. */
const NARROW_PX = 24;

/** `left` and `right`: the edges of the frame, in pixels. */
export function handleAt(x: number, left: number, right: number): Handle {
  const isNarrow = right - left < NARROW_PX;
  if (isNarrow) return x >= left - REACH_PX && x <= right + REACH_PX ? 'inside' : 'outside';
  if (Math.abs(x - left) <= REACH_PX) return 'from';
  if (Math.abs(x - right) <= REACH_PX) return 'to';
  return x > left && x < right ? 'inside' : 'outside';
}

/** The window after a drag from `startUs` to `nowUs`, inside of `range`. */
export function brushed(handle: Handle, before: Span, startUs: number, nowUs: number, range: Span): Span {
  if (handle === 'inside') return within(shifted(before, nowUs - startUs), range);
  const fixed = handle === 'from' ? before.toUs : handle === 'to' ? before.fromUs : startUs;
  return within({ fromUs: Math.min(fixed, nowUs), toUs: Math.max(fixed, nowUs) }, range);
}

/** A press without a drag: the window goes there. */
export function centredAt(before: Span, us: number, range: Span): Span {
  return within(shifted(before, us - (before.fromUs + before.toUs) / 2), range);
}

/** Steps over the whole range by keyboard: as many as the overview has columns. */
const KEY_STEPS = 180;

/** Left and right move the end, with shift the start. undefined: no key of the brush. */
export function movedByKey(
  { key, shiftKey }: Pick<KeyboardEvent, 'key' | 'shiftKey'>,
  before: Span,
  range: Span,
): Span | undefined {
  const step = (range.toUs - range.fromUs) / KEY_STEPS;
  const by = key === 'ArrowLeft' ? -step : key === 'ArrowRight' ? step : 0;
  if (by === 0) return undefined;
  const { fromUs, toUs } = before;
  return shiftKey
    ? { fromUs: Math.max(range.fromUs, Math.min(fromUs + by, toUs)), toUs }
    : { fromUs, toUs: Math.min(range.toUs, Math.max(toUs + by, fromUs)) };
}

function shifted({ fromUs, toUs }: Span, us: number): Span {
  return { fromUs: fromUs + us, toUs: toUs + us };
}

/** Moved back into the range; one that is longer begins with it. */
function within(span: Span, range: Span): Span {
  const late = Math.max(0, span.toUs - range.toUs);
  const moved = shifted(span, -late);
  return shifted(moved, Math.max(0, range.fromUs - moved.fromUs));
}
