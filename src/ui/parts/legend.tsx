// The colours that bars have, by name. In: time by category. Out: those that can be seen.

import { CATEGORIES } from '../../model/category.ts';
import { Swatch } from './text.tsx';

const SHORT_NAMES: Readonly<Record<string, string>> = {
  conn: 'Connect',
  http: 'HTTP',
  ext: 'External',
  other: 'Other',
};

/** Less of a category is hardly a pixel. */
const SMALLEST_SHARE = 0.002;

interface LegendProps {
  readonly parts: readonly number[];
  /** What the parts add up to. */
  readonly ofUs: number;
}

export function Legend({ parts, ofUs }: LegendProps) {
  const shown = CATEGORIES.filter((_, index) => (parts[index] ?? 0) > ofUs * SMALLEST_SHARE);
  return (
    <div class="legend">
      {shown.map(({ key, name }) => (
        <span key={key}>
          <Swatch category={key} />
          {SHORT_NAMES[key] ?? name}
        </span>
      ))}
    </div>
  );
}
