// Is a shift more than chance, when the values behind it depend on each other? In: a ratio with its error, how many independent values there
// are. Out: a p value. Unlike a rank test it knows how far apart two groups are, so that a large difference is seen where few independent values are
// left.

import { normalTail } from './rank-test.ts';
import type { Ratio } from './shift.ts';

/** Two-sided p by Student's t; 1 when there are too few values. `independent`: of both groups together. */
export function shiftTest({ ratio, error }: Ratio, independent: number): number {
  const [shift, freedom] = [Math.abs(Math.log(ratio)), independent - 2];
  if (freedom < 1 || shift === 0) return 1;
  return error === 0 ? 0 : Math.min(1, 2 * studentTail(shift / error, freedom));
}

/** P(T > t) for t ≥ 0, by Wallace's approximation (1959): within 3 % of it at 3 degrees of freedom and 1 %, closer above. */
function studentTail(t: number, freedom: number): number {
  const bend = (8 * freedom + 1) / (8 * freedom + 3);
  return normalTail(bend * Math.sqrt(freedom * Math.log1p((t * t) / freedom)));
}
