// Exclusive time of a trace by operation. In: the tree. Out: one line per statement and place, which add up to the root's
// duration. A call to a traced service is split into what the callee did; what is left of it is the network between them.

import { apportion } from '../analysis/apportion.ts';
import type { CategoryKey } from '../model/category.ts';
import { CATEGORIES } from '../model/category.ts';
import type { TimeByOperation } from './api.ts';
import { groupKey } from './histograms.ts';
import type { TraceNode, TraceOperationRow } from './trace-rows.ts';
import type { RequestTime, WaitedFor } from './trace-time.ts';

/** By time, largest first. */
export function timeByOperation(
  root: TraceNode,
  timeOf: (node: TraceNode) => RequestTime,
): TimeByOperation[] {
  const merged = new Map<string, TimeByOperation>();
  for (const entry of entriesOf(root, timeOf)) {
    const key = keyOf(entry);
    const known = merged.get(key);
    merged.set(key, known === undefined ? entry : added(known, entry));
  }
  return [...merged.values()].toSorted((a, b) => b.us - a.us || (keyOf(a) < keyOf(b) ? -1 : 1));
}

function keyOf({ statement, category, service, dependency, callSite }: TimeByOperation): string {
  return groupKey([statement, category, service, dependency, callSite]);
}

function added(a: TimeByOperation, b: TimeByOperation): TimeByOperation {
  return { ...a, calls: a.calls + b.calls, us: a.us + b.us, poolUs: a.poolUs + b.poolUs };
}

/** Adds up to the duration of the node's request. */
function entriesOf(node: TraceNode, timeOf: (node: TraceNode) => RequestTime): TimeByOperation[] {
  const { own, waited } = timeOf(node);
  const { service } = node.request;
  return [
    ...own.map(([, us, category]) => ownEntry(service, categoryAt(category), us)),
    ...node.operations.flatMap((operation) => {
      const callee = node.callees.get(operation.id);
      const wait = waited.get(operation.id) ?? { exclusiveUs: 0, poolUs: 0, wireUs: 0 };
      const inside = callee === undefined ? [] : fitted(entriesOf(callee, timeOf), wait.wireUs);
      return [operationEntry(service, operation, wait, inside), ...inside];
    }),
  ];
}

function ownEntry(service: string, category: CategoryKey, us: number): TimeByOperation {
  return { statement: '', category, service, dependency: '', callSite: '', calls: 0, us, poolUs: 0 };
}

/** What the callee does not explain. */
function operationEntry(
  service: string,
  operation: TraceOperationRow,
  wait: WaitedFor,
  inside: readonly TimeByOperation[],
): TimeByOperation {
  const { statement, dependency, callSite } = operation;
  return {
    statement,
    category: operation.role === 'setup' ? 'conn' : operation.category,
    service,
    dependency,
    callSite,
    calls: 1,
    us: wait.exclusiveUs - inside.reduce((total, { us }) => total + us, 0),
    poolUs: wait.poolUs,
  };
}

/** A callee that took longer than the caller waited (it went on after it had answered, or in parallel) is scaled to fit. */
function fitted(entries: readonly TimeByOperation[], wireUs: number): TimeByOperation[] {
  const totalUs = entries.reduce((total, { us }) => total + us, 0);
  if (totalUs <= wireUs) return [...entries];
  const us = apportion(
    wireUs,
    entries.map((entry) => entry.us),
  );
  return entries.map((entry, index) => ({
    ...entry,
    us: us[index] ?? 0,
    poolUs: Math.min(entry.poolUs, us[index] ?? 0),
  }));
}

function categoryAt(index: number): CategoryKey {
  return CATEGORIES[index]?.key ?? 'other';
}
