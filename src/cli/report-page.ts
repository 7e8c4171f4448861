// A report as one file that opens from the disk: the pages, and the answers that they ask for. In: answers, a range, ids of traces. Out: HTML.
// It is made to be given to others: source code and paths of this machine are left out.

import type { Range } from '../answer/api.ts';
import { defaultUiFolder, readReportPage } from '../server/pages.ts';
import { Failure } from './failure.ts';
import type { CommandAnswers } from './session/remote-answers.ts';
import { whileWaiting, type Progress } from './terminal/progress.ts';
import { safe } from './terminal/text.ts';

/** Each finding's page is about 10 KB. */
const MOST_FINDINGS = 40;
/** For examples of findings: with the pages themselves (0.5 MB) it stays below 1 MB. Traces that were asked for are always in. */
const MOST_EXAMPLE_BYTES = 250_000;

export interface ReportPageOptions {
  readonly range: Range;
  readonly traces: readonly string[];
  readonly progress: Progress;
}

export async function renderReportPage(answers: CommandAnswers, options: ReportPageOptions): Promise<string> {
  const { range, traces, progress } = options;
  const saved: Record<string, unknown> = {};
  const report = await whileWaiting('Looking for findings', answers.findings(range));
  const lists = await answers.findingLists?.(range);
  const [home, status, map] = await Promise.all([answers.home(range), answers.status(), answers.map(range)]);
  saved['/api/findings'] = report;
  saved['/api/findings/lists'] = lists;
  saved['/api/home'] = home;
  saved['/api/map'] = map;
  const rows = Object.values(lists?.lists ?? {})
    .flat()
    .slice(0, MOST_FINDINGS);
  const steps = traces.length + rows.length;
  for (const [index, id] of traces.entries()) {
    progress.step(index, steps);
    saved[`/api/trace/${encodeURIComponent(id)}`] = await traceOf(answers, id);
  }
  let left = MOST_EXAMPLE_BYTES;
  for (const [index, { id, exampleTrace }] of rows.entries()) {
    progress.step(traces.length + index, steps);
    const finding = await answers.finding?.(id, range);
    if (finding !== undefined)
      saved[`/api/finding/${encodeURIComponent(id)}`] = { ...finding, source: undefined };
    left -= await addExample(answers, exampleTrace, left, saved);
  }
  progress.end();
  const about = { ...status, isLive: false, dataFolder: '' };
  return readReportPage(defaultUiFolder(), { status: about, answers: saved });
}

async function traceOf(answers: CommandAnswers, id: string) {
  const trace = await answers.trace(id.toLowerCase());
  if (trace !== undefined) return trace;
  throw new Failure(`The request "${safe(id.slice(0, 100))}" is not, or no longer, stored.`);
}

/** The bytes that it takes; 0 when there is no room for it. */
async function addExample(
  answers: CommandAnswers,
  id: string,
  left: number,
  saved: Record<string, unknown>,
): Promise<number> {
  const path = `/api/trace/${encodeURIComponent(id)}`;
  if (id === '' || left <= 0 || path in saved) return 0;
  const trace = await answers.trace(id);
  const bytes = trace === undefined ? Infinity : JSON.stringify(trace).length;
  if (bytes > left) return 0;
  saved[path] = trace;
  return bytes;
}
