// D21: a request waits for something by asking again and again, with a pause between.
// Evidence: the same question several times in one request, with pauses in which nothing else is under way, and which are most of the time.
// Thresholds: three calls (who asks once more has been unlucky), two where most requests of the endpoint do and the question is known to be the
// same; pauses of 10 ms and more, without own code, that are half of the time from the first to the last call, and as a timer makes them: none is much shorter than usual. In 5 % of the requests of the endpoint. Reads only: who tries to get a lock writes. Most of them are answered: calls that fail are retries.
// Cannot tell: when what it waits for had happened, unless the request itself writes it. At some moment of the last pause, so half of that pause is lost on average, and the last call. The calls in
// vain are no time of the request but load: where they are a fifth of what the peer is asked, it is told even if the time is little.

import { formatDuration } from '../../base/numbers.ts';
import { CategoryIndex } from '../../model/category.ts';
import { emptyChange, wireUs, withPhases, type Change } from '../replay/change.ts';
import { lineOf, occurrencesOf, usualCallSite, type Occurrence } from '../sample/occurrences.ts';
import { peerOf } from '../sample/peers.ts';
import { endOf, type RequestNode, type SampledOperation } from '../sample/request-tree.ts';
import { areKnown, areMostlyTheSame, groupsOf } from '../sample/same-question.ts';
import type { Sample } from '../sample/sample.ts';
import { isControl, isRead, shortStatement, targetOf } from '../sample/statement-facts.ts';
import { meanOf, medianOf, quantileOf } from '../statistics/chances.ts';
import { byEndpoint, type Detector, type Suspicion } from './detector.ts';
import { pollingFix } from './fixes.ts';

const LEAST_CALLS = 3;
/** In this share of the requests of the endpoint the first answer is never enough. */
const USUAL_SHARE = 0.8;
const LEAST_PAUSE_US = 10_000;
const PAUSE_SHARE = 0.5;
const LEAST_SHARE_OF_REQUESTS = 0.05;
/** Of the last pause. Where requests differ in their calls its moments are spread about evenly; where they are alike it may be any. */
const LOST = {
  differ: { least: 0.35, usual: 0.5, most: 0.65 },
  alike: { least: 0.1, usual: 0.5, most: 0.9 },
} as const;
/** Of the requests, those that do not need the usual number of calls. */
const DIFFER_SHARE = 0.2;

export const polling: Detector = {
  kind: 'polling',
  detect: (sample) =>
    byEndpoint(sample, (nodes) =>
      [...occurrencesOf(nodes).values()].flatMap((occurrences) => pollsOf(sample, nodes, occurrences) ?? []),
    ),
};

/** Pauses between calls; undefined: it is no polling. */
function pausesOf({ node, operations }: Occurrence, least: number): readonly number[] | undefined {
  const [first] = operations;
  const last = operations.at(-1);
  if (first === undefined || last === undefined || operations.length < least) return undefined;
  const pauses = operations.slice(1).map((next, index) => idleUs(node, operations[index], next));
  const pausedUs = pauses.reduce((sum, us) => sum + us, 0);
  const isPaused = medianOf(pauses) >= LEAST_PAUSE_US && pausedUs >= PAUSE_SHARE * (endOf(last) - first.atUs);
  return isPaused && !worksBetween(node, first, last, operations) && ownUs(node) * 2 < pausedUs
    ? pauses
    : undefined;
}

/** Between two calls, without what a driver says meanwhile (BEGIN, ROLLBACK). */
function idleUs(
  { operations }: RequestNode,
  before: SampledOperation | undefined,
  { atUs }: SampledOperation,
): number {
  const fromUs = endOf(before);
  const control = operations.filter((each) => isControl(each) && each.atUs >= fromUs && endOf(each) <= atUs);
  return atUs - fromUs - control.reduce((sum, { durationUs }) => sum + durationUs, 0);
}

/** Own code of the request: a pause in which it computes is none. */
function ownUs({ request }: RequestNode): number {
  return request.ownCategories[CategoryIndex.own] ?? 0;
}

/** Something else is done meanwhile: then it is no waiting. But for what it waits for, where the request itself has begun that: it writes what is asked for. */
function worksBetween(
  node: RequestNode,
  first: SampledOperation,
  last: SampledOperation,
  operations: readonly SampledOperation[],
): boolean {
  const own = new Set(operations);
  const between = node.operations.filter(
    (each) => !own.has(each) && !isControl(each) && each.atUs >= first.atUs && each.atUs < last.atUs,
  );
  const events = between.filter((each) => writes(each, first));
  return between.some((each) => !events.some((event) => areTogether(each, event)));
}

function writes(operation: SampledOperation, asked: SampledOperation): boolean {
  const isSame = operation.dependency === asked.dependency && targetOf(operation) === targetOf(asked);
  return isSame && !isRead(operation) && targetOf(asked) !== '';
}

function areTogether(some: SampledOperation, other: SampledOperation): boolean {
  return some.atUs <= endOf(other) && endOf(some) >= other.atUs;
}

/** When it happened, where the request itself writes what it asks for. */
function eventUs({ node, operations }: Occurrence): number | undefined {
  const [first] = operations;
  const last = operations.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const event = node.operations.findLast(
    (each) => writes(each, first) && each.atUs >= first.atUs && endOf(each) <= last.atUs,
  );
  return event && endOf(event);
}

interface Polls {
  readonly occurrence: Occurrence;
  readonly pauses: readonly number[];
}

function pollsOf(
  sample: Sample,
  nodes: readonly RequestNode[],
  occurrences: readonly Occurrence[],
): Suspicion | undefined {
  const at = occurrences[0]?.operations[0];
  const endpoint = nodes[0]?.request;
  if (at === undefined || endpoint === undefined || !isRead(at) || isControl(at)) return undefined;
  const least = areUsuallyRepeated(sample, nodes, occurrences) ? 2 : LEAST_CALLS;
  const polls = occurrences.flatMap((occurrence): Polls[] => {
    const pauses = pausesOf(occurrence, least);
    const isPolling = pauses !== undefined && asksTheSame(sample, occurrence) && areAnswered(occurrence);
    return isPolling ? [{ occurrence, pauses }] : [];
  });
  if (polls.length === 0 || polls.length < LEAST_SHARE_OF_REQUESTS * nodes.length) return undefined;
  if (!areTimed(polls)) return undefined;
  const operations = polls.flatMap(({ occurrence }) => occurrence.operations);
  const calls = Math.round(operations.length / polls.length);
  const pauseUs = medianOf(polls.flatMap(({ pauses }) => pauses));
  const lost = doDiffer(polls) ? LOST.differ : LOST.alike;
  return {
    kind: 'polling',
    title: `${shortStatement(at)} is asked ${calls} times per request, every ${formatDuration(pauseUs)}, until something has happened`,
    endpoint,
    at,
    callSite: lineOf(usualCallSite(operations)),
    requests: polls.map(({ occurrence }) => occurrence.node),
    lookedAt: nodes.length,
    change: soonerBy(sample, polls, lost.usual),
    least: soonerBy(sample, polls, lost.least),
    most: soonerBy(sample, polls, lost.most),
    loadShare: (operations.length - polls.length) / callsTo(sample, at),
    confidence: 'medium',
    fix: pollingFix(at, meanOf(polls.map(({ pauses }) => pauses.at(-1) ?? 0))),
  };
}

/** A timer never fires early: of its first pauses nine of ten are this share of the usual one. A busy loop keeps requests waiting for any time. */
const TIMED_SHARE = 0.7;

function areTimed(polls: readonly Polls[]): boolean {
  const firsts = polls.map(({ pauses }) => pauses[0] ?? 0);
  return quantileOf(firsts, 0.1) >= TIMED_SHARE * medianOf(firsts);
}

function doDiffer(polls: readonly Polls[]): boolean {
  const calls = polls.map(({ pauses }) => pauses.length);
  const usual = medianOf(calls);
  return calls.filter((count) => count !== usual).length >= DIFFER_SHARE * calls.length;
}

function areUsuallyRepeated(
  sample: Sample,
  nodes: readonly RequestNode[],
  occurrences: readonly Occurrence[],
): boolean {
  const groups = groupsOf(sample);
  const repeated = occurrences.filter(
    ({ operations: [first, second] }) =>
      first !== undefined &&
      second !== undefined &&
      groups.has(first) &&
      groups.get(first) === groups.get(second),
  );
  return repeated.length >= USUAL_SHARE * nodes.length;
}

/** Other values each time are a list that is walked slowly. Where values were not seen, nobody can say: then it is one question. */
function asksTheSame(sample: Sample, { operations }: Occurrence): boolean {
  const groups = groupsOf(sample);
  return !areKnown(groups, operations) || areMostlyTheSame(groups, operations);
}

/** Of all requests of the sample. */
function callsTo({ nodes }: Sample, { dependency }: SampledOperation): number {
  return nodes.reduce(
    (sum, { operations }) => sum + operations.filter((each) => each.dependency === dependency).length,
    0,
  );
}

function areAnswered({ operations }: Occurrence): boolean {
  return operations.filter(({ outcome }) => outcome === 'ok').length * 2 > operations.length;
}

/**
 * The peer looked in the middle of the last call but one, and saw nothing, and in the middle of the last one, and saw it: in between is the pause, and the
 * length of one call. `part` of that is lost, and the second half of the last call; who is told at once waits for half a round trip.
 */
function soonerBy(sample: Sample, polls: readonly Polls[], part: number): Change {
  const change = emptyChange();
  for (const { occurrence, pauses } of polls) {
    const last = occurrence.operations.at(-1);
    if (last === undefined) continue;
    const { roundTripUs } = peerOf(sample, last);
    const callUs = wireUs(last.phases);
    const wait = Math.round(Math.min(callUs, roundTripUs / 2));
    change.phases.set(last.id, withPhases(last.phases, { send: 0, receive: 0, wait }));
    const happenedUs = eventUs(occurrence);
    const lostUs =
      happenedUs === undefined
        ? part * ((pauses.at(-1) ?? 0) + callUs) - callUs / 2
        : Math.min(pauses.at(-1) ?? 0, last.atUs - happenedUs);
    change.gapsUs.set(occurrence.node.request.id, Math.round(Math.max(0, lostUs)));
  }
  return change;
}
