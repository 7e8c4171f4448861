// From a sample to ranked findings. In: a sample. Out: findings, what they save alone, after one another and all together.
// Detectors suspect; replay says what mending it would save; gates decide whether that is worth a word. Savings overlap, so the
// ranking is greedy: the largest first, then what each other one still saves after it.
// A generator: it gives way after each step of some milliseconds, so that whoever runs it can do other things between.

import { FINDING_KINDS, type Finding, type FindingEffect, type FindingKind } from '../model/finding.ts';
import { addTo, emptyChange, type Change } from './replay/change.ts';
import { poolsOf, type PoolUse } from './sample/connection-use.ts';
import type { Suspicion } from './detectors/detector.ts';
import { DETECTORS } from './detectors/list.ts';
import { detailOf, type FindingDetail } from './finding-detail.ts';
import { findingOf, idOf } from './finding-of.ts';
import { onePerPlace } from './same-place.ts';
import type { Judged } from './judged.ts';
import {
  explainsSlowOnes,
  hasSupport,
  isAboutLine,
  isMuchLoad,
  isSameCause,
  isWorthSaying,
} from './gates.ts';
import { withAll } from './replay/goes-along.ts';
import { withShorterLines } from './pools/pool-queue.ts';
import { endpointKey, type RequestNode } from './sample/request-tree.ts';
import type { Sample } from './sample/sample.ts';
import {
  effectsOf,
  leastSavedUs,
  measuringErrorUs,
  savedBy,
  savingInterval,
  totalSavedUs,
} from './replay/savings.ts';

export interface Findings {
  /** By what they save after those before them, largest first. */
  readonly findings: readonly Finding[];
  /** All of them together, overlaps counted once: share of all request time. */
  readonly togetherShare: number;
  /** The first three together. */
  readonly firstThreeShare: number;
  /** By id of the finding. */
  readonly details: ReadonlyMap<string, FindingDetail>;
  /** Everything that detectors suspect, by the id that a finding would have: also what was not worth a word. */
  readonly suspected: ReadonlyMap<string, Support>;
  /** Requests that were looked at, by endpoint (endpointKey). */
  readonly lookedAt: ReadonlyMap<string, number>;
  /** Start of the first request that was looked at, ms since 1970; 0 when there was none. */
  readonly sinceMs: number;
}

/** Requests that show something, of those that could have. */
export interface Support {
  readonly requests: number;
  readonly lookedAt: number;
}

export const NO_FINDINGS: Findings = {
  findings: [],
  togetherShare: 0,
  firstThreeShare: 0,
  details: new Map(),
  suspected: new Map(),
  lookedAt: new Map(),
  sinceMs: 0,
};

/** More than a page can show, and more than anybody mends at once. */
const MOST_FINDINGS = 40;
/** A bound counts less in the ranking than a saving that was measured: nobody knows how much of it can be reached, and half is the middle. */
const CEILING_RANK = 0.5;
const LOW_CONFIDENCE_RANK = 0.3;
/** What a start costs is the larger a part the shorter the recording is; nobody's tenth request is faster without it. */
const ONCE_RANK = 0.1;

/** `without`: ids of findings that are not told, because somebody has seen to them. */
export function* findingsOf(
  sample: Sample,
  without: ReadonlySet<string> = new Set(),
): Generator<undefined, Findings> {
  if (sample.totalUs === 0) return NO_FINDINGS;
  const pools = poolsOf(sample.together).filter(({ holds }) => holds.some(isWaiting));
  yield;
  const all: Suspicion[] = [];
  const suspected = new Map<string, Support>();
  for (const detector of DETECTORS)
    for (const suspicion of detector.detect(sample)) {
      if (suspicion !== undefined) all.push(suspicion);
      yield;
    }
  const places = onePerPlace(all);
  for (const suspicion of places) suspected.set(idOf(suspicion), supportOf(suspicion));
  const suspicions = places.filter((suspicion) => isSupported(sample, suspicion));
  const judged: Judged[] = [];
  for (const suspicion of suspicions) {
    const verdict = yield* judge(sample, pools, suspicion);
    if (verdict !== undefined) judged.push(verdict);
    yield;
  }
  const told = oneForEachCause(judged).filter(({ suspicion }) => !without.has(idOf(suspicion)));
  const found = yield* ranked(sample, told.slice(0, MOST_FINDINGS));
  const lookedAt = new Map([...sample.byEndpoint].map(([key, nodes]) => [key, nodes.length] as const));
  return { ...found, suspected, lookedAt, sinceMs: sinceMs(sample) };
}

function sinceMs({ nodes }: Sample): number {
  const firstUs = nodes.reduce(
    (first, { request }) => Math.min(first, request.atUs),
    Number.POSITIVE_INFINITY,
  );
  return Math.floor(firstUs / 1000);
}

function isSupported(sample: Sample, suspicion: Suspicion): boolean {
  const all = sample.byEndpoint.get(endpointKey(suspicion.endpoint)) ?? [];
  return hasSupport(suspicion) || explainsSlowOnes(suspicion, all);
}

function supportOf({ requests, lookedAt }: Suspicion): Support {
  return { requests: requests.length, lookedAt };
}

function isWaiting({ grantedUs, arrivedUs }: PoolUse['holds'][number]): boolean {
  return grantedUs > arrivedUs;
}

function* judge(
  sample: Sample,
  pools: readonly PoolUse[],
  suspected: Suspicion,
): Generator<undefined, Judged | undefined> {
  const suspicion = withAll(sample, suspected);
  const applied = (change: Change): Change =>
    isAboutLine(suspicion.kind) ? change : withShorterLines(pools, change);
  const change = applied(suspicion.change);
  const saved = yield* savedBy(sample, change);
  const least = suspicion.least === undefined ? saved : yield* savedBy(sample, suspicion.least);
  const share = totalSavedUs(sample, saved) / sample.totalUs;
  const bySize = effectsOf(sample, saved);
  const all = ownFirst(bySize, suspicion);
  const isWorth = (effect: FindingEffect): boolean =>
    isWorthSaying(effect, leastSavedUs(sample, endpointKey(effect), saved, least), share);
  const isJudged = (effect: FindingEffect): boolean => effect === all[0] || effect === bySize[0];
  const main = all.filter(isJudged).find(isWorth) ?? (isMuchLoad(suspicion) ? all[0] : undefined);
  if (main === undefined) return undefined;
  const effects = [main, ...all.filter((each) => each !== main && gains(each))];
  const key = endpointKey(main);
  const most = suspicion.most === undefined ? saved : yield* savedBy(sample, applied(suspicion.most));
  const [lowUs, highUs] = [savingInterval(sample, key, least)[0], savingInterval(sample, key, most)[1]];
  const errorUs = measuringErrorUs(sample, key, saved);
  // Both are independent: what the model does not know, and what the measurement after the change will not tell. Less than nothing is not saved.
  const interval = [
    Math.max(0, main.meanUs - Math.hypot(Math.max(0, main.meanUs - lowUs), errorUs)),
    main.meanUs + Math.hypot(Math.max(0, highUs - main.meanUs), errorUs),
  ] as const;
  return { suspicion, change, saved, effects, interval, share };
}

/** Of what its typical request takes: less is nothing that anybody could see. */
const LEAST_GAIN = 0.01;

function gains({ meanUs, p50 }: FindingEffect): boolean {
  return meanUs >= LEAST_GAIN * p50.nowUs;
}

/** What others gain, because a line before a pool gets shorter, can be more than what its own endpoint does; it is judged after that. */
function ownFirst(effects: readonly FindingEffect[], { endpoint }: Suspicion): readonly FindingEffect[] {
  const own = effects.find((effect) => endpointKey(effect) === endpointKey(endpoint));
  return own === undefined ? effects : [own, ...effects.filter((effect) => effect !== own)];
}

/** Of several suspicions about the same operations the most specific stays. */
function oneForEachCause(judged: readonly Judged[]): Judged[] {
  const kept: Judged[] = [];
  const bySpecificity = judged.toSorted(
    (a, b) => specificity(a.suspicion.kind) - specificity(b.suspicion.kind) || b.share - a.share,
  );
  for (const each of bySpecificity) if (!kept.some((other) => explains(other, each))) kept.push(each);
  return kept.toSorted((a, b) => rankOf(b) - rankOf(a));
}

/** Who mends the one that is kept has most of what the other would bring. */
const EXPLAINED_SHARE = 0.5;

function explains(kept: Judged, other: Judged): boolean {
  return isSameCause(kept.suspicion, other.suspicion) && kept.share >= EXPLAINED_SHARE * other.share;
}

function specificity(kind: FindingKind): number {
  return FINDING_KINDS.findIndex(({ key }) => key === kind);
}

function rankOf({ suspicion, share }: Judged): number {
  const sure = suspicion.confidence === 'low' ? LOW_CONFIDENCE_RANK : 1;
  const often = suspicion.isOnce === true ? ONCE_RANK : 1;
  return share * (suspicion.isCeiling === true ? CEILING_RANK : 1) * sure * often;
}

function* ranked(sample: Sample, judged: readonly Judged[]): Generator<undefined, Findings> {
  const findings: Finding[] = [];
  const details = new Map<string, FindingDetail>();
  const done = emptyChange();
  const saved = new Map<RequestNode, number>();
  let doneShare = 0;
  let firstThreeShare = 0;
  for (const each of judged) {
    addTo(done, each.change);
    // Only requests that this change touches save more than before.
    for (const [root, us] of yield* savedBy(sample, done, each.change)) saved.set(root, us);
    const share = totalSavedUs(sample, saved) / sample.totalUs;
    const finding = findingOf(each, Math.max(0, share - doneShare));
    findings.push(finding);
    details.set(finding.id, detailOf(sample, each, finding.evidence.traceIds));
    doneShare = share;
    if (findings.length <= 3) firstThreeShare = share;
    yield;
  }
  return { ...NO_FINDINGS, findings, togetherShare: doneShare, firstThreeShare, details };
}
