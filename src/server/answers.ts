// What the server needs from the rest: the questions and their answers. Implemented by answer/, or by hand in tests.

import type {
  FindingsAnswer,
  HomeAnswer,
  Range,
  Report,
  StatusAnswer,
  TraceAnswer,
  TracesAnswer,
} from '../answer/api.ts';
import type { PageAnswers } from '../answer/page-answers.ts';

/** Which entry requests to list. Absent fields do not filter. */
export interface TracesFilter extends Range {
  /** The language of model/request-filter.ts. */
  readonly q?: string;
  readonly service?: string;
  readonly method?: string;
  readonly route?: string;
  readonly sort?: '-duration' | '-at';
  readonly limit?: number;
}

export interface Answers extends PageAnswers {
  home(range: Range): Promise<HomeAnswer>;
  findings(range: Range, isFresh?: boolean): Promise<FindingsAnswer>;
  traces(filter: TracesFilter): Promise<TracesAnswer>;
  /** undefined when the trace is not, or no longer, stored. */
  trace(traceId: string): Promise<TraceAnswer | undefined>;
  status(): Promise<StatusAnswer>;
  report(range: Range): Promise<Report>;
}
