// Calls of a trace that paused for 40 ms. In: a trace, the findings of its recording. Out: ids of operations. The pages do the same over
// columns (ui/state/trace-findings.ts).

import type { Finding } from '../../model/finding.ts';
import { mayBeStall } from '../../model/stall.ts';
import type { TraceAnswer, TraceOperation } from '../api.ts';

/** Ids of those that could be: without any, nobody needs to look for findings. */
export function possibleStalls({ operations, requests }: TraceAnswer): ReadonlySet<number> {
  const callees = new Map(requests.map(({ parentOperation, durationUs }) => [parentOperation, durationUs]));
  return new Set(
    operations
      .filter(({ id, phases }) => mayBeStall(phases, callees.get(id) ?? 0))
      .map((operation) => operation.id),
  );
}

/** Of those, what a finding is about. */
export function stallsIn(answer: TraceAnswer, findings: readonly Finding[]): ReadonlySet<number> {
  const possible = possibleStalls(answer);
  const stalls = findings.filter(({ kind }) => kind === 'stall-40-ms');
  const isAbout = ({ statement, dependency }: TraceOperation) =>
    stalls.some((finding) => finding.statement === statement && finding.dependency === dependency);
  return new Set(
    answer.operations.filter((each) => possible.has(each.id) && isAbout(each)).map(({ id }) => id),
  );
}
