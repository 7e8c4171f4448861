// D24: the answer waits for something that the one who asked does not need: a log line, a statistic, a message to others.
// Evidence: the last operation that the request waits for is a write, of a kind that is kept for later.
// Thresholds: it is the last one in 95 % of the requests that have it; and its target is named like a log, or it is a message. A request that
// was made to write and writes nothing else is there for that; so is any that writes nothing but the same several times. Nobody waits for what consumes a message.
// Cannot tell: whether it has to be safe before the answer goes out, and values are not kept, so confidence is low, medium for messages.

import { isConsumed } from '../../model/request.ts';
import { takeCallCode } from '../replay/call-code.ts';
import { emptyChange, NO_PHASES } from '../replay/change.ts';
import { lineOf, occurrencesOf, usualCallSite, type Occurrence } from '../sample/occurrences.ts';
import { peerOf } from '../sample/peers.ts';
import type { RequestNode, SampledOperation } from '../sample/request-tree.ts';
import type { Sample } from '../sample/sample.ts';
import {
  isControl,
  isKeptForLater,
  isRead,
  isReset,
  opensTransaction,
  shortStatement,
} from '../sample/statement-facts.ts';
import { byEndpoint, type Detector, type Suspicion } from './detector.ts';
import { deferFix } from './fixes.ts';

const LAST_SHARE = 0.95;
const LEAST_SHARE_OF_REQUESTS = 0.2;
export const deferrable: Detector = {
  kind: 'deferrable',
  detect: (sample) =>
    byEndpoint(sample, (nodes) =>
      [...occurrencesOf(nodes).values()].flatMap((occurrences) => lastOf(sample, nodes, occurrences) ?? []),
    ),
};

function lastOf(
  sample: Sample,
  nodes: readonly RequestNode[],
  occurrences: readonly Occurrence[],
): Suspicion | undefined {
  const at = occurrences[0]?.operations[0];
  const endpoint = nodes[0]?.request;
  if (at === undefined || endpoint === undefined || !isForLater(at)) return undefined;
  if (isConsumed(endpoint.method)) return undefined;
  const last = occurrences.filter((each) => isLast(each) && !isAllItWrites(each));
  if (last.length < LAST_SHARE * occurrences.length || last.length < LEAST_SHARE_OF_REQUESTS * nodes.length)
    return undefined;
  const change = emptyChange();
  const operations = last.flatMap((each) => each.operations);
  for (const { id } of operations) change.phases.set(id, NO_PHASES);
  for (const each of last) takeCallCode(each.node, each.operations, peerOf(sample, at), change);
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

/** Of AMQP: opening and closing is how a message is sent, and none itself. */
const IS_NO_MESSAGE = /^(channel|connection|confirm|tx|exchange|queue)\./i;

function isForLater(operation: SampledOperation): boolean {
  if (isControl(operation) || isRead(operation)) return false;
  if (operation.category === 'msg') return !IS_NO_MESSAGE.test(operation.statement);
  return isKeptForLater(operation);
}

/** What the request is about, and nothing beside it. Who only asks for a page has asked for none of it. */
function isAllItWrites({ node, operations }: Occurrence): boolean {
  const { method } = node.request;
  if (operations.length === 1 && (method === 'GET' || method === 'HEAD')) return false;
  const own = new Set(operations);
  return !node.operations.some(
    (each) => !own.has(each) && each.role === 'work' && !isControl(each) && !isRead(each),
  );
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
