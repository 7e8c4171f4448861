// What an operation is to others of its trace: the same again after a failure, or the same question. In: the trees of a trace. Out: both by
// operation id. Values are not kept: all that is known is that two were equal.

import { groupQuestions } from '../../analysis/sample/same-question.ts';
import { isControl } from '../../analysis/sample/statement-facts.ts';
import type { StoredOperation } from '../stored-rows.ts';
import type { TraceNode } from './trace-rows.ts';

export interface TraceMarks {
  readonly retries: ReadonlySet<number>;
  /** Operation id → number of what it asked, from 1; none when nobody can tell. */
  readonly questions: ReadonlyMap<number, number>;
}

export function marksOf(trees: readonly TraceNode[]): TraceMarks {
  const nodes = trees.flatMap(withCallees);
  const questions = questionsIn(nodes.flatMap(({ operations }) => operations));
  return { questions, retries: new Set(nodes.flatMap((node) => retriesIn(node, questions))) };
}

function withCallees(node: TraceNode): TraceNode[] {
  return [node, ...[...node.callees.values()].flatMap(withCallees)];
}

function questionsIn(operations: readonly StoredOperation[]): Map<number, number> {
  const { groups, unclear } = groupQuestions(operations);
  const questions = new Map<number, number>();
  for (const [operation, group] of groups) if (!unclear.has(operation)) questions.set(operation.id, group);
  return questions;
}

/** Asked when a call with the same statement had failed, and not with values that are known to be others. */
function retriesIn({ operations }: TraceNode, questions: ReadonlyMap<number, number>): number[] {
  /** Statement → the last call with it, while that has failed. */
  const failed = new Map<string, StoredOperation>();
  const found: number[] = [];
  for (const operation of operations) {
    const before = failed.get(operation.statement);
    if (before === undefined && operation.outcome === 'ok') continue;
    if (
      before?.dependency === operation.dependency &&
      isAfter(operation, before) &&
      isSame(questions, operation, before)
    )
      found.push(operation.id);
    if (operation.outcome === 'ok') failed.delete(operation.statement);
    else if (operation.role === 'work' && !isControl(operation)) failed.set(operation.statement, operation);
  }
  return found;
}

/** Whoever gives up asks again a moment before the close of the old connection is seen. */
const GIVEN_UP_SHARE = 0.9;

function isAfter({ atUs }: StoredOperation, before: StoredOperation): boolean {
  const share = before.outcome === 'unfinished' ? GIVEN_UP_SHARE : 1;
  return atUs >= before.atUs + share * before.durationUs;
}

function isSame(questions: ReadonlyMap<number, number>, a: StoredOperation, b: StoredOperation): boolean {
  const [first, second] = [questions.get(a.id), questions.get(b.id)];
  return first === undefined || second === undefined || first === second;
}
