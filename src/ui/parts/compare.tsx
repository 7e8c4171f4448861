// Two mean requests beside each other: two bars on one scale, then what differs, largest first; the rows add up to the bars.

import { CATEGORIES } from '../../model/category.ts';
import { formatRate, formatSignedDuration } from '../../base/numbers.ts';
import { StackBar, total } from './stack-bar.tsx';
import { Duration, Swatch } from './text.tsx';

export interface Compared {
  readonly name: string;
  readonly note: string;
  /** µs by category. */
  readonly parts: readonly number[];
  readonly operations: number;
}

interface CompareProps {
  readonly first: Compared;
  readonly second: Compared;
  /** `Slow requests spend`. */
  readonly caption: string;
}

/** Less of a category is not worth a row; the bars still have it. */
const SMALLEST_US = 30;
/** From this share of the largest difference on, it stands out. */
const LARGE_SHARE = 0.3;

export function Compare({ first, second, caption }: CompareProps) {
  const max = Math.max(total(first.parts), total(second.parts), 1);
  const rows = differences(first.parts, second.parts);
  const largest = Math.max(1, ...rows.map(({ difference }) => Math.abs(difference)));
  return (
    <div class="compare">
      {[first, second].map((each) => (
        <div class="compared" key={each.name}>
          <span class="who">
            <b>{each.name}</b>
            {each.note}
          </span>
          <StackBar parts={each.parts} max={max} />
          <b class="numeric">
            <Duration us={Math.round(total(each.parts))} />
          </b>
        </div>
      ))}
      <table class="differences">
        <thead>
          <tr>
            <th scope="col">{caption}</th>
            <th scope="col">{first.name}</th>
            <th scope="col">{second.name}</th>
            <th scope="col" class="column-difference">
              Difference
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, name, from, to, difference }) => (
            <tr key={key}>
              <td>
                <span class="with-swatch">
                  <Swatch category={key} />
                  {name}
                </span>
              </td>
              <td class="numeric muted">
                <Duration us={Math.round(from)} />
              </td>
              <td class="numeric">
                <Duration us={Math.round(to)} />
              </td>
              <td>
                <span class="difference">
                  <span>
                    <i class={`k-${key}`} style={{ width: `${(Math.abs(difference) / largest) * 100}%` }} />
                  </span>
                  <span class={`numeric ${Math.abs(difference) / largest > LARGE_SHARE ? 'strong' : ''}`}>
                    {formatSignedDuration(difference)}
                  </span>
                </span>
              </td>
            </tr>
          ))}
          <tr class="sum">
            <td class="muted">Operations per request</td>
            <td class="numeric muted">{formatRate(first.operations)}</td>
            <td class="numeric">{formatRate(second.operations)}</td>
            <td class="numeric strong">{timesMore(first.operations, second.operations)}</td>
          </tr>
        </tbody>
      </table>
    </div>
  );
}

/** Largest difference first. */
export function differences(first: readonly number[], second: readonly number[]) {
  return CATEGORIES.map(({ key, name, phrase }, index) => {
    const from = first[index] ?? 0;
    const to = second[index] ?? 0;
    return { key, name, phrase, from, to, difference: to - from };
  })
    .filter(({ from, to }) => from >= SMALLEST_US || to >= SMALLEST_US)
    .toSorted((a, b) => b.difference - a.difference);
}

function timesMore(from: number, to: number): string {
  return from === 0 || to === 0 ? '' : `× ${(to / from).toFixed(1)}`;
}
