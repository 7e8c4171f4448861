// A change to recorded requests: what would be left of them after a fix. In: what goes. Out: one value that replay.ts applies.
// Changes combine: what any of them takes away is gone.

import { PHASES, PhaseIndex, type PhaseVector } from '../../model/row.ts';

export interface Change {
  /** Operation id → lengths that are left of its phases. */
  readonly phases: ReadonlyMap<number, PhaseVector>;
  /** Operation id → id of the operation with which it begins instead of after it. */
  readonly together: ReadonlyMap<number, number>;
  /** Request id → µs that go from its time between operations. */
  readonly gapsUs: ReadonlyMap<number, number>;
}

export interface ChangeBuilder extends Change {
  readonly phases: Map<number, PhaseVector>;
  readonly together: Map<number, number>;
  readonly gapsUs: Map<number, number>;
}

export const NO_PHASES: PhaseVector = PHASES.map(() => 0);

export function emptyChange(): ChangeBuilder {
  return { phases: new Map(), together: new Map(), gapsUs: new Map() };
}

/** Both at once. What the two shorten gets the shorter of both lengths, phase by phase. */
export function addTo(all: ChangeBuilder, change: Change): void {
  for (const [id, phases] of change.phases) all.phases.set(id, shorter(all.phases.get(id), phases));
  for (const [id, leader] of change.together) all.together.set(id, leader);
  for (const [id, us] of change.gapsUs) all.gapsUs.set(id, Math.max(all.gapsUs.get(id) ?? 0, us));
}

function shorter(a: PhaseVector | undefined, b: PhaseVector): PhaseVector {
  return a === undefined ? b : b.map((us, index) => Math.min(us, a[index] ?? 0));
}

/** `phases` with some lengths replaced. */
export function withPhases(
  phases: PhaseVector,
  replaced: Partial<Record<keyof typeof PhaseIndex, number>>,
): number[] {
  const changed = [...phases];
  for (const { key } of PHASES) {
    const us = replaced[key];
    if (us !== undefined) changed[PhaseIndex[key]] = us;
  }
  return changed;
}

/** Bytes were on their way, or the peer at work. */
export function wireUs(phases: PhaseVector): number {
  return (phases[PhaseIndex.send] ?? 0) + (phases[PhaseIndex.wait] ?? 0) + (phases[PhaseIndex.receive] ?? 0);
}

/** DNS, TCP and TLS. */
export function setUpUs(phases: PhaseVector): number {
  return (phases[PhaseIndex.dns] ?? 0) + (phases[PhaseIndex.tcp] ?? 0) + (phases[PhaseIndex.tls] ?? 0);
}
