// A small line without axes. In: values in equal slots, -1 for none. Decoration: the numbers stand beside it.

const WIDTH = 84;
const HEIGHT = 20;

interface Point {
  readonly x: number;
  readonly y: number;
  readonly isStart: boolean;
}

export function Sparkline({ values }: { readonly values: readonly number[] }) {
  const points = pointsOf(values);
  const last = points.at(-1);
  const path = points.map(({ x, y, isStart }) => `${isStart ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`);
  return (
    <svg
      class="sparkline"
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      aria-hidden="true"
    >
      <path d={path.join('')} fill="none" stroke="var(--ink-3)" stroke-width="1.25" stroke-linejoin="round" />
      {last && <circle cx={last.x} cy={last.y} r="1.8" fill="var(--ink)" />}
    </svg>
  );
}

/** A slot without value breaks the line. */
function pointsOf(values: readonly number[]): readonly Point[] {
  const top = Math.max(...values) * 1.04 || 1;
  const step = (WIDTH - 4) / Math.max(1, values.length - 1);
  return values.flatMap((value, index) => {
    if (value < 0) return [];
    const y = HEIGHT - 2 - (value / top) * (HEIGHT - 4);
    return [{ x: 2 + index * step, y, isStart: index === 0 || (values[index - 1] ?? -1) < 0 }];
  });
}
