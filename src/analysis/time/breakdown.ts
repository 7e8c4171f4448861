// Where the time of one request went. In: its start and end, its operations with phases, what its process did in the gaps,
// and what traced callees did. Out: two vectors of whole µs that add up to its duration, and each operation's share.
// Not here: how gaps are known (trace/loop-clock.ts), where callees come from (collector/).

import { CATEGORY_COUNT, CategoryIndex } from '../../model/category.ts';
import type { Operation } from '../../model/operation.ts';
import { PhaseIndex, type CategoryVector } from '../../model/row.ts';
import { attribute, type Piece, type Segment } from './attribute.ts';
import { apportion } from './apportion.ts';
import { PHASE_ORDER, phasesOf, type PhasedOperation } from './phases.ts';

/** What the process did in a gap, in whole µs: own + loop + other = its length. */
export interface Gap {
  readonly own: number;
  readonly loop: number;
  readonly other: number;
}

export interface BreakdownInput {
  /** Whole µs of CLOCK_MONOTONIC. */
  readonly startUs: number;
  readonly endUs: number;
  readonly operations: readonly Operation[];
  readonly gap: (startUs: number, endUs: number) => Gap;
  /** The vector of the traced request that an operation asked for, or undefined. */
  readonly callee: (operation: Operation) => CategoryVector | undefined;
}

export interface Breakdown {
  /** With callees looked into. */
  readonly categories: CategoryVector;
  /** With callees as one block. */
  readonly ownCategories: CategoryVector;
  readonly phased: readonly PhasedOperation[];
  /** Per operation: µs the request was really waiting for it; 0 for those in parallel or detached. */
  readonly exclusiveUs: readonly number[];
}

export function breakdown(input: BreakdownInput): Breakdown {
  const phased = input.operations.map(phasesOf);
  const categories = emptyVector();
  const ownCategories = emptyVector();
  const exclusiveUs = input.operations.map(() => 0);
  for (const segment of attribute(input.startUs, input.endUs, phased.flatMap(piecesOf))) {
    if (segment.owner < 0) addGap(segment, input, categories, ownCategories);
    else addOperation(segment, input, phased, exclusiveUs, categories, ownCategories);
  }
  return { categories, ownCategories, phased, exclusiveUs };
}

function emptyVector(): number[] {
  return Array.from({ length: CATEGORY_COUNT }, () => 0);
}

/**
 * The stretches in which it was outstanding. Two phases are not: between getting a connection and using it the application
 * works, and an answer that lies before a busy loop is here already. Those are gaps: the loop clock knows who was running.
 */
export function piecesOf(operation: PhasedOperation, owner: number): Piece[] {
  const pieces: Piece[] = [];
  let startUs = operation.startUs;
  let at = operation.startUs;
  for (const phase of PHASE_ORDER) {
    const endUs = at + (operation.lengths[phase] ?? 0);
    if (isGap(phase) && endUs > at) {
      if (at > startUs) pieces.push({ owner, startUs, endUs: at });
      startUs = endUs;
    }
    at = endUs;
  }
  if (at > startUs || pieces.length === 0) pieces.push({ owner, startUs, endUs: at });
  return pieces;
}

function isGap(phase: number): boolean {
  return phase === PhaseIndex.own || phase === PhaseIndex.deliver;
}

function addGap(
  segment: Segment,
  input: BreakdownInput,
  categories: number[],
  ownCategories: number[],
): void {
  const gap = input.gap(segment.startUs, segment.endUs);
  for (const vector of [categories, ownCategories]) {
    add(vector, CategoryIndex.own, gap.own);
    add(vector, CategoryIndex.loop, gap.loop);
    add(vector, CategoryIndex.other, gap.other);
  }
}

function addOperation(
  segment: Segment,
  input: BreakdownInput,
  phased: readonly PhasedOperation[],
  exclusiveUs: number[],
  categories: number[],
  ownCategories: number[],
): void {
  const operation = input.operations[segment.owner];
  const phases = phased[segment.owner];
  if (operation === undefined || phases === undefined) return;
  exclusiveUs[segment.owner] = (exclusiveUs[segment.owner] ?? 0) + segment.endUs - segment.startUs;
  const wireUs = addPhases(segment, operation, phases, categories, ownCategories);
  const callee = input.callee(operation);
  if (callee === undefined) add(categories, CategoryIndex[operation.category], wireUs);
  else addCallee(categories, callee, wireUs);
  add(ownCategories, CategoryIndex[operation.category], wireUs);
}

/** Adds what lies before and after the wire; returns the µs on the wire within the segment. */
function addPhases(
  segment: Segment,
  operation: Operation,
  phases: PhasedOperation,
  categories: number[],
  ownCategories: number[],
): number {
  let from = phases.startUs;
  let wireUs = 0;
  for (const phase of PHASE_ORDER) {
    const to = from + (phases.lengths[phase] ?? 0);
    const overlap = Math.max(0, Math.min(to, segment.endUs) - Math.max(from, segment.startUs));
    const category = phaseCategory(phase, operation);
    if (category === undefined) wireUs += overlap;
    else {
      add(categories, category, overlap);
      add(ownCategories, category, overlap);
    }
    from = to;
  }
  return wireUs;
}

/** The category of a phase; undefined: on the wire, which is the operation's own category or its callee's. */
export function phaseCategory(phase: number, operation: Pick<Operation, 'role'>): number | undefined {
  switch (phase) {
    case PhaseIndex.pool:
      return CategoryIndex.pool;
    case PhaseIndex.dns:
    case PhaseIndex.tcp:
    case PhaseIndex.tls:
      return CategoryIndex.conn;
    case PhaseIndex.deliver:
      return CategoryIndex.loop;
    case PhaseIndex.own:
      return CategoryIndex.own;
    default:
      return operation.role === 'setup' ? CategoryIndex.conn : undefined;
  }
}

/** The callee's time inside the call, the rest is the network between. A callee that took longer than the call (it went on
 *  after it had answered) is scaled down to fit. */
function addCallee(categories: number[], callee: CategoryVector, wireUs: number): void {
  const calleeUs = callee.reduce((sum, us) => sum + us, 0);
  const inside = calleeUs <= wireUs ? callee : apportion(wireUs, callee);
  for (let index = 0; index < CATEGORY_COUNT; index++) add(categories, index, inside[index] ?? 0);
  if (calleeUs < wireUs) add(categories, CategoryIndex.http, wireUs - calleeUs);
}

function add(vector: number[], index: number, us: number): void {
  vector[index] = (vector[index] ?? 0) + us;
}
