// D13: a query that stands out among those to the same database, and takes much of its endpoint.
// Evidence: the time between sending it and its last byte, against the usual statement of the same service to the same database in
// the same minutes. A busy machine or a long way makes all of them slow alike, and none stands out.
// Thresholds: its median is five times that of the usual statement (a join of several tables may take two or three times a look-up by
// key), and it is 15 % of the endpoint's time.
// Cannot tell: how fast it could be. What is shown is the ceiling: everything beyond one round trip gone. Ranked at less than a third.
// Only databases: how long another company's API takes is theirs, and a traced service has findings of its own.

import { roundTripUs } from '../batch.ts';
import { emptyChange, wireUs, withPhases } from '../change.ts';
import { lineOf, occurrencesOf, statementKey, usualCallSite, type Occurrence } from '../occurrences.ts';
import { groupBy, type RequestNode, type SampledOperation } from '../request-tree.ts';
import type { Sample } from '../sample.ts';
import { isControl, isRead, shortStatement } from '../statement-facts.ts';
import { medianOf } from '../statistics.ts';
import { formatDuration } from '../../base/numbers.ts';
import type { Detector, Suspicion } from './detector.ts';
import { slowFix } from './fixes.ts';

const TIMES_THE_USUAL = 5;
const LEAST_SHARE_OF_ENDPOINT = 0.15;

export const slowOperation: Detector = {
  kind: 'slow-operation',
  detect(sample) {
    const peers = peersOf(sample);
    return [...sample.byEndpoint.values()].flatMap((nodes) =>
      [...occurrencesOf(nodes).values()].flatMap((occurrences) => slowOf(nodes, occurrences, peers) ?? []),
    );
  },
};

interface Peer {
  readonly roundTripUs: number;
  /** What the median statement takes. */
  readonly usualUs: number;
}

/** By process and dependency. */
function peersOf(sample: Sample): Map<string, Peer> {
  const operations = sample.nodes.flatMap((node) => node.operations.filter(isQuery));
  return new Map(
    [...groupBy(operations, peerKey)].map(([key, group]) => {
      const medians = [...groupBy(group, statementKey).values()].map((same) => medianOf(same.map(wireOf)));
      return [key, { roundTripUs: roundTripUs(group), usualUs: medianOf(medians) }];
    }),
  );
}

function isQuery(operation: SampledOperation): boolean {
  return operation.role === 'work' && operation.category === 'db' && !isControl(operation);
}

function wireOf({ phases }: SampledOperation): number {
  return wireUs(phases);
}

function peerKey({ process, dependency }: SampledOperation): string {
  return `${process}\n${dependency}`;
}

function slowOf(
  nodes: readonly RequestNode[],
  occurrences: readonly Occurrence[],
  peers: ReadonlyMap<string, Peer>,
): Suspicion | undefined {
  const operations = occurrences.flatMap((each) => each.operations);
  const [at] = operations;
  const endpoint = nodes[0]?.request;
  const peer = at && peers.get(peerKey(at));
  if (at === undefined || endpoint === undefined || peer === undefined) return undefined;
  if (!isQuery(at) || !isRead(at)) return undefined;
  const medianUs = medianOf(operations.map(wireOf));
  const takesUs = operations.reduce((sum, { exclusiveUs }) => sum + exclusiveUs, 0);
  const allUs = nodes.reduce((sum, { request }) => sum + request.durationUs, 0);
  if (medianUs < TIMES_THE_USUAL * peer.usualUs || takesUs < LEAST_SHARE_OF_ENDPOINT * allUs)
    return undefined;
  const change = emptyChange();
  for (const { id, phases } of operations) {
    const leftUs = Math.min(peer.roundTripUs, wireUs(phases));
    change.phases.set(id, withPhases(phases, { send: 0, wait: leftUs, receive: 0 }));
  }
  return {
    kind: 'slow-operation',
    title: `${shortStatement(at)} takes ${formatDuration(medianUs)} each time`,
    endpoint,
    at,
    callSite: lineOf(usualCallSite(operations)),
    requests: occurrences.map(({ node }) => node),
    lookedAt: nodes.length,
    change,
    confidence: 'medium',
    isCeiling: true,
    fix: slowFix(at),
  };
}
