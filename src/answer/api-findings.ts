// The answers of the pages about findings, as types: the lists by state, one finding with all that is known of it, and what a person
// can say about it. api.ts has the others and the units. Only types here.

import type { CategoryKey } from '../model/category.ts';
import type { EndpointName, Finding, FindingLife, FindingList, Measures } from '../model/finding.ts';
import type { FindingRow, TraceListRow, Window, Words } from './api.ts';

/** A finding in a list. Those that are no longer seen are shown as they were last seen. */
export type FindingLine = FindingRow & { readonly life: FindingLife };

/** GET /api/findings/lists?from=&to= : open ones by what they save, the others by their last change, newest first. */
export interface FindingListsAnswer {
  readonly window: Window;
  readonly sentence: readonly Words[];
  readonly second: readonly Words[];
  /** Requests that findings were looked for in, and all that they stand for. */
  readonly lookedAt: number;
  readonly requests: number;
  readonly lists: Readonly<Record<FindingList, readonly FindingLine[]>>;
  /** Of the open ones: the first three together, and all of them, overlaps counted once. */
  readonly firstThreeShare: number;
  readonly togetherShare: number;
  readonly calibration: Calibration;
}

/**
 * How good predictions were so far: every finding that was mended, also where that made requests slower. Upper bounds are no predictions: they
 * are counted and recorded, but not judged.
 */
export interface Calibration {
  readonly verified: number;
  /** Of them, those with a prediction. */
  readonly judged: number;
  /** Median of |measured − predicted| / predicted mean saving; undefined without any. */
  readonly medianError: number | undefined;
  /** Median of (measured − predicted) / predicted: above zero, too little was promised. */
  readonly medianBias: number | undefined;
  /** Of the judged: their measured mean saving lies in the predicted 90 % interval. */
  readonly withinInterval: number;
  /** In words; '' without any. */
  readonly words: string;
  /** Newest first, at most 50. */
  readonly records: readonly CalibrationRecord[];
}

export interface CalibrationRecord extends EndpointName {
  readonly findingId: string;
  readonly title: string;
  readonly at: number;
  readonly before: Measures;
  readonly predicted: Measures;
  readonly measured: Measures;
  /** Of one request on average, µs: predicted with its 90 % interval, and measured (below zero: it got slower). */
  readonly saving: {
    readonly predictedUs: number;
    readonly lowUs: number;
    readonly highUs: number;
    readonly measuredUs: number;
  };
  readonly isCeiling: boolean;
}

/** GET /api/finding/:id?from=&to= ; 404 when nothing is known of it. */
export interface FindingAnswer {
  readonly window: Window;
  readonly finding: Finding;
  readonly life: FindingLife;
  /** It is there in the range that was asked for; false: `finding` is as it was last seen. */
  readonly isSeen: boolean;
  readonly sentence: readonly Words[];
  readonly second: readonly Words[];
  readonly category: CategoryKey;
  readonly comparison: Comparison;
  /** The code around the place; undefined when the file is not there, or is not below the folder of its process. */
  readonly source: SourcePlace | undefined;
  readonly howToFix: HowToFix;
  readonly evidence: EvidenceDetail;
}

/** Requests of the endpoint that gains most. */
export interface Comparison extends EndpointName {
  readonly distribution: TwoDistributions;
  readonly now: Measures;
  /** Predicted from the same requests. */
  readonly after: Measures;
  /** While it is verified, and after: requests since the change. `now` and `before` are then those before it. */
  readonly measured: Measures | undefined;
}

/** Three histograms over one axis of equal steps from 0; what is beyond is in the last bucket. Counts are of sampled requests. */
export interface TwoDistributions {
  readonly stepUs: number;
  readonly now: readonly number[];
  readonly after: readonly number[];
  /** Empty when nothing has been measured yet. */
  readonly measured: readonly number[];
}

export interface SourcePlace {
  /** Of the first line that is sent. */
  readonly firstLine: number;
  readonly lines: readonly string[];
  /** The place of the finding. */
  readonly line: number;
  /** For links to an editor. */
  readonly absolutePath: string;
  /** It was written after its process started: lines may have moved. */
  readonly isChanged: boolean;
  /** Calls that begin in these lines, by line. */
  readonly calls: readonly {
    readonly line: number;
    readonly perRequest: number;
    readonly usPerRequest: number;
    readonly category: CategoryKey;
  }[];
}

export interface HowToFix {
  /** One or two sentences. */
  readonly text: string;
  /** What the process uses: 'pg', 'redis' …; '' when it is not known. */
  readonly library: string;
  /** A sketch, not a patch: names are invented. Empty when there is none. */
  readonly diff: readonly { readonly kind: 'remove' | 'add' | 'keep'; readonly text: string }[];
}

export interface EvidenceDetail {
  /** Requests that show it, of those that were looked at. */
  readonly requests: number;
  readonly lookedAt: number;
  /** What is counted per request: 'queries from this line', 'ms in line' … */
  readonly countName: string;
  /** How many requests have so many: [count, requests] rising. */
  readonly counts: readonly (readonly [number, number])[];
  /** Up to 20, from typical to slow, each with its count. */
  readonly traces: readonly (TraceListRow & { readonly count: number })[];
}

/** POST /api/finding/:id/verify | /ignore | /reopen, body { "reason"?: string }: answers with the life that follows. */
export type FindingAction = 'verify' | 'ignore' | 'reopen';
