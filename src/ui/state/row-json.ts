// The selected row as JSON, for scripts and issues. In: a trace page's answer and tree, a node. Out: what /api/trace/:id has of it, with
// the phases by name.

import type { TraceOperation } from '../../answer/api.ts';
import { PHASES } from '../../model/row.ts';
import { NodeKind } from '../canvas/rows.ts';
import type { TraceView } from './trace-view.ts';

export function rowJson({ answer, tree }: Pick<TraceView, 'answer' | 'tree'>, node: number): string {
  const traceId = answer.id;
  const call = (at: number) => {
    const operation = answer.operations.at(tree.operation[at] ?? -1);
    return operation && withNamedPhases(operation);
  };
  const kind = tree.kind[node];
  if (kind === NodeKind.request)
    return pretty({ traceId, request: answer.requests[tree.request[node] ?? -1], calledBy: call(node) });
  if (kind === NodeKind.operation) return pretty({ traceId, operation: call(node) });
  const operations: unknown[] = [];
  for (let below = node + 1; below < (tree.after[node] ?? 0); below++)
    if (tree.kind[below] === NodeKind.operation) operations.push(call(below));
  return pretty({ traceId, operations });
}

function withNamedPhases({ phases, ...rest }: TraceOperation) {
  const phasesUs = Object.fromEntries(PHASES.map(({ key }, index) => [key, phases[index] ?? 0]));
  return { ...rest, phasesUs };
}

function pretty(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}
