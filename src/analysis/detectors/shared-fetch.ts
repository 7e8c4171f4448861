// D25: two services fetch the same data for the same request.
// Evidence: one question with equal values (salted hashes, collector), asked by a service and again by one that it calls or was called by.
// Thresholds: in 30 % of the requests of the endpoint that asks again.
// Cannot tell: whether that is deliberate (a service that trusts nobody checks a session itself): confidence is medium.

import { emptyChange, NO_PHASES } from '../replay/change.ts';
import { lineOf, usualCallSite } from '../sample/occurrences.ts';
import { groupBy, rootOf, type RequestNode, type SampledOperation } from '../sample/request-tree.ts';
import { groupsOf } from '../sample/same-question.ts';
import type { Sample } from '../sample/sample.ts';
import { isControl, isRead, shortStatement } from '../sample/statement-facts.ts';
import { statementKey } from '../sample/occurrences.ts';
import { byEndpoint, type Detector, type Suspicion } from './detector.ts';
import { sharedFetchFix } from './fixes.ts';

const LEAST_SHARE_OF_REQUESTS = 0.3;

export const sharedFetch: Detector = {
  kind: 'shared-fetch',
  detect: (sample) =>
    byEndpoint(sample, (nodes) => {
      const again = nodes.flatMap((node) => askedBefore(sample, node));
      return [...groupBy(again, ({ operation }) => statementKey(operation)).values()].flatMap(
        (same) => suspicionOf(nodes, same) ?? [],
      );
    }),
};

interface Again {
  readonly node: RequestNode;
  readonly operation: SampledOperation;
  readonly firstService: string;
}

/** Its reads that another service has made before it in the same trace. */
function askedBefore(sample: Sample, node: RequestNode): Again[] {
  const root = rootOf(node);
  if (root === node && node.callees.size === 0) return [];
  const groups = groupsOf(sample);
  if (!node.operations.some((operation) => groups.has(operation))) return [];
  const others = treeOf(root).filter(({ request }) => request.service !== node.request.service);
  return node.operations.flatMap((operation): Again[] => {
    const group = groups.get(operation);
    if (group === undefined || !isRead(operation) || isControl(operation)) return [];
    const first = others.find((other) =>
      other.operations.some((each) => each.atUs < operation.atUs && groups.get(each) === group),
    );
    return first === undefined ? [] : [{ node, operation, firstService: first.request.service }];
  });
}

function treeOf(node: RequestNode): RequestNode[] {
  return [node, ...[...node.callees.values()].flatMap(treeOf)];
}

function suspicionOf(nodes: readonly RequestNode[], again: readonly Again[]): Suspicion | undefined {
  const [first] = again;
  const endpoint = nodes[0]?.request;
  const requests = [...new Set(again.map(({ node }) => node))];
  if (first === undefined || endpoint === undefined) return undefined;
  if (requests.length < LEAST_SHARE_OF_REQUESTS * nodes.length) return undefined;
  const change = emptyChange();
  for (const { operation } of again) change.phases.set(operation.id, NO_PHASES);
  return {
    kind: 'shared-fetch',
    title: `${shortStatement(first.operation)} is asked by ${first.firstService}, and again by ${endpoint.service}`,
    endpoint,
    at: first.operation,
    callSite: lineOf(usualCallSite(again.map(({ operation }) => operation))),
    requests,
    lookedAt: nodes.length,
    change,
    confidence: 'medium',
    fix: sharedFetchFix(),
  };
}
