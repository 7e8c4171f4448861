// What every first visit asks, asked before anybody comes: whoever opens the pages does not wait for what is read from the disk first.
// In: answers over a recording. Out: nothing; the store that remembers (remembered-store.ts) has the answers then.

import type { Answers } from './answers.ts';

/** Never rejects: what fails here fails again for whoever asks, and is said there. */
export async function askFirstQuestions(answers: Answers): Promise<void> {
  await Promise.allSettled([answers.status(), answers.home({})]);
}
