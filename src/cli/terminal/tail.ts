// Why slow requests of an endpoint are slow. In: the answer's parts. Out: lines, none when nothing can be said.

import type { EndpointName, TailGap } from '../../answer/api.ts';
import { formatDuration, formatSignedDuration } from '../../base/numbers.ts';
import type { Canvas } from './canvas.ts';
import { cut, right, safe, widthOf } from './text.ts';

/** By `tailKey`. */
export type Tails = ReadonlyMap<string, TailGap>;

export function tailKey({ service, method, route }: EndpointName): string {
  return [service, method, route].join('\n');
}

const DIFFERENCE_COLUMNS = 10;
const LEAST_TITLE = 20;

export function tailLines(tail: TailGap | undefined, { traits, paint }: Canvas): readonly string[] {
  if (tail === undefined || tail.parts.length === 0) return [];
  const { slowUs, typicalUs, parts, restUs } = tail;
  const head = `Slow ones (from p95 up) take ${ms(slowUs)} instead of ${ms(typicalUs)}:`;
  const line = (us: number, text: string) =>
    `  ${right(formatSignedDuration(us), DIFFERENCE_COLUMNS)}  ${cut(safe(text), traits.width - DIFFERENCE_COLUMNS - 4)}`;
  /** The reason says more than the end of a statement. */
  const room = (why: string) => Math.max(LEAST_TITLE, traits.width - DIFFERENCE_COLUMNS - 6 - widthOf(why));
  return [
    `  ${paint.weak(head)}`,
    ...parts.map(({ us, title, why }) => line(us, `${cut(safe(title), room(why))}: ${why}`)),
    paint.weak(line(restUs, 'everything else together')),
  ];
}

function ms(us: number): string {
  return formatDuration(Math.round(us));
}
