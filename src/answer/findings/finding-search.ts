// Looks for findings: a sample of what is stored, through the engine. In: a store, a range. Out: findings. Runs in a thread of its own
// (finding-worker.ts), so nothing waits for it.

import { findingsOf, type Findings } from '../../analysis/engine.ts';
import type { AskStore } from '../../store/store.ts';
import type { Range } from '../api.ts';
import { findingSample, type SamplePart } from './finding-sample.ts';

export async function searchFindings(
  store: AskStore,
  range: Range,
  part: SamplePart,
  without: readonly string[],
): Promise<Findings> {
  const steps = findingsOf(await findingSample(store, range, part), new Set(without));
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
