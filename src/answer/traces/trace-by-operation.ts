// Exclusive time of a trace by operation. In: the tree. Out: one line per statement and place, which add up to the root's
// duration. A call to a traced service is split into what the callee did; what is left of it is the network between them.

import { apportion } from '../../analysis/time/apportion.ts';
import type { CategoryKey } from '../../model/category.ts';
import { CATEGORIES } from '../../model/category.ts';
import type { TimeByOperation } from '../api.ts';
import { groupKey } from '../histograms.ts';
import type { StoredOperation } from '../stored-rows.ts';
import type { TraceNode } from './trace-rows.ts';
import type { RequestTime, WaitedFor } from './trace-time.ts';

type Line = { -readonly [K in keyof TimeByOperation]: TimeByOperation[K] };

/** By time, largest first. */
export function timeByOperation(
  root: TraceNode,
  timeOf: (node: TraceNode) => RequestTime,
): TimeByOperation[] {
  return linesOf(root, timeOf).toSorted((a, b) => b.us - a.us || (keyOf(a) < keyOf(b) ? -1 : 1));
}

function keyOf({ statement, category, service, dependency, callSite }: TimeByOperation): string {
  return groupKey([statement, category, service, dependency, callSite]);
}

/** One line for each key: a job does the same thing 100 000 times. */
class Lines {
  readonly #byKey = new Map<string, Line>();

  /** Takes `line` over. */
  add(line: Line): void {
    const key = keyOf(line);
    const known = this.#byKey.get(key);
    if (known === undefined) {
      this.#byKey.set(key, line);
      return;
    }
    known.calls += line.calls;
    known.us += line.us;
    known.poolUs += line.poolUs;
  }

  all(): Line[] {
    return [...this.#byKey.values()];
  }
}

/** Adds up to the duration of the node's request. */
function linesOf(node: TraceNode, timeOf: (node: TraceNode) => RequestTime): Line[] {
  const { own, waited } = timeOf(node);
  const { service } = node.request;
  const lines = new Lines();
  for (const [, us, category] of own) lines.add(ownLine(service, categoryAt(category), us));
  for (const operation of node.operations) {
    const callee = node.callees.get(operation.id);
    const wait = waited.get(operation.id) ?? NO_WAIT;
    const inside = callee === undefined ? [] : fitted(linesOf(callee, timeOf), wait.wireUs);
    lines.add(operationLine(service, operation, wait, inside));
    for (const line of inside) lines.add(line);
  }
  return lines.all();
}

const NO_WAIT: WaitedFor = { exclusiveUs: 0, poolUs: 0, wireUs: 0 };

function ownLine(service: string, category: CategoryKey, us: number): Line {
  return { statement: '', category, service, dependency: '', callSite: '', calls: 0, us, poolUs: 0 };
}

/** What the callee does not explain. */
function operationLine(
  service: string,
  operation: StoredOperation,
  wait: WaitedFor,
  inside: readonly TimeByOperation[],
): Line {
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
function fitted(lines: Line[], wireUs: number): Line[] {
  const totalUs = lines.reduce((total, { us }) => total + us, 0);
  if (totalUs <= wireUs) return lines;
  const us = apportion(
    wireUs,
    lines.map((line) => line.us),
  );
  return lines.map((line, index) => ({
    ...line,
    us: us[index] ?? 0,
    poolUs: Math.min(line.poolUs, us[index] ?? 0),
  }));
}

function categoryAt(index: number): CategoryKey {
  return CATEGORIES[index]?.key ?? 'other';
}
