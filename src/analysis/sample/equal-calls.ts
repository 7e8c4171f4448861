// Whether calls of one statement asked for the same thing. In: occurrences. Out: how sure that is.
// Values are not kept, sizes are: equal calls send the same number of bytes, and receive the same. One pair says little, so the test is
// over many requests: the sizes agree within every request although they differ between requests. Where all sizes are the same
// everywhere nothing can be told, and the answer is no.

import type { Occurrence } from './occurrences.ts';
import type { SampledOperation } from './request-tree.ts';

/** What was sent is counted exactly: one pair in 200 that disagrees may be a retry. */
const SENT_SHARE = 0.995;
/** What was received has holes when answers are long and packed together: one in ten may be split wrongly. */
const RECEIVED_SHARE = 0.9;
/** The chance that different calls would all have agreed, at most. */
const CHANCE = 1e-3;
/** Sizes of the neighbours 1 to 20 requests away say how often different calls agree by chance. */
const NEIGHBOURS = 20;

/** Within each request all its calls are the same one, as far as sizes can tell. */
export function looksRepeated(occurrences: readonly Occurrence[]): boolean {
  const pairs = occurrences.flatMap(({ operations }) =>
    operations.slice(1).map((operation) => [operations[0], operation] as const),
  );
  const sent = pairs.filter(([a, b]) => a?.bytesOut === b?.bytesOut).length;
  if (pairs.length === 0 || sent < SENT_SHARE * pairs.length) return false;
  const whole = pairs.filter(([a, b]) => isWhole(a) && isWhole(b));
  const received = whole.filter(([a, b]) => a?.bytesIn === b?.bytesIn && a?.rows === b?.rows).length;
  if (received < RECEIVED_SHARE * whole.length) return false;
  return pairs.length * Math.log(chanceOf(occurrences)) <= Math.log(CHANCE);
}

function isWhole(operation: SampledOperation | undefined): boolean {
  return operation !== undefined && operation.outcome === 'ok' && operation.rows !== -1;
}

/** How often calls of different requests agree; never quite 1 or 0. */
function chanceOf(occurrences: readonly Occurrence[]): number {
  const sizes = occurrences.map(({ operations }) => operations[0]?.bytesOut);
  let pairs = 0;
  let agree = 0;
  for (let index = 0; index < sizes.length; index++)
    for (let shift = 1; shift <= NEIGHBOURS && index + shift < sizes.length; shift++) {
      pairs++;
      if (sizes[index] === sizes[index + shift]) agree++;
    }
  return (agree + 1) / (pairs + 2);
}
