// What a suspicion must pass before anybody hears of it. In: a suspicion with its predicted savings. Out: yes or no, and how sure.
// Support (G1), effect (G2), on the critical path (G3: the saving comes from replay), one root cause (G4).
// Each limit says why it is where it is; none was fitted to an example.

import type { Confidence, FindingEffect, FindingKind } from '../model/finding.ts';
import type { Suspicion } from './detectors/detector.ts';

/** 20 requests: with fewer, one slow minute is a pattern. */
const LEAST_REQUESTS = 20;
const LEAST_SHARE = 0.05;
/** A burst is not a pattern: it must be seen in so many blocks of time. */
const LEAST_BLOCKS = 3;
/** Below 50 requests the numbers are said with low confidence. */
const SURE_REQUESTS = 50;

/** Of the median of the endpoint, on affected requests; and of its p95. Less than that drowns in the noise of a working day. */
const LEAST_OF_MEDIAN = 0.03;
const LEAST_OF_P95 = 0.05;
/** A tenth of a millisecond is the resolution of what one call costs. */
const LEAST_US = 100;
/** Of all request time: 200 such findings would be the whole. Pages fold smaller ones anyway. */
const LEAST_OF_ALL = 0.002;

/** Two suspicions that share 60 % of their operations are one fault; one slow query in a chain of five calls is another one. */
const SAME_SHARE = 0.6;

export function hasSupport({ requests, lookedAt }: Suspicion): boolean {
  const blocks = new Set(requests.map(({ block }) => block));
  return (
    requests.length >= LEAST_REQUESTS &&
    requests.length >= LEAST_SHARE * lookedAt &&
    blocks.size >= LEAST_BLOCKS
  );
}

/** `lowUs`: the low end of what an affected request saves on average; `share` of all request time. */
export function isWorthSaying(main: FindingEffect, lowUs: number, share: number): boolean {
  if (share < LEAST_OF_ALL) return false;
  const isMuch = lowUs >= Math.max(LEAST_US, LEAST_OF_MEDIAN * main.p50.nowUs);
  const p95SavedUs = main.p95.nowUs - main.p95.afterUs;
  return isMuch || (lowUs >= LEAST_US && p95SavedUs >= LEAST_OF_P95 * main.p95.nowUs);
}

/** `kept` and `other` are about the same operations. */
export function isSameCause(kept: Suspicion, other: Suspicion): boolean {
  if (kept.endpoint.service !== other.endpoint.service) return false;
  const ids = idsOf(other);
  const keptIds = idsOf(kept);
  if (ids.size === 0 || keptIds.size === 0) return false;
  let common = 0;
  for (const id of ids) if (keptIds.has(id)) common++;
  // Each call of a loop is a part of it.
  const all = kept.kind === 'loop-of-calls' ? ids.size : Math.max(ids.size, keptIds.size);
  return common >= SAME_SHARE * all;
}

/** The line before a pool is a fault of its own: queries of a loop that wait in it are not. */
export function isAboutLine(kind: FindingKind): boolean {
  return kind === 'pool-starvation' || kind === 'held-connection';
}

/** What a change shortens itself; what merely waits less behind it is somebody else's fault. */
function idsOf({ kind, change }: Suspicion): ReadonlySet<number> {
  return isAboutLine(kind) ? new Set() : new Set([...change.phases.keys(), ...change.together.keys()]);
}

const CONFIDENCES: readonly Confidence[] = ['high', 'medium', 'low'];

/** As sure as the evidence allows, less with little support. */
export function confidenceOf({ confidence, requests }: Suspicion): Confidence {
  const least: Confidence = requests.length < SURE_REQUESTS ? 'low' : 'high';
  return CONFIDENCES[Math.max(CONFIDENCES.indexOf(confidence), CONFIDENCES.indexOf(least))] ?? 'low';
}
