// D13: a query that stands out among those to the same database, and takes much of its endpoint.
// Evidence: the time between sending it and its last byte, against the usual statement of the same service to the same database in
// the same minutes. A busy machine or a long way makes all of them slow alike, and none stands out.
// Thresholds: its median is five times that of the usual statement (a join of several tables may take two or three times a look-up by
// key), and it is more than half of the endpoint's time: a ceiling does not say how fast a query could be, so it is said only where
// the query is the answer to why the endpoint is slow.
// Cannot tell: how fast it could be. What is shown is the ceiling: everything beyond one round trip gone. Ranked at less than a third.
// Only databases and caches: how long another company's API takes is theirs, and a traced service has findings of its own.

import { emptyChange, wireUs, withPhases } from '../replay/change.ts';
import { lineOf, occurrencesOf, usualCallSite, type Occurrence } from '../sample/occurrences.ts';
import { peerOf } from '../sample/peers.ts';
import type { RequestNode, SampledOperation } from '../sample/request-tree.ts';
import type { Sample } from '../sample/sample.ts';
import { isControl, isRead, shortStatement } from '../sample/statement-facts.ts';
import { medianOf } from '../statistics/chances.ts';
import { formatDuration } from '../../base/numbers.ts';
import { byEndpoint, type Detector, type Suspicion } from './detector.ts';
import { slowFix } from './fixes.ts';

const TIMES_THE_USUAL = 5;
const LEAST_SHARE_OF_ENDPOINT = 0.5;

export const slowOperation: Detector = {
  kind: 'slow-operation',
  detect: (sample) =>
    byEndpoint(sample, (nodes) =>
      [...occurrencesOf(nodes).values()].flatMap((occurrences) => slowOf(sample, nodes, occurrences) ?? []),
    ),
};

function isQuery(operation: SampledOperation): boolean {
  const isOurs = operation.category === 'db' || operation.category === 'cache';
  return operation.role === 'work' && isOurs && !isControl(operation);
}

function wireOf({ phases }: SampledOperation): number {
  return wireUs(phases);
}

function slowOf(
  sample: Sample,
  nodes: readonly RequestNode[],
  occurrences: readonly Occurrence[],
): Suspicion | undefined {
  const operations = occurrences.flatMap((each) => each.operations);
  const [at] = operations;
  const endpoint = nodes[0]?.request;
  if (at === undefined || endpoint === undefined || !isQuery(at) || !isRead(at)) return undefined;
  const peer = peerOf(sample, at);
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
