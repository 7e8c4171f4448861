// A stacked bar of the ten categories. In: whole µs in the order of CATEGORIES. Widths are shares of `max`, or of the sum.

import { formatDuration, formatWholeShare } from '../../base/numbers.ts';
import { CATEGORIES } from '../../model/category.ts';
import type { CategoryVector } from '../../model/row.ts';

/** Smaller parts are less than a pixel of any bar; the table next to it has them. */
const SMALLEST_PART = 0.002;
/** Smaller parts are not read out. */
const SMALLEST_SPOKEN = 0.005;

interface StackBarProps {
  readonly parts: CategoryVector;
  /** Common scale of several bars, in µs. */
  readonly max?: number;
}

export function StackBar({ parts, max }: StackBarProps) {
  const sum = total(parts);
  const scale = max ?? sum;
  return (
    <span class="stack" role="img" aria-label={spokenParts(parts, sum) || 'no time'}>
      {CATEGORIES.map(({ key, name }, index) => {
        const us = parts[index] ?? 0;
        if (scale === 0 || us / scale < SMALLEST_PART) return undefined;
        return (
          <i
            key={key}
            class={`k-${key}`}
            style={{ width: `${((us / scale) * 100).toFixed(2)}%` }}
            title={`${name} ${formatDuration(us)}`}
          />
        );
      })}
    </span>
  );
}

export function total(parts: CategoryVector): number {
  return parts.reduce((sum, us) => sum + us, 0);
}

/** `Database 55%, HTTP, own services 13%`, biggest first. */
function spokenParts(parts: CategoryVector, sum: number): string {
  return CATEGORIES.map(({ name }, index) => ({ name, share: (parts[index] ?? 0) / (sum || 1) }))
    .filter(({ share }) => share >= SMALLEST_SPOKEN)
    .toSorted((a, b) => b.share - a.share)
    .map(({ name, share }) => `${name} ${formatWholeShare(share)}`)
    .join(', ');
}
