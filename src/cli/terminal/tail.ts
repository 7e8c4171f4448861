// Why slow requests of an endpoint are slow. In: the answer's parts. Out: lines, none when nothing can be said.

import type { EndpointName, SlowFact, TailGap } from '../../answer/api.ts';
import { formatDuration, formatSignedDuration, formatWholeShare } from '../../base/numbers.ts';
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
  if (tail === undefined || tail.parts.length + tail.inCommon.length === 0) return [];
  const { slowUs, typicalUs, parts, restUs, inCommon } = tail;
  const head = `Slow ones (from p95 up) take ${ms(slowUs)} instead of ${ms(typicalUs)}:`;
  const line = (us: number, text: string) =>
    `  ${right(formatSignedDuration(us), DIFFERENCE_COLUMNS)}  ${cut(safe(text), traits.width - DIFFERENCE_COLUMNS - 4)}`;
  /** The reason says more than the end of a statement. */
  const room = (why: string) => Math.max(LEAST_TITLE, traits.width - DIFFERENCE_COLUMNS - 6 - widthOf(why));
  return [
    `  ${paint.weak(head)}`,
    ...parts.map(({ us, title, why }) => line(us, `${cut(safe(title), room(why))}: ${why}`)),
    paint.weak(line(restUs, 'everything else together')),
    ...inCommon.map((fact) => `  ${cut(safe(factWords(fact)), traits.width - 2)}`),
  ];
}

/** `80% of them while 8 or more others were under way in their process (of typical ones: 12%)`. */
function factWords({ title, slowShare, typicalShare, time }: SlowFact): string {
  const when = time === undefined ? title : `within ${formatDuration((time.to - time.from) * 1000)}`;
  return `${formatWholeShare(slowShare)} of them ${when} (of typical ones: ${formatWholeShare(typicalShare)})`;
}

function ms(us: number): string {
  return formatDuration(Math.round(us));
}
