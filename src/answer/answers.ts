// The questions that can be asked, over one store. In: a store, and the running collector when there is one. Out: answers.
// One file per question; not here: how they travel (server/) and how they look (ui/, cli/terminal/).

import type {
  FindingsAnswer,
  HomeAnswer,
  Range,
  Report,
  StatusAnswer,
  TraceAnswer,
  TracesAnswer,
  UnderWayAnswer,
} from './api.ts';
import { NO_FINDINGS } from '../analysis/engine.ts';
import type { EndpointUse } from '../analysis/budget/use.ts';
import { withShortNames } from './dependency-names.ts';
import { comparisonSide, type ComparisonSide } from './traces/comparison-side.ts';
import { endpointUses, type UsesQuestion } from './endpoints/endpoint-uses.ts';
import { exportRows, type ExportQuestion, type ExportRows } from './export-rows.ts';
import { createFindingDesk } from './findings/finding-desk.ts';
import type { ChangingStore } from './findings/finding-lives.ts';
import { findingRows } from './findings/finding-words.ts';
import { createFindings } from './findings/findings.ts';
import { home } from './home.ts';
import type { LiveStatus } from './live.ts';
import { createPageAnswers, type PageAnswers } from './page-answers.ts';
import { report } from './report.ts';
import type { About } from './status.ts';
import { status } from './status.ts';
import { trace } from './traces/trace.ts';
import type { TracesFilter } from './traces/traces.ts';
import { traces } from './traces/traces.ts';
import { underWay } from './under-way.ts';

export interface Answers extends PageAnswers {
  /** With the findings that are there within a moment. */
  home(range: Range): Promise<HomeAnswer>;
  /** `isFresh`: made from what is stored now, not some seconds ago. */
  findings(range: Range, isFresh?: boolean): Promise<FindingsAnswer>;
  traces(filter: TracesFilter): Promise<TracesAnswer>;
  /** undefined when the trace is not, or no longer, stored. */
  trace(traceId: string): Promise<TraceAnswer | undefined>;
  status(): Promise<StatusAnswer>;
  /** What runs and has not ended, all of it or of one trace. Over saved data: nothing. */
  underWay(traceId?: string): Promise<UnderWayAnswer>;
  report(range: Range): Promise<Report>;
  /** Everything, for other programs. */
  exportRows(question: ExportQuestion): Promise<ExportRows>;
  /** What each endpoint used, for budgets; with findings that are made now, if `hasFindings`. */
  endpointUses(question: UsesQuestion, hasFindings: boolean): Promise<readonly EndpointUse[]>;
  /** One side of a comparison. With full names: short ones depend on what else a side has. */
  comparisonSide(range: Range): Promise<ComparisonSide>;
}

/** The home page does not wait for findings of a large recording: it asks for them when it is on the screen. */
const FINDINGS_PATIENCE_MS = 100;
const MANY_REQUESTS = 50_000;

const NOT_SAID: About = { project: '', version: '', dataFolder: '' };

/** `live` is the running collector; without it the answers are those of saved data. */
export function createAnswers(store: ChangingStore, live?: LiveStatus, about: Partial<About> = {}): Answers {
  const known = { ...NOT_SAID, ...about };
  const named = withShortNames(store);
  const source = createFindings(store, named);
  const latestRows = async (range: Range, requests: number) => {
    if (requests > MANY_REQUESTS && !source.has(range)) return undefined;
    const latest = await source.latest(range, FINDINGS_PATIENCE_MS);
    return latest && findingRows(latest);
  };
  return {
    ...createPageAnswers(named),
    ...createFindingDesk(named, source),
    home: (range) => home(named, range, known.project, live, (requests) => latestRows(range, requests)),
    findings: async (range, isFresh) => {
      const { findings, firstThreeShare, togetherShare } = await source.findings(range, isFresh);
      return { findings, firstThreeShare, togetherShare };
    },
    // A list waits for findings only if it is filtered by them.
    traces: (filter) =>
      traces(named, filter, async ({ from, to }, isNeeded) => {
        const range = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
        if (isNeeded) return source.findings(range);
        return source.has(range) ? source.latest(range, FINDINGS_PATIENCE_MS) : undefined;
      }),
    trace: (traceId) => trace(named, traceId),
    status: () => status(named, known, live),
    underWay: async (traceId) => underWay(live, Date.now(), traceId),
    endpointUses: async (question, hasFindings) =>
      endpointUses(named, question, hasFindings ? await source.findings(question.range, true) : NO_FINDINGS),
    comparisonSide: (range) => comparisonSide(store, range),
    exportRows: (question) => exportRows(named, question),
    report: (range) => report(named, range, live, source.findings(range)),
  };
}
