// What one request was doing at each moment, from its rows. In: the request and its operations. Out: its own stretches between
// operations, and the µs it was really waiting for each operation, split by phase. Together they tile the request exactly.
// The rows keep only how much own code, event-loop wait and unseen work there was: it is spread over the gaps in proportion.

import { apportion } from '../../analysis/time/apportion.ts';
import type { Segment } from '../../analysis/time/attribute.ts';
import { attribute } from '../../analysis/time/attribute.ts';
import { phaseCategory, piecesOf } from '../../analysis/time/breakdown.ts';
import { PHASE_ORDER } from '../../analysis/time/phases.ts';
import { CategoryIndex } from '../../model/category.ts';
import type { StoredOperation } from '../stored-rows.ts';
import type { TraceNode } from './trace-rows.ts';

/** [start in µs since 1970, length in µs, category index]. */
export type OwnStretch = readonly [number, number, number];

/** What a request waited for one operation; all of it in µs, on the critical path only. */
export interface WaitedFor {
  readonly exclusiveUs: number;
  readonly poolUs: number;
  /** Outstanding at the peer: what a traced callee can explain. */
  readonly wireUs: number;
}

type Sums = { -readonly [K in keyof WaitedFor]: WaitedFor[K] };

export interface RequestTime {
  readonly own: readonly OwnStretch[];
  /** Operation id → what was waited for it. */
  readonly waited: ReadonlyMap<number, WaitedFor>;
}

export function timeOf({ request, operations }: TraceNode): RequestTime {
  const endUs = request.atUs + request.durationUs;
  const pieces = operations.flatMap((operation, owner) => piecesOf(phasedOf(operation), owner));
  const segments = attribute(request.atUs, endUs, pieces);
  const left = [...request.ownCategories];
  const waited = new Map<number, Sums>();
  for (const segment of segments) {
    const operation = operations[segment.owner];
    if (operation !== undefined) addWaited(waited, operation, segment, left);
  }
  return { own: ownStretches(segments, left), waited };
}

function phasedOf({ atUs, durationUs, phases }: StoredOperation) {
  return { startUs: atUs, endUs: atUs + durationUs, lengths: phases };
}

/** Adds a segment to what was waited for its operation, and takes it from what is `left` of the request's vector. */
function addWaited(
  waited: Map<number, Sums>,
  operation: StoredOperation,
  segment: Segment,
  left: number[],
): void {
  const sums = waited.get(operation.id) ?? { exclusiveUs: 0, poolUs: 0, wireUs: 0 };
  waited.set(operation.id, sums);
  sums.exclusiveUs += segment.endUs - segment.startUs;
  let from = operation.atUs;
  for (const phase of PHASE_ORDER) {
    const to = from + (operation.phases[phase] ?? 0);
    const overlap = Math.max(0, Math.min(to, segment.endUs) - Math.max(from, segment.startUs));
    const category = phaseCategory(phase, operation) ?? CategoryIndex[operation.category];
    left[category] = (left[category] ?? 0) - overlap;
    if (category === CategoryIndex.pool) sums.poolUs += overlap;
    if (phaseCategory(phase, operation) === undefined) sums.wireUs += overlap;
    from = to;
  }
}

/** The gaps, each split in proportion to what is left: whole µs that use up all of it. */
function ownStretches(segments: readonly Segment[], left: readonly number[]): OwnStretch[] {
  const gaps = segments.filter(({ owner }) => owner < 0);
  const gapUs = gaps.reduce((total, { startUs, endUs }) => total + endUs - startUs, 0);
  let rest = whatGapsHold(gapUs, left);
  const stretches: OwnStretch[] = [];
  for (const { startUs, endUs } of gaps) {
    const parts = apportion(endUs - startUs, rest);
    rest = rest.map((us, index) => us - (parts[index] ?? 0));
    addStretches(stretches, startUs, parts);
  }
  return stretches;
}

/** Operations that were not kept are gaps here: then the two differ, and the gaps hold the same in their own length. */
function whatGapsHold(gapUs: number, left: readonly number[]): number[] {
  const positive = left.map((us) => Math.max(0, us));
  const leftUs = positive.reduce((total, us) => total + us, 0);
  if (leftUs === gapUs) return positive;
  return leftUs === 0
    ? positive.map((_, index) => (index === CategoryIndex.other ? gapUs : 0))
    : apportion(gapUs, positive);
}

function addStretches(stretches: OwnStretch[], startUs: number, parts: readonly number[]): void {
  let at = startUs;
  for (let category = 0; category < parts.length; category++) {
    const length = parts[category] ?? 0;
    if (length > 0) stretches.push([at, length, category]);
    at += length;
  }
}
