// Exclusive attribution: every microsecond of a request belongs to one piece of an operation or to a gap.
// In: the request's start and end, and the pieces of time its operations took (whole µs, one clock). Out: segments that tile
// [start, end] without gap or overlap, in time order, and what became of each piece.
// The rule is the last finisher, walked backwards: what ended last released what came after. See docs/decisions/0003.
// Not here: kinds of time (vector.ts), what happened inside gaps (gap.ts).

/** A stretch of time in which an operation was outstanding. `owner` is the caller's index of that operation. */
export interface Piece {
  readonly owner: number;
  readonly startUs: number;
  readonly endUs: number;
}

/** `owner` is -1 for a gap: no piece was blocking, the request's own process had the ball. */
export interface Segment {
  readonly owner: number;
  readonly startUs: number;
  readonly endUs: number;
}

/**
 * Tiles [startUs, endUs]. Pieces that end after `endUs` cannot have been waited for (same process): they are left out, and
 * so are pieces overlapped by later finishers (in parallel). Independent of the order of `pieces`. O(n log n).
 */
export function attribute(startUs: number, endUs: number, pieces: readonly Piece[]): Segment[] {
  const candidates = pieces.filter((piece) => canBlock(piece, startUs, endUs)).toSorted(byEndThenLongestLast);
  const backwards: Segment[] = [];
  let t = endUs;
  while (t > startUs) {
    const last = popEndingBy(candidates, t);
    const released = last === undefined ? startUs : last.endUs;
    if (released < t) backwards.push({ owner: -1, startUs: released, endUs: t });
    if (last === undefined) break;
    t = Math.max(last.startUs, startUs);
    if (t < last.endUs) backwards.push({ owner: last.owner, startUs: t, endUs: last.endUs });
  }
  return backwards.toReversed();
}

function canBlock(piece: Piece, startUs: number, endUs: number): boolean {
  return piece.endUs <= endUs && piece.endUs > startUs && piece.startUs < piece.endUs;
}

/** Popped from the end: the last finisher first, and of those that finished together the one that took longest. */
function byEndThenLongestLast(a: Piece, b: Piece): number {
  return a.endUs - b.endUs || b.startUs - a.startUs || b.owner - a.owner;
}

/** Removes and returns the last piece that ended at or before `t`; those that ended later overlap time already explained. */
function popEndingBy(candidates: Piece[], t: number): Piece | undefined {
  let last = candidates.pop();
  while (last !== undefined && last.endUs > t) last = candidates.pop();
  return last;
}
