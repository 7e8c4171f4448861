// D19: the code of one endpoint keeps the event loop busy, or the interpreter (GIL), so long that other requests of the process stand still.
// Evidence: long stretches of own code of the culprit, and others that wait for the loop at the same moments, or do nothing that was seen, more than
// at other times: a thread that wants the interpreter has no loop to wait for. Code that lets go of the interpreter (hashing, compression) leaves them be.
// Thresholds: a usual stretch of 10 ms and more, ten times what a request usually computes; half of that in 90 % of the requests of the endpoint,
// because code does it each time, while a machine without a free core does it to some; five times that of the other endpoints of the process at the
// same time, for the same reason; and what others wait for it is 1 % of their time. Of the 10 ms only what the service had a core for counts.
// The line of code is known where a profiler looked (blocking-line.ts). Elsewhere it names the calls before and after the stretch. The culprit itself
// gains nothing in the prediction, and at the least only half of the waits go: other work moves into the free time.

import { formatDuration } from '../../base/numbers.ts';
import { CategoryIndex } from '../../model/category.ts';
import { emptyChange, type Change } from '../replay/change.ts';
import { lineOf, usualCallSite } from '../sample/occurrences.ts';
import { stretchesOf, type Stretch } from '../sample/own-stretches.ts';
import { endpointKey, groupBy, type RequestNode, type SampledOperation } from '../sample/request-tree.ts';
import { coreShareOf, type Sample } from '../sample/sample.ts';
import { isControl, shortStatement } from '../sample/statement-facts.ts';
import { meanOf, medianOf } from '../statistics/chances.ts';
import { blockingLine, type BlockingLine } from './blocking-line.ts';
import { byEndpoint, NO_OPERATION, type Detector, type Steps, type Suspicion } from './detector.ts';
import { loopFix } from './fixes.ts';

const USUAL_STRETCH_US = 10_000;
/** In this share of the requests of the endpoint. */
const LEAST_STRETCH_US = USUAL_STRETCH_US / 2;
const LEAST_SHARE = 0.9;
const LEAST_REQUESTS = 5;
const LEAST_WAIT_SHARE = 0.01;
const TIMES_THE_OTHERS = 5;
const LEAST_PART = 0.5;
/** Who wants the interpreter stands still most of that time; who shares cores with one more thread, half of it at most. */
const STANDS_STILL = 0.5;

export const blockedLoop: Detector = { kind: 'blocked-loop', detect: blockedLoops };

interface Long {
  readonly node: RequestNode;
  readonly stretch: Stretch;
}

function blockedLoops(sample: Sample): Steps {
  const byProcess = groupBy(sample.together, ({ request }) => String(request.process));
  const usual = usualStretches(sample);
  return byEndpoint(sample, (nodes) => {
    const longs = nodes.map(longestOf).filter(({ stretch }) => stretch.ownUs >= LEAST_STRETCH_US);
    if (longs.length < LEAST_REQUESTS || longs.length < LEAST_SHARE * nodes.length) return [];
    const us = blockedUs(longs);
    // Who waits for a core computes for less long than it seems.
    const coreShare = coreShareOf(sample, nodes[0]?.request.service ?? '');
    if (us * coreShare < USUAL_STRETCH_US) return [];
    if (us < TIMES_THE_OTHERS * othersUs(usual, nodes)) return [];
    const suspicion = culpritOf(nodes, longs, byProcess, sample.codeLines);
    return suspicion === undefined ? [] : [suspicion];
  });
}

const NO_STRETCH: Stretch = { startUs: 0, endUs: 0, ownUs: 0, after: -1 };

function longestOf(node: RequestNode): Long {
  const [longest = NO_STRETCH] = stretchesOf(node).toSorted((a, b) => b.ownUs - a.ownUs);
  return { node, stretch: longest };
}

function blockedUs(longs: readonly Long[]): number {
  return medianOf(longs.map(({ stretch }) => stretch.ownUs));
}

/** The longest stretch of the typical request, by service and endpoint. */
function usualStretches(sample: Sample): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const byService = new Map<string, Map<string, number>>();
  for (const [key, nodes] of sample.byEndpoint) {
    const service = nodes[0]?.request.service ?? '';
    const usual = byService.get(service) ?? new Map<string, number>();
    byService.set(service, usual.set(key, blockedUs(nodes.map(longestOf))));
  }
  return byService;
}

/** The median of the other endpoints of its service; 0 when there are none. */
function othersUs(
  usual: ReadonlyMap<string, ReadonlyMap<string, number>>,
  [node]: readonly RequestNode[],
): number {
  if (node === undefined) return 0;
  const ofService = [...(usual.get(node.request.service) ?? [])];
  return medianOf(ofService.filter(([key]) => key !== endpointKey(node.request)).map(([, us]) => us));
}

function culpritOf(
  nodes: readonly RequestNode[],
  longs: readonly Long[],
  byProcess: ReadonlyMap<string, readonly RequestNode[]>,
  codeLines: Sample['codeLines'],
): Suspicion | undefined {
  const victims = new Map<RequestNode, number>();
  let victimTimeUs = 0;
  for (const [process, ofProcess] of groupBy(longs, ({ node }) => String(node.request.process))) {
    const others = (byProcess.get(process) ?? []).filter((node) => !nodes.includes(node));
    victimTimeUs += others.reduce((sum, { request }) => sum + request.durationUs, 0);
    for (const [victim, us] of waitsDuring(others, ofProcess)) victims.set(victim, us);
  }
  const waitedUs = [...victims.values()].reduce((sum, us) => sum + us, 0);
  const endpoint = nodes[0]?.request;
  if (endpoint === undefined || waitedUs < LEAST_WAIT_SHARE * victimTimeUs) return undefined;
  const { callSite, words } = blockingLine(codeLines.get(endpointKey(endpoint)) ?? []) ?? between(longs);
  return {
    kind: 'blocked-loop',
    title: `${endpoint.method} ${endpoint.route} blocks ${endpoint.service} for ${formatDuration(blockedUs(longs))}`,
    endpoint,
    // Not the call before it: another one may be, another time, and it would be another finding.
    at: NO_OPERATION,
    callSite,
    requests: [...longs.map(({ node }) => node), ...victims.keys()],
    // That the endpoint does it usually was asked above; how many stand still for it is what counts.
    lookedAt: longs.length + victims.size,
    change: withoutWaits(victims, 1),
    least: withoutWaits(victims, LEAST_PART),
    confidence: 'high',
    fix: words + loopFix({ callSite }),
  };
}

/** Where nobody has looked: what was called before and after it. */
function between(longs: readonly Long[]): BlockingLine {
  const before = longs.flatMap(({ node, stretch }) => operationAt(node, stretch));
  const callSite = lineOf(usualCallSite(before));
  const after = lineOf(usualCallSite(longs.flatMap(nextAfter)));
  return { callSite, words: placeOf(before[0], callSite, after) };
}

/** The two calls between which it runs, or the one before it; nothing where it runs before any call that has a line. */
function placeOf(last: SampledOperation | undefined, before: string, after: string): string {
  const [from, to] = [before, after].map((callSite) => callSite.split('/').at(-1) ?? '');
  if (from !== '' && to !== '') return `It runs between the calls in ${from} and ${to}. `;
  if (from !== '') return `It runs after the call in ${from}. `;
  if (last !== undefined) return `It runs after ${shortStatement(last)}. `;
  return to === '' ? '' : `It runs before the call in ${to}. `;
}

/** The first call after it. */
function nextAfter({ node, stretch }: Long): SampledOperation[] {
  const next = node.operations.find((each) => each.atUs >= stretch.endUs && !isControl(each));
  return next === undefined ? [] : [next];
}

/** The last call before it that the program made: what a driver sends by itself has no line. */
function operationAt({ operations }: RequestNode, { after }: Stretch): SampledOperation[] {
  const operation = operations.slice(0, after + 1).findLast((each) => !isControl(each));
  return operation === undefined ? [] : [operation];
}

/** Requests of one endpoint that ran beside long stretches of the culprit. */
interface Beside {
  readonly nodes: readonly RequestNode[];
  /** Of the time in which their process had the ball, by request. */
  readonly overlapUs: readonly number[];
  /** Time in which nothing was seen of them, in the mean, and how much more that is than of the same endpoint at other times. */
  readonly unseenUs: number;
  readonly moreUs: number;
}

/** Waits of each victim that fall into long stretches of the culprit. */
function waitsDuring(others: readonly RequestNode[], longs: readonly Long[]): Map<RequestNode, number> {
  const blocked = unionOf(longs.map(({ stretch }) => stretch));
  const all = [...groupBy(others, ({ request }) => endpointKey(request)).values()].map((nodes) =>
    besideOf(nodes, blocked),
  );
  const waits = new Map<RequestNode, number>();
  const isStill = standStill(all);
  for (const { nodes, overlapUs, unseenUs, moreUs } of all) {
    const share = isStill && moreUs > 0 ? moreUs / unseenUs : 0;
    for (const [index, node] of nodes.entries()) {
      const us = Math.min(overlapUs[index] ?? 0, loopOf(node) + share * unseenOf(node));
      if (us > 0) waits.set(node, us);
    }
  }
  return waits;
}

/**
 * Whether the time in which nothing was seen of them is the culprit's doing: they have more of it beside the culprit than at other times, and that
 * fills half of the time that they share with it. Threads that want a core, and not the interpreter, get their turn.
 */
function standStill(all: readonly Beside[]): boolean {
  const moreUs = all.reduce((sum, each) => sum + each.moreUs * each.nodes.length, 0);
  const togetherUs = all.reduce((sum, each) => sum + each.overlapUs.reduce((us, each) => us + each, 0), 0);
  return moreUs > STANDS_STILL * togetherUs;
}

function besideOf(nodes: readonly RequestNode[], blocked: readonly Span[]): Beside {
  const during = new Set(nodes.filter((node) => isBeside(node, blocked)));
  const alone = nodes.filter((node) => !during.has(node));
  const unseenUs = meanOf([...during].map(unseenOf));
  return {
    nodes: [...during],
    overlapUs: [...during].map((node) => overlapUs(stretchesOf(node), blocked)),
    unseenUs,
    // Nobody knows what those would be otherwise.
    moreUs: alone.length === 0 ? 0 : unseenUs - meanOf(alone.map(unseenOf)),
  };
}

function loopOf({ request }: RequestNode): number {
  return request.ownCategories[CategoryIndex.loop] ?? 0;
}

function unseenOf({ request }: RequestNode): number {
  return request.ownCategories[CategoryIndex.other] ?? 0;
}

interface Span {
  readonly startUs: number;
  readonly endUs: number;
}

/** With threads several culprits run at once: that time counts once. */
function unionOf(stretches: readonly Span[]): Span[] {
  const union: { startUs: number; endUs: number }[] = [];
  for (const { startUs, endUs } of stretches.toSorted((a, b) => a.startUs - b.startUs)) {
    const last = union.at(-1);
    if (last === undefined || last.endUs < startUs) union.push({ startUs, endUs });
    else last.endUs = Math.max(last.endUs, endUs);
  }
  return union;
}

function isBeside({ request: { atUs, durationUs } }: RequestNode, blocked: readonly Span[]): boolean {
  return blocked.some(({ startUs, endUs }) => startUs < atUs + durationUs && endUs > atUs);
}

function overlapUs(stretches: readonly Span[], blocked: readonly Span[]): number {
  let us = 0;
  for (const { startUs, endUs } of stretches)
    for (const each of blocked)
      us += Math.max(0, Math.min(endUs, each.endUs) - Math.max(startUs, each.startUs));
  return us;
}

function withoutWaits(victims: ReadonlyMap<RequestNode, number>, part: number): Change {
  const change = emptyChange();
  for (const [{ request }, us] of victims) change.gapsUs.set(request.id, Math.round(us * part));
  return change;
}
