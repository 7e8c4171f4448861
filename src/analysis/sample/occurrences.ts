// Where the same statement is asked, endpoint by endpoint. In: the requests of one endpoint. Out: for each statement the requests that
// ask it, with its operations in order. Most detectors begin here.

import type { RequestNode, SampledOperation } from './request-tree.ts';

export interface Occurrence {
  readonly node: RequestNode;
  /** By start; at least one. */
  readonly operations: readonly SampledOperation[];
}

const known = new WeakMap<readonly RequestNode[], ReadonlyMap<string, readonly Occurrence[]>>();

/** Statement and dependency → its occurrences. Set-up and waiting for news are left out. Worked out once for each list of requests. */
export function occurrencesOf(nodes: readonly RequestNode[]): ReadonlyMap<string, readonly Occurrence[]> {
  const found = known.get(nodes) ?? find(nodes);
  known.set(nodes, found);
  return found;
}

function find(nodes: readonly RequestNode[]): Map<string, Occurrence[]> {
  const found = new Map<string, Occurrence[]>();
  for (const node of nodes)
    for (const [key, operations] of byStatement(node)) {
      const occurrences = found.get(key);
      if (occurrences === undefined) found.set(key, [{ node, operations }]);
      else occurrences.push({ node, operations });
    }
  return found;
}

export function byStatement({ operations }: RequestNode): Map<string, SampledOperation[]> {
  const groups = new Map<string, SampledOperation[]>();
  for (const operation of operations) {
    if (operation.role !== 'work') continue;
    const key = statementKey(operation);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [operation]);
    else group.push(operation);
  }
  return groups;
}

export function statementKey({
  statement,
  dependency,
}: Pick<SampledOperation, 'statement' | 'dependency'>): string {
  return `${dependency}\n${statement}`;
}

/** The place that most of them come from; call sites are sampled, so some have none. */
export function usualCallSite(operations: Iterable<SampledOperation>): string {
  const counts = new Map<string, number>();
  for (const { callSite } of operations)
    if (callSite !== '') counts.set(callSite, (counts.get(callSite) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0] ?? '';
}

/** The line without its column. */
export function lineOf(callSite: string): string {
  return callSite.replace(/:\d+$/, '');
}
