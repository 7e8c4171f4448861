// A report in one file: the same pages over answers that are in the file. In: a block of the page. Out: whether there is one, and its answers.
// Not here: which answers a report holds (cli/report-page.ts).

import type { StatusAnswer } from '../../answer/api.ts';

/** Path of the interface without its query → answer. */
interface SavedAnswers {
  readonly status: StatusAnswer;
  readonly answers: Readonly<Record<string, unknown>>;
}

const saved = readBlock();

export const isSaved = saved !== undefined;
export const savedStatus = saved?.status;
export const NOT_SAVED =
  'This is not in the report: it holds Home, the findings, the map and some traces. Everything else: wiretime open.';

/** undefined: the report does not hold it. */
export function savedAnswer(path: string): unknown {
  const { pathname } = new URL(path, 'http://report');
  return saved !== undefined && Object.hasOwn(saved.answers, pathname) ? saved.answers[pathname] : undefined;
}

function readBlock(): SavedAnswers | undefined {
  const block = document.getElementById('saved-answers');
  return block === null ? undefined : (JSON.parse(block.textContent ?? '') as SavedAnswers);
}
