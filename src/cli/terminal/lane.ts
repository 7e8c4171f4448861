// A stretch of time in a line of text. In: segments in µs, the time of the whole line, its width. Out: one glyph for each column, which says
// what most of that column's time was. Not here: which segments a row has (trace.ts).

import type { CategoryKey } from '../../model/category.ts';
import { glyphOf } from './bar.ts';
import type { Paint } from './paint.ts';

export interface Segment {
  readonly startUs: number;
  readonly lengthUs: number;
  readonly key: CategoryKey;
}

/** Segments are drawn over `lane`, which is '' for empty columns or the stretch of a request. The shortest has one glyph. */
export function laneOf(
  segments: readonly Segment[],
  lane: Segment | undefined,
  totalUs: number,
  width: number,
  paint: Paint,
): string {
  const columnUs = Math.max(1, totalUs) / width;
  const covered = new Float64Array(width);
  const keys: (CategoryKey | undefined)[] = Array.from({ length: width }, () => undefined);
  for (const { startUs, lengthUs, key } of segments) {
    if (lengthUs <= 0) continue;
    const first = Math.min(width - 1, Math.max(0, Math.floor(startUs / columnUs)));
    const last = Math.min(width - 1, Math.max(first, Math.ceil((startUs + lengthUs) / columnUs) - 1));
    for (let column = first; column <= last; column++) {
      const from = Math.max(startUs, column * columnUs);
      const part = Math.min(startUs + lengthUs, (column + 1) * columnUs) - from;
      if (keys[column] !== undefined && part <= (covered[column] ?? 0)) continue;
      covered[column] = part;
      keys[column] = key;
    }
  }
  return painted(keys, (column) => isIn(lane, (column + 0.5) * columnUs), paint);
}

function isIn(lane: Segment | undefined, us: number): boolean {
  return lane !== undefined && us >= lane.startUs && us <= lane.startUs + lane.lengthUs;
}

/** Columns of one colour become one piece. */
function painted(
  keys: readonly (CategoryKey | undefined)[],
  isLane: (column: number) => boolean,
  paint: Paint,
): string {
  const kinds = keys.map((key, column) => key ?? (isLane(column) ? 'lane' : 'empty'));
  let text = '';
  for (let at = 0; at < kinds.length;) {
    const kind = kinds[at];
    const change = kinds.findIndex((each, column) => column > at && each !== kind);
    const end = change < 0 ? kinds.length : change;
    text += pieceOf(kind ?? 'empty', end - at, paint);
    at = end;
  }
  return text;
}

function pieceOf(kind: CategoryKey | 'lane' | 'empty', length: number, paint: Paint): string {
  if (kind === 'empty') return ' '.repeat(length);
  return kind === 'lane' ? paint.weak('·'.repeat(length)) : paint.tone(kind, glyphOf(kind).repeat(length));
}
