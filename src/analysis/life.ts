// What becomes of a finding. In: what it was, what requests since then show. Out: the next state, with the reason in words; or none yet.
// Not here: where the numbers come from, where states are kept (answer/findings/finding-lives.ts).

import { formatDuration, formatWholeShare } from '../base/numbers.ts';
import type { Finding, FindingKind, FindingState, Measures } from '../model/finding.ts';

/** So many requests have a p95, and an endpoint with one request a second has them in two minutes. */
export const NEEDED_REQUESTS = 100;
/** Half as often as before: what remains is another path through the code, or requests that were already under way. */
const STILL_THERE_SHARE = 0.5;
/** Not seen at all but for strays. */
const GONE_SHARE = 0.1;
/** Half of the requests, and the mean, are slower by this: a busy hour does not do that to both for nothing. */
const WORSE_TIMES = 1.2;

/** What is gone for good when it is not seen: of these the code decides, not how much there is to do or how busy a machine is. */
const STRUCTURAL: ReadonlySet<FindingKind> = new Set<FindingKind>([
  'pointer-chase',
  'loop-of-calls',
  'n-plus-one',
  'n-plus-one-calls',
  'polling',
  'wide-fan-out',
  'duplicate-call',
  'shared-fetch',
  'control-statements',
  'deferrable',
  'stall-40-ms',
  'dns-per-call',
  'tls-per-call',
  'new-connections',
  'sequential-calls',
  'missing-compression',
]);

/** A finding as it was when it was last open. */
export interface Snapshot {
  readonly finding: Finding;
  readonly before: Measures;
  readonly predicted: Measures;
}

export interface Observed {
  /** Requests of the endpoint that gains most, since the change. */
  readonly measured: Measures;
  /** Of the requests that could show it, those that do. */
  readonly stillShare: number;
  readonly lookedAt: number;
}

export interface Step {
  readonly state: FindingState;
  readonly note: string;
}

/** Of one that is open: it is not seen any more, so somebody has changed something. */
export function disappeared({ finding }: Snapshot, { stillShare, lookedAt }: Observed): Step | undefined {
  if (!STRUCTURAL.has(finding.kind) || lookedAt < NEEDED_REQUESTS) return undefined;
  if (stillShare > GONE_SHARE * shareOf(finding)) return undefined;
  return { state: 'verifying', note: `Not seen in the last ${lookedAt} requests.` };
}

/** Of one that is verified, or verifying. */
export function verdict(snapshot: Snapshot, observed: Observed): Step | undefined {
  const { measured, stillShare } = observed;
  if (measured.requests < NEEDED_REQUESTS) return undefined;
  const isThere = stillShare >= STILL_THERE_SHARE * shareOf(snapshot.finding) && observed.lookedAt > 0;
  const numbers = `${measured.requests} requests: ${medianWords(snapshot.before)}, now ${medianWords(measured)}.`;
  if (isWorse(snapshot.before, measured)) return { state: 'worse', note: `Slower in ${numbers}` };
  if (isThere)
    return {
      state: 'no-change',
      note: `Still there in ${formatWholeShare(stillShare)} of ${observed.lookedAt} requests.`,
    };
  return { state: 'verified', note: `Gone in ${numbers}` };
}

/** Of one that was verified: it is back. */
export function returned({ finding }: Snapshot, { stillShare, lookedAt }: Observed): Step | undefined {
  if (lookedAt < NEEDED_REQUESTS || stillShare < STILL_THERE_SHARE * shareOf(finding)) return undefined;
  return { state: 'reopened', note: `Back in ${formatWholeShare(stillShare)} of ${lookedAt} requests.` };
}

function shareOf({ evidence }: Finding): number {
  return evidence.requests / Math.max(1, evidence.lookedAt);
}

function isWorse(before: Measures, { p50Us, meanUs }: Measures): boolean {
  const isSlowerMedian = (p50Us ?? 0) > WORSE_TIMES * (before.p50Us ?? Number.POSITIVE_INFINITY);
  return isSlowerMedian && meanUs > WORSE_TIMES * before.meanUs;
}

function medianWords({ p50Us, meanUs }: Measures): string {
  return p50Us === undefined ? `${formatDuration(meanUs)} on average` : `p50 ${formatDuration(p50Us)}`;
}
