// The phases of one operation. In: an operation with the times that were seen. Out: whole-µs lengths that add up to its
// duration, in the order of PHASES, and the order in which they follow each other in time.
// Not here: whether its request waited for it (attribute.ts).

import { nanosToMicros, type Nanos } from '../../base/time.ts';
import { operationStart, type Operation } from '../../model/operation.ts';
import { PHASES, PhaseIndex } from '../../model/row.ts';

/** Phases as they follow each other in time. `own` is the application between getting a connection and using it. */
export const PHASE_ORDER = [
  PhaseIndex.pool,
  PhaseIndex.dns,
  PhaseIndex.tcp,
  PhaseIndex.tls,
  PhaseIndex.own,
  PhaseIndex.send,
  PhaseIndex.wait,
  PhaseIndex.deliver,
  PhaseIndex.receive,
] as const;

/** A shorter "pool wait" is the driver's own work between the call and the write, not a queue. */
const SHORTEST_POOL_WAIT_US = 100;

export interface PhasedOperation {
  /** Whole µs of CLOCK_MONOTONIC. */
  readonly startUs: number;
  readonly endUs: number;
  /** Lengths in the order of PHASES; they add up to endUs − startUs. */
  readonly lengths: readonly number[];
}

/** Times are clamped to rise, so that whatever an agent reports the lengths are never negative and the sum is exact. */
export function phasesOf(operation: Operation): PhasedOperation {
  const startUs: number = nanosToMicros(operationStart(operation));
  const endUs = Math.max(startUs, nanosToMicros(operation.end));
  const lengths: number[] = PHASES.map(() => 0);
  let at: number = startUs;
  const until = (phase: number, time: Nanos): void => {
    if (time < 0) return;
    const to = Math.min(endUs, Math.max(at, nanosToMicros(time)));
    lengths[phase] = (lengths[phase] ?? 0) + to - at;
    at = to;
  };
  if (operation.called >= 0) until(PhaseIndex.pool, endOfPoolWait(operation));
  until(PhaseIndex.dns, operation.resolved);
  until(PhaseIndex.tcp, operation.connected);
  until(PhaseIndex.tls, operation.secured);
  until(PhaseIndex.own, operation.sent);
  until(PhaseIndex.send, operation.written);
  until(PhaseIndex.wait, operation.firstByte >= 0 ? operation.firstByte : operation.end);
  until(PhaseIndex.receive, operation.end);
  move(lengths, PhaseIndex.wait, PhaseIndex.deliver, Math.floor(operation.deliveryLagNs / 1000));
  move(lengths, PhaseIndex.pool, PhaseIndex.own, Math.ceil(operation.busyInPoolNs / 1000));
  if ((lengths[PhaseIndex.pool] ?? 0) < SHORTEST_POOL_WAIT_US)
    move(lengths, PhaseIndex.pool, PhaseIndex.own, SHORTEST_POOL_WAIT_US);
  return { startUs, endUs, lengths };
}

/** When it had a connection, as far as it is known: the grant, or the first byte when the driver has no pool. */
export function endOfPoolWait(operation: Operation): Nanos {
  if (operation.connectStart >= 0) return operation.connectStart;
  return operation.granted >= 0 ? operation.granted : operation.sent;
}

function move(lengths: number[], from: number, to: number, atMost: number): void {
  const amount = Math.min(lengths[from] ?? 0, Math.max(0, atMost));
  lengths[from] = (lengths[from] ?? 0) - amount;
  lengths[to] = (lengths[to] ?? 0) + amount;
}
