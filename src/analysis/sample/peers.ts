// What a round trip, a usual statement and a row of a list take, per process and dependency. In: a sample. Out: µs. Worked out once for
// each sample.

import { wireUs } from '../replay/change.ts';
import { statementKey } from './occurrences.ts';
import { groupBy, type RequestNode, type SampledOperation } from './request-tree.ts';
import type { Sample } from './sample.ts';
import { isControl } from './statement-facts.ts';
import { medianOf, quantileOf } from '../statistics/chances.ts';

export interface Peer {
  /** The fastest answers are little more than the way there and back. */
  readonly roundTripUs: number;
  /** What the median statement takes. */
  readonly usualUs: number;
  /** The same of the fastest quarter of each statement: a busy machine makes all of them slower, but hardly those. */
  readonly usualFastUs: number;
  /** What one more row of an answer takes, in the list that has the fastest ones; Infinity when no answer has several. */
  readonly rowUs: number;
  /** Own code between the end of what came before and a call, in the fastest of ten. */
  readonly pauseUs: number;
}

/** Of a statement's answers: a busy machine has made the others late. */
export const FAST_SHARE = 0.25;
const FASTEST_SHARE = 0.05;
const FAST_PAUSE_SHARE = 0.1;
/** Of a client that is slow itself (requests in Python: a millisecond). What is longer is work, even when it is there each time. */
const LONGEST_PAUSE_US = 1500;
/** An answer with fewer rows says little about what a row takes. */
const ROWS_OF_A_LIST = 5;
/** What is asked more seldom is hardly a statement: until the template of a path is learnt, each path is one. */
const LEAST_CALLS = 8;
const NO_PEER: Peer = {
  roundTripUs: 0,
  usualUs: 0,
  usualFastUs: 0,
  rowUs: Number.POSITIVE_INFINITY,
  pauseUs: 0,
};
const known = new WeakMap<Sample, ReadonlyMap<string, Peer>>();

export function peerOf(sample: Sample, operation: SampledOperation): Peer {
  const peers = known.get(sample) ?? peersIn(sample);
  known.set(sample, peers);
  return peers.get(keyOf(operation)) ?? NO_PEER;
}

function peersIn(sample: Sample): Map<string, Peer> {
  const operations = sample.nodes.flatMap((node) =>
    node.operations.filter((each) => each.role === 'work' && !isControl(each)),
  );
  const pauses = groupBy(sample.nodes.flatMap(pausesIn), ({ key }) => key);
  const pauseOf = (key: string): number => {
    const all = (pauses.get(key) ?? []).map(({ us }) => us);
    return Math.min(LONGEST_PAUSE_US, quantileOf(all, FAST_PAUSE_SHARE));
  };
  return new Map([...groupBy(operations, keyOf)].map(([key, group]) => [key, peerFrom(group, pauseOf(key))]));
}

interface Pause {
  readonly key: string;
  readonly us: number;
}

/** Before calls that begin when nothing is under way. */
function pausesIn({ operations }: RequestNode): Pause[] {
  let untilUs = Number.POSITIVE_INFINITY;
  return operations.flatMap((operation): Pause[] => {
    const us = operation.atUs - untilUs;
    const endUs = operation.atUs + operation.durationUs;
    untilUs = untilUs === Number.POSITIVE_INFINITY ? endUs : Math.max(untilUs, endUs);
    return us >= 0 && operation.role === 'work' ? [{ key: keyOf(operation), us }] : [];
  });
}

function peerFrom(operations: readonly SampledOperation[], pauseUs: number): Peer {
  const all = [...groupBy(operations, statementKey).values()];
  const usual = all.filter((same) => same.length >= LEAST_CALLS);
  const statements = usual.length > 0 ? usual : all;
  const roundTripUs = quantileOf(operations.map(wireOf), FASTEST_SHARE);
  return {
    roundTripUs,
    pauseUs,
    usualUs: medianOf(statements.map((same) => medianOf(same.map(wireOf)))),
    usualFastUs: medianOf(statements.map((same) => quantileOf(same.map(wireOf), FAST_SHARE))),
    rowUs: Math.min(...statements.map((same) => rowUsOf(same, roundTripUs)), Number.POSITIVE_INFINITY),
  };
}

/** All of its time beyond a round trip, spread over its rows: no row can take more. */
function rowUsOf(same: readonly SampledOperation[], roundTripUs: number): number {
  const rows = medianOf(same.map((operation) => operation.rows));
  if (rows < ROWS_OF_A_LIST) return Number.POSITIVE_INFINITY;
  return Math.max(0, medianOf(same.map(wireOf)) - roundTripUs) / rows;
}

function wireOf({ phases }: SampledOperation): number {
  return wireUs(phases);
}

function keyOf({ process, dependency }: SampledOperation): string {
  return `${process}\n${dependency}`;
}
