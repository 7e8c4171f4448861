// With which values calls of one statement asked, in words. In: TraceOperation.question of each. Out: `24 different values`. The values
// themselves are known to nobody here: only which of them were equal.

import { formatCount } from '../base/numbers.ts';

/** '' when nobody can tell of any of them. */
export function askedValues(questions: readonly number[]): string {
  const times = new Map<number, number>();
  for (const question of questions) times.set(question, (times.get(question) ?? 0) + 1);
  const unseen = times.get(0) ?? 0;
  times.delete(0);
  if (times.size === 0) return '';
  const words = wordsOf(questions.length - unseen, times.size, Math.max(...times.values()));
  return unseen === 0 ? words : `${words}; of ${formatCount(unseen)} not seen`;
}

function wordsOf(calls: number, different: number, most: number): string {
  if (calls === 1) return 'one value';
  if (different === 1) return `the same values ${formatCount(calls)} times`;
  if (different === calls) return `${formatCount(calls)} different values`;
  return `${formatCount(different)} different values, one of them ${formatCount(most)} times`;
}
