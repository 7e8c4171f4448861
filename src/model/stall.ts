// A pause of 40 ms in one call: Nagle's algorithm on one side, delayed acknowledgement on the other. In: phases of the call. Out: whether it
// may have been one. That it was is what a finding says (analysis/detectors/stall.ts), which looks at many calls.

import { PhaseIndex, type PhaseVector } from './row.ts';

/** As the detector has it: 38 to 50 ms above the usual wait, which is short where 40 ms stand out. */
const STALL_US = { from: 38_000, to: 60_000 } as const;

/** `calleeUs`: what a traced callee needed of it. */
export function mayBeStall(phases: PhaseVector | Float64Array, calleeUs: number): boolean {
  const us = (phase: number): number => phases[phase] ?? 0;
  const waited = us(PhaseIndex.wait) + us(PhaseIndex.deliver) - calleeUs;
  return isPause(waited) || isPause(us(PhaseIndex.receive));
}

function isPause(us: number): boolean {
  return us >= STALL_US.from && us <= STALL_US.to;
}
