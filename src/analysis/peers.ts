// What a round trip and a usual statement take, per process and dependency. In: a sample. Out: µs. Worked out once for each sample.

import { wireUs } from './change.ts';
import { statementKey } from './occurrences.ts';
import { groupBy, type SampledOperation } from './request-tree.ts';
import type { Sample } from './sample.ts';
import { isControl } from './statement-facts.ts';
import { medianOf, quantileOf } from './statistics.ts';

export interface Peer {
  /** The fastest answers are little more than the way there and back. */
  readonly roundTripUs: number;
  /** What the median statement takes. */
  readonly usualUs: number;
}

const FASTEST_SHARE = 0.05;
const NO_PEER: Peer = { roundTripUs: 0, usualUs: 0 };
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
  return new Map([...groupBy(operations, keyOf)].map(([key, group]) => [key, peerFrom(group)]));
}

function peerFrom(operations: readonly SampledOperation[]): Peer {
  const medians = [...groupBy(operations, statementKey).values()].map((same) => medianOf(same.map(wireOf)));
  return {
    roundTripUs: quantileOf(operations.map(wireOf), FASTEST_SHARE),
    usualUs: medianOf(medians),
  };
}

function wireOf({ phases }: SampledOperation): number {
  return wireUs(phases);
}

function keyOf({ process, dependency }: SampledOperation): string {
  return `${process}\n${dependency}`;
}
