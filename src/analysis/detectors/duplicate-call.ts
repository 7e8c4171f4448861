// D4: the same question twice within one request, with nothing changed between.
// Evidence: equal values (salted hashes, same-question.ts) where they were seen: confidence is high. Else a read that occurs again with the
// same number of bytes and rows both ways, in every request, although sizes differ between requests (equal-calls.ts): that is
// statistics, and confidence is medium.
// Thresholds: in 20 % of the requests of the endpoint (a rare second look is no pattern), without a write to the same table or key
// in between (reading one's own write is right), and without a pause in which nothing else is done (waiting until something has happened).
// Fewer than half of the calls of a statement are repeats in a list (n-plus-one.ts).
// Cannot tell, without values: calls that always have the same sizes everywhere (fixed-width keys and values) stay silent.

import { takeCallCode } from '../replay/call-code.ts';
import { emptyChange, NO_PHASES } from '../replay/change.ts';
import { looksRepeated } from '../sample/equal-calls.ts';
import { peerOf } from '../sample/peers.ts';
import { lineOf, occurrencesOf, usualCallSite, type Occurrence } from '../sample/occurrences.ts';
import type { RequestNode, SampledOperation } from '../sample/request-tree.ts';
import { areKnown, areMostlyTheSame, groupsOf, mostAsked } from '../sample/same-question.ts';
import type { Sample } from '../sample/sample.ts';
import { isControl, isRead, isVolatile, shortStatement, targetOf } from '../sample/statement-facts.ts';
import { meanOf } from '../statistics/chances.ts';
import { byEndpoint, type Detector, type Suspicion } from './detector.ts';
import { duplicateFix } from './fixes.ts';

const LEAST_SHARE_OF_REQUESTS = 0.2;
/** Code between two calls is shorter; nobody sets a timer for less. */
const LEAST_PAUSE_US = 10_000;

export const duplicateCall: Detector = {
  kind: 'duplicate-call',
  detect: (sample) =>
    byEndpoint(sample, (nodes) =>
      [...occurrencesOf(nodes).values()].flatMap(
        (occurrences) => duplicateOf(sample, nodes, occurrences) ?? [],
      ),
    ),
};

function duplicateOf(
  sample: Sample,
  nodes: readonly RequestNode[],
  occurrences: readonly Occurrence[],
): Suspicion | undefined {
  const at = occurrences[0]?.operations[0];
  const endpoint = nodes[0]?.request;
  if (at === undefined || endpoint === undefined || isControl(at) || !isRead(at) || isVolatile(at))
    return undefined;
  const groups = groupsOf(sample);
  const isKnown = occurrences.every(({ operations }) => areKnown(groups, operations));
  const again = occurrences
    .filter((each) => !isKnown || areMostlyTheSame(groups, each.operations))
    .map((each) => (isKnown ? { ...each, operations: mostAsked(groups, each.operations) } : each))
    .map((each) => ({ ...each, operations: withoutHedges(each.operations) }))
    .filter((each) => each.operations.length > 1 && !isWrittenBetween(each) && !isPolling(each));
  if (again.length === 0 || again.length < LEAST_SHARE_OF_REQUESTS * nodes.length) return undefined;
  if (!isKnown && !looksRepeated(again)) return undefined;
  if (!haveEqualAnswers(again)) return undefined;
  const change = emptyChange();
  for (const { node, operations } of again) {
    const gone = operations.slice(1);
    for (const { id } of gone) change.phases.set(id, NO_PHASES);
    takeCallCode(node, gone, peerOf(sample, at), change);
  }
  const calls = Math.round(meanOf(again.map(({ operations }) => operations.length)));
  return {
    kind: 'duplicate-call',
    title: `${shortStatement(at)} is asked ${calls === 2 ? 'twice' : `${calls} times`} in one request`,
    endpoint,
    at,
    // The second one is the one to take away.
    callSite: lineOf(usualCallSite(again.flatMap(({ operations }) => operations.slice(1)))),
    requests: again.map(({ node }) => node),
    lookedAt: nodes.length,
    change,
    confidence: isKnown ? 'high' : 'medium',
    fix: duplicateFix(at),
  };
}

/** Of pairs whose answers were seen: some are cut, and split wrongly where they are packed together. */
const EQUAL_ANSWERS = 0.9;

/** The second answer has as many rows as the first one, and its size where both were asked in as many bytes: a first question may prepare the statement. */
function haveEqualAnswers(again: readonly Occurrence[]): boolean {
  const pairs = again.flatMap(({ operations: [first, ...others] }) =>
    others.flatMap((other) =>
      first !== undefined && first.bytesIn > 0 && other.bytesIn > 0 ? [[first, other] as const] : [],
    ),
  );
  const equal = pairs.filter(
    ([a, b]) => a.rows === b.rows && (a.bytesIn === b.bytesIn || a.bytesOut !== b.bytesOut),
  );
  return equal.length >= EQUAL_ANSWERS * pairs.length;
}

/** Code that asks twice at once does so within this time; a second copy that goes out later, while the first is under way, is a hedge. */
const AT_ONCE_US = 2000;

function withoutHedges(operations: readonly SampledOperation[]): readonly SampledOperation[] {
  return operations.filter((operation, index) => {
    const before = operations[index - 1];
    if (operation.outcome === 'unfinished') return false;
    if (before === undefined) return true;
    const isUnderWay = operation.atUs < before.atUs + before.durationUs;
    return !isUnderWay || operation.atUs - before.atUs <= AT_ONCE_US;
  });
}

/** Asked again after a pause in which the request did nothing else: it waits for something to happen. */
function isPolling({ node, operations }: Occurrence): boolean {
  const first = operations[0];
  const last = operations.at(-1);
  if (first === undefined || last === undefined) return false;
  const isAlone = node.operations.every(
    (each) => operations.includes(each) || each.atUs < first.atUs || each.atUs > last.atUs,
  );
  return (
    isAlone && operations.every((each, index) => pauseBefore(each, operations[index - 1]) >= LEAST_PAUSE_US)
  );
}

/** µs; the first one has no pause before it, however long. */
function pauseBefore({ atUs }: SampledOperation, before: SampledOperation | undefined): number {
  return before === undefined ? Infinity : atUs - before.atUs - before.durationUs;
}

function isWrittenBetween({ node, operations }: Occurrence): boolean {
  const first = operations[0];
  const last = operations.at(-1);
  if (first === undefined || last === undefined) return false;
  const target = targetOf(first);
  return node.operations.some(
    (each) =>
      each.atUs >= first.atUs &&
      each.atUs <= last.atUs &&
      each.dependency === first.dependency &&
      !isRead(each) &&
      !isControl(each) &&
      (targetOf(each) === target || target === ''),
  );
}
