// D24: the answer waits for something that the one who asked does not need: a log line, a statistic, a message to others.
// Evidence: the last operation that the request waits for is a write, of a kind that is kept for later.
// Thresholds: it is the last one in 95 % of the requests that have it; and its target is named like a log, or it is a message.
// Cannot tell: whether it has to be safe before the answer goes out, and values are not kept, so confidence is low, medium for messages.

import { emptyChange, NO_PHASES } from '../replay/change.ts';
import { lineOf, occurrencesOf, usualCallSite, type Occurrence } from '../sample/occurrences.ts';
import type { RequestNode, SampledOperation } from '../sample/request-tree.ts';
import {
  isControl,
  isRead,
  isReset,
  opensTransaction,
  shortStatement,
  targetOf,
} from '../sample/statement-facts.ts';
import { byEndpoint, type Detector, type Suspicion } from './detector.ts';
import { deferFix } from './fixes.ts';

const LAST_SHARE = 0.95;
const LEAST_SHARE_OF_REQUESTS = 0.2;
const FOR_LATER =
  /(^|[^a-z])(logs?|audits?|events?|metrics?|stats?|statistics|histor(y|ies)|track(ing)?|notifications?|e?mails?|analytics|telemetry|visits?|views|clicks?)([^a-z]|$)/i;

export const deferrable: Detector = {
  kind: 'deferrable',
  detect: (sample) =>
    byEndpoint(sample, (nodes) =>
      [...occurrencesOf(nodes).values()].flatMap((occurrences) => lastOf(nodes, occurrences) ?? []),
    ),
};

function lastOf(nodes: readonly RequestNode[], occurrences: readonly Occurrence[]): Suspicion | undefined {
  const at = occurrences[0]?.operations[0];
  const endpoint = nodes[0]?.request;
  if (at === undefined || endpoint === undefined || !isForLater(at)) return undefined;
  const last = occurrences.filter(isLast);
  if (last.length < LAST_SHARE * occurrences.length || last.length < LEAST_SHARE_OF_REQUESTS * nodes.length)
    return undefined;
  const change = emptyChange();
  const operations = last.flatMap((each) => each.operations);
  for (const { id } of operations) change.phases.set(id, NO_PHASES);
  return {
    kind: 'deferrable',
    title: `The answer waits for ${shortStatement(at)}, which comes last`,
    endpoint,
    at,
    callSite: lineOf(usualCallSite(operations)),
    requests: last.map(({ node }) => node),
    lookedAt: nodes.length,
    change,
    confidence: at.category === 'msg' ? 'medium' : 'low',
    fix: deferFix(at),
  };
}

function isForLater(operation: SampledOperation): boolean {
  if (isControl(operation) || isRead(operation)) return false;
  return operation.category === 'msg' || FOR_LATER.test(targetOf(operation));
}

/** Nothing that the request waited for came after it, and it is in no transaction. */
function isLast({ node, operations }: Occurrence): boolean {
  const fromUs = operations[0]?.atUs ?? 0;
  const own = new Set(operations);
  const requestEndUs = node.request.atUs + node.request.durationUs;
  return node.operations.every((other) => {
    if (own.has(other)) return other.atUs + other.durationUs <= requestEndUs;
    if (opensTransaction(other)) return false;
    if (isReset(other)) return true;
    return other.atUs < fromUs || other.role !== 'work';
  });
}
