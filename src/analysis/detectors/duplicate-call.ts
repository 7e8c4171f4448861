// D4: the same question twice within one request, with nothing changed between.
// Evidence: equal values (salted hashes, same-question.ts) where they were seen: confidence is high. Else a read that occurs again with the
// same number of bytes and rows both ways, in every request, although sizes differ between requests (equal-calls.ts): that is
// statistics, and confidence is medium.
// Thresholds: in 20 % of the requests of the endpoint (a rare second look is no pattern), without a write to the same table or key
// in between (reading one's own write is right).
// Cannot tell, without values: calls that always have the same sizes everywhere (fixed-width keys and values) stay silent.

import { emptyChange, NO_PHASES } from '../change.ts';
import { looksRepeated } from '../equal-calls.ts';
import { lineOf, occurrencesOf, usualCallSite, type Occurrence } from '../occurrences.ts';
import { groupBy, type RequestNode, type SampledOperation } from '../request-tree.ts';
import { areKnown, groupsOf } from '../same-question.ts';
import type { Sample } from '../sample.ts';
import { isControl, isRead, shortStatement, targetOf } from '../statement-facts.ts';
import { meanOf } from '../statistics.ts';
import { byEndpoint, type Detector, type Suspicion } from './detector.ts';
import { duplicateFix } from './fixes.ts';

const LEAST_SHARE_OF_REQUESTS = 0.2;

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
  if (at === undefined || endpoint === undefined || isControl(at) || !isRead(at)) return undefined;
  const groups = groupsOf(sample);
  const isKnown = occurrences.every(({ operations }) => areKnown(groups, operations));
  const again = occurrences
    .map((each) => (isKnown ? { ...each, operations: mostAsked(groups, each.operations) } : each))
    .filter((each) => each.operations.length > 1 && !isWrittenBetween(each));
  if (again.length === 0 || again.length < LEAST_SHARE_OF_REQUESTS * nodes.length) return undefined;
  if (!isKnown && !looksRepeated(again)) return undefined;
  const change = emptyChange();
  for (const { operations } of again)
    for (const { id } of operations.slice(1)) change.phases.set(id, NO_PHASES);
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
    fix: duplicateFix(),
  };
}

/** Of one request: the calls with those values that were asked most often. */
function mostAsked(
  groups: ReadonlyMap<SampledOperation, number>,
  operations: readonly SampledOperation[],
): readonly SampledOperation[] {
  const same = groupBy(operations, (operation) => String(groups.get(operation)));
  return [...same.values()].toSorted((a, b) => b.length - a.length)[0] ?? [];
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
