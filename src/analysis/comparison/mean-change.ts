// Why is the mean another one? In: requests of both sides. Out: for each category, how much comes from requests that do the same as before
// and take longer, and how much from requests that do something else. Both together are the change of the mean, exactly.
//   Δ = Σ share'(s) · (v'(s) − v(s)) + Σ (share'(s) − share(s)) · v(s), over signatures s that both sides have;
//   a signature that only one side has is other work.

import { CATEGORY_COUNT } from '../../model/category.ts';
import type { EndpointSample } from './sample.ts';

/** µs per request, in the order of CATEGORIES. */
export interface MeanChange {
  readonly sameWorkUs: readonly number[];
  readonly otherWorkUs: readonly number[];
}

interface Mode {
  requests: number;
  readonly sums: number[];
}

/** Neither side is empty. */
export function meanChange(a: EndpointSample, b: EndpointSample): MeanChange {
  const [before, after] = [modesOf(a), modesOf(b)];
  const sameWorkUs = zeros();
  const otherWorkUs = zeros();
  for (const signature of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(signature), after.get(signature)];
    for (let index = 0; index < CATEGORY_COUNT; index++) {
      const wasPart = (was?.sums[index] ?? 0) / a.at.length;
      const isPart = (is?.sums[index] ?? 0) / b.at.length;
      const same = was === undefined || is === undefined ? 0 : withinMode(was, is, index, b.at.length);
      sameWorkUs[index] = (sameWorkUs[index] ?? 0) + same;
      otherWorkUs[index] = (otherWorkUs[index] ?? 0) + isPart - wasPart - same;
    }
  }
  return { sameWorkUs, otherWorkUs };
}

function withinMode(was: Mode, is: Mode, index: number, requests: number): number {
  const difference = (is.sums[index] ?? 0) / is.requests - (was.sums[index] ?? 0) / was.requests;
  return (is.requests / requests) * difference;
}

function modesOf({ signatures, categories }: EndpointSample): Map<string, Mode> {
  const modes = new Map<string, Mode>();
  for (const [index, signature] of signatures.entries()) {
    const mode = modes.get(signature) ?? { requests: 0, sums: zeros() };
    mode.requests++;
    for (const [category, us] of (categories[index] ?? []).entries())
      mode.sums[category] = (mode.sums[category] ?? 0) + us;
    modes.set(signature, mode);
  }
  return modes;
}

function zeros(): number[] {
  return Array.from({ length: CATEGORY_COUNT }, () => 0);
}
