// What a suspicion must pass before anybody hears of it. In: a suspicion with its predicted savings. Out: yes or no, and how sure.
// Support (G1), effect (G2), on the critical path (G3: the saving comes from replay), one root cause (G4).
// Each limit says why it is where it is; none was fitted to an example.

import type { Confidence, FindingEffect, FindingKind } from '../model/finding.ts';
import type { Suspicion } from './detectors/detector.ts';
import type { RequestNode } from './sample/request-tree.ts';
import { leastShare } from './statistics/chances.ts';

/** Each request that shows it is a fact of the wire; what eight in three blocks of time exclude is an accident of one moment. */
const LEAST_REQUESTS = 8;
/** Of the requests of the endpoint, at the low end of what those that were looked at allow: a twentieth of all traffic has it. */
const LEAST_SHARE = 0.05;
/** A burst is not a pattern: it must be seen in so many blocks of time. */
const LEAST_BLOCKS = 3;
/** What is rare is a pattern all the same when it is what makes requests slow: so many, and of the slowest twentieth of its endpoint so much. */
const LEAST_SLOW_REQUESTS = 5;
const SLOW_SHARE = 0.05;
const LEAST_SHARE_OF_SLOW = 0.5;
/** Then the slowest twentieth are three. */
const LEAST_OF_ENDPOINT = 60;
/** Below 30 requests a mean of what they save has an error of a fifth and more: said with low confidence. */
const SURE_REQUESTS = 30;

/** Of the median of the endpoint, on affected requests; and of its p95. Less than that drowns in the noise of a working day. */
const LEAST_OF_MEDIAN = 0.03;
const LEAST_OF_P95 = 0.05;
/** A tenth of a millisecond is the resolution of what one call costs. */
const LEAST_US = 100;
/** Of all request time: 200 such findings would be the whole. Pages fold smaller ones anyway. */
const LEAST_OF_ALL = 0.002;
/** An endpoint that gets a twentieth faster is worth a word at a quarter of that: others may be slow enough to hide it. */
const MUCH_OF_MEDIAN = 0.05;
const LEAST_OF_ALL_WHEN_MUCH = 0.0005;

/** Of what a peer is asked: who takes that away from it helps everybody who asks, too. */
const MUCH_LOAD = 0.2;

/** Two suspicions that share 60 % of their operations are one fault; one slow query in a chain of five calls is another one. */
const SAME_SHARE = 0.6;

export function hasSupport({ requests, lookedAt, isOnce = false }: Suspicion): boolean {
  if (isOnce) return true;
  const blocks = new Set(requests.map(({ block }) => block));
  return (
    requests.length >= LEAST_REQUESTS &&
    leastShare(requests.length, lookedAt) >= LEAST_SHARE &&
    blocks.size >= LEAST_BLOCKS
  );
}

/** `all`: the requests of its endpoint. Of the slowest of them, most show it: that is how it looks when one in twenty is given up after a second. */
export function explainsSlowOnes({ requests }: Suspicion, all: readonly RequestNode[]): boolean {
  const blocks = new Set(requests.map(({ block }) => block));
  if (all.length < LEAST_OF_ENDPOINT || requests.length < LEAST_SLOW_REQUESTS) return false;
  if (blocks.size < LEAST_BLOCKS) return false;
  const shown = new Set(requests);
  const slow = all
    .toSorted((a, b) => b.request.durationUs - a.request.durationUs)
    .slice(0, Math.max(LEAST_SLOW_REQUESTS, Math.ceil(SLOW_SHARE * all.length)));
  return slow.filter((node) => shown.has(node)).length >= LEAST_SHARE_OF_SLOW * slow.length;
}

/** `lowUs`: the low end of what an affected request saves on average; `share` of all request time. */
export function isWorthSaying(main: FindingEffect, lowUs: number, share: number): boolean {
  const isMost = lowUs >= MUCH_OF_MEDIAN * main.p50.nowUs;
  if (share < (isMost ? LEAST_OF_ALL_WHEN_MUCH : LEAST_OF_ALL)) return false;
  const isMuch = lowUs >= Math.max(LEAST_US, LEAST_OF_MEDIAN * main.p50.nowUs);
  const p95SavedUs = main.p95.nowUs - main.p95.afterUs;
  return isMuch || (lowUs >= LEAST_US && p95SavedUs >= LEAST_OF_P95 * main.p95.nowUs);
}

export function isMuchLoad({ loadShare = 0 }: Suspicion): boolean {
  return loadShare >= MUCH_LOAD;
}

/** `kept` and `other` are about the same operations, or about the same line. */
export function isSameCause(kept: Suspicion, other: Suspicion): boolean {
  if (isAboutLine(kept.kind) && isAboutLine(other.kind)) return isSameLine(kept, other);
  // Each call is on the way, and each may be one too many besides.
  if (kept.kind === 'far-dependency' || other.kind === 'far-dependency') return false;
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

/** The line before a pool or on a connection is a fault of its own: queries of a loop that wait in it are not. */
export function isAboutLine(kind: FindingKind): boolean {
  return kind === 'pool-starvation' || kind === 'held-connection' || kind === 'head-of-line';
}

/** Who waits less when a connection is not held waits in the line that a larger pool would shorten. */
function isSameLine({ at, change }: Suspicion, other: Suspicion): boolean {
  if (at.process !== other.at.process || at.dependency !== other.at.dependency) return false;
  const common = [...other.change.phases.keys()].filter((id) => change.phases.has(id)).length;
  return common >= SAME_SHARE * other.change.phases.size;
}

/** What a change shortens itself; what merely waits less behind it is somebody else's fault. */
function idsOf({ kind, change }: Suspicion): ReadonlySet<number> {
  return isAboutLine(kind) ? new Set() : new Set([...change.phases.keys(), ...change.together.keys()]);
}

const CONFIDENCES: readonly Confidence[] = ['high', 'medium', 'low'];

/** As sure as the evidence allows, less with little support. */
export function confidenceOf({ confidence, requests, isOnce = false }: Suspicion): Confidence {
  if (isOnce) return confidence;
  const least: Confidence = requests.length < SURE_REQUESTS ? 'low' : 'high';
  return CONFIDENCES[Math.max(CONFIDENCES.indexOf(confidence), CONFIDENCES.indexOf(least))] ?? 'low';
}
