// D28: after a start of the process the first request of an endpoint waits for what could have been done before: code that is loaded, a pool that
// is opened, a cache that is filled.
// Evidence: the first request that each process answered of an endpoint, beside all later ones; what of it is opening connections, and what is
// more of its own code, of waiting for the loop, or of work that was not seen.
// Thresholds: it takes a second longer than 95 of 100 later ones, or half a second in two of three starts (less is what runtimes need to get warm
// and pools to open while a machine is busy with starting), and three times as long; there are 20 later ones; and it is three times what nine of ten
// first requests of other endpoints need to get warm at the same start: else the machine was slow, or everything is. As often as later requests of the
// service take so long, as many first ones would by accident in less than one recording of fifty. What comes while the first one is under way waits, too.
// Cannot tell: which code is loaded. Only where the sample has everything since the start of the process: a restart in the middle of a long recording
// is not seen. In a long recording it is too little of all time to be told. Low confidence with a single start.

import { formatDuration } from '../../base/numbers.ts';
import { CategoryIndex } from '../../model/category.ts';
import { emptyChange, setUpUs, withPhases, type Change, type ChangeBuilder } from '../replay/change.ts';
import { lineOf, usualCallSite } from '../sample/occurrences.ts';
import { endpointKey, groupBy, type RequestNode, type SampledOperation } from '../sample/request-tree.ts';
import type { Sample } from '../sample/sample.ts';
import { isControl } from '../sample/statement-facts.ts';
import { stretchesOf } from '../sample/own-stretches.ts';
import { medianOf, quantileOf, tailChance } from '../statistics/chances.ts';
import type { Detector, Steps, Suspicion } from './detector.ts';
import { coldStartFix } from './fixes.ts';

const LEAST_LATER = 20;
const LEAST_LONGER_US = 500_000;
const LONG_US = 1_000_000;
const SHARE_OF_STARTS = 2 / 3;
const MOST_OTHERS = 0.9;
const TIMES_THE_OTHERS = 3;
const TIMES_AS_LONG = 3;
/** That as many first requests are slow by accident. Twice the same in several processes is surer than that. */
const CHANCE = 0.02;
const SURE_CHANCE = 1e-3;

export const coldStart: Detector = { kind: 'cold-start', detect: coldStarts };

interface Cold {
  readonly node: RequestNode;
  /** Longer than the median of those: of opening connections, and of gaps between calls. */
  readonly connectUs: number;
  readonly gapUs: number;
}

function* coldStarts(sample: Sample): Steps {
  const byService = groupBy(sample.firsts, ({ request }) => request.service);
  for (const firsts of byService.values()) {
    const suspicion = suspicionOf(sample, firsts);
    if (suspicion !== undefined) yield suspicion;
    yield undefined;
  }
}

/** Later requests of an endpoint, and from where on one takes too long. */
interface Later {
  readonly nodes: readonly RequestNode[];
  readonly slowFromUs: number;
}

function laterOf(sample: Sample, all: readonly RequestNode[], warmFromUs: WarmFrom): Later {
  const nodes = all.filter((each) => !sample.firsts.has(each) && isWarm(each, warmFromUs));
  const p95Us = quantileOf(
    nodes.map((each) => each.request.durationUs),
    0.95,
  );
  return { nodes, slowFromUs: Math.max(p95Us + LEAST_LONGER_US, TIMES_AS_LONG * p95Us) };
}

/** Process → when its first request of an endpoint was over. */
type WarmFrom = ReadonlyMap<number, number>;

function warmFromOf(firsts: readonly RequestNode[]): WarmFrom {
  return new Map(firsts.map(({ request }) => [request.process, request.atUs + request.durationUs]));
}

/** What came while the first one was under way waits for the same, or does it once more. */
function isWarm({ request }: RequestNode, warmFromUs: WarmFrom): boolean {
  return request.atUs >= (warmFromUs.get(request.process) ?? 0);
}

function isSlow({ request }: RequestNode, { slowFromUs }: Later): boolean {
  return request.durationUs >= slowFromUs;
}

/** What it waits for nobody, and for the loop. */
function gapsOf({ request: { ownCategories } }: RequestNode): number {
  return GAPS.reduce((sum, index) => sum + (ownCategories[index] ?? 0), 0);
}

const GAPS: readonly number[] = [CategoryIndex.own, CategoryIndex.loop, CategoryIndex.other];

function connectsOf({ operations }: RequestNode): number {
  return operations.reduce(
    (sum, { role, phases, exclusiveUs }) => sum + (role === 'setup' ? exclusiveUs : setUpUs(phases)),
    0,
  );
}

/** What a peer took longer is its own cold start, which is told there. */
function coldOf({ node, later }: Pick<First, 'node' | 'later'>): Cold {
  const beyond = (of: (each: RequestNode) => number): number =>
    Math.max(0, of(node) - medianOf(later.nodes.map(of)));
  return { node, connectUs: beyond(connectsOf), gapUs: beyond(gapsOf) };
}

interface First {
  readonly node: RequestNode;
  readonly later: Later;
  /** Slow ones that came while it was under way. */
  readonly beside: readonly RequestNode[];
}

/** Of the first requests of a service those that stand out. */
function standingOut(known: readonly First[], firsts: readonly RequestNode[]): readonly Cold[] {
  const all = known.map((first) => ({ first, cold: coldOf(first) }));
  const isLong = ({ first, cold }: (typeof all)[number]): boolean =>
    isSlow(first.node, first.later) && longerUs(cold) >= LEAST_LONGER_US;
  const slow = all.filter(isLong).map(({ cold }) => cold);
  const others = all.filter((each) => !isLong(each)).map(({ cold }) => longerUs(cold));
  const leastUs = TIMES_THE_OTHERS * quantileOf(others, MOST_OTHERS);
  return slow.filter(
    (cold) => longerUs(cold) >= leastUs && (longerUs(cold) >= LONG_US || isUsual(cold, slow, firsts)),
  );
}

/** Of each endpoint with enough later requests. */
function knownOf(sample: Sample, firsts: readonly RequestNode[]): First[] {
  return [...groupBy(firsts, ({ request }) => endpointKey(request))].flatMap(([key, own]) => {
    const all = sample.byEndpoint.get(key) ?? [];
    const warmFromUs = warmFromOf(own);
    const later = laterOf(sample, all, warmFromUs);
    if (later.nodes.length < LEAST_LATER) return [];
    return own.map((node) => ({
      node,
      later,
      beside: all.filter(
        (each) =>
          each !== node &&
          each.request.process === node.request.process &&
          !isWarm(each, warmFromUs) &&
          isSlow(each, later),
      ),
    }));
  });
}

/** `firsts`: those of one service. */
function suspicionOf(sample: Sample, firsts: readonly RequestNode[]): Suspicion | undefined {
  const known = knownOf(sample, firsts);
  const colds = standingOut(known, firsts);
  const [worst] = colds.toSorted((a, b) => longerUs(b) - longerUs(a));
  const at = worst && operationAt(worst);
  if (worst === undefined || at === undefined) return undefined;
  const found = new Set(colds.map(({ node }) => node));
  const besideThem = known
    .filter(({ node }) => found.has(node))
    .flatMap(({ beside, later }) => beside.map((node) => coldOf({ node, later })));
  const chance = tailChance(colds.length, known.length, slowShare(known));
  if (chance > CHANCE) return undefined;
  const { request } = worst.node;
  const starts = new Set(colds.map(({ node }) => node.request.process)).size;
  return {
    kind: 'cold-start',
    title: `The first ${request.method} ${request.route} after a start takes ${formatDuration(longerUs(worst))} longer: ${reasonOf(worst)}`,
    endpoint: request,
    at,
    callSite: lineOf(usualCallSite([at])),
    requests: [...colds, ...besideThem].map(({ node }) => node),
    lookedAt: firsts.length,
    change: withoutCold([...colds, ...besideThem], 1),
    least: withoutCold([...colds, ...besideThem], 0.5),
    isOnce: true,
    confidence: starts > 1 && chance <= SURE_CHANCE ? 'medium' : 'low',
    fix: coldStartFix(at, worst.connectUs > worst.gapUs),
  };
}

/** Other processes answered their first request of the endpoint as late. */
function isUsual({ node }: Cold, slow: readonly Cold[], firsts: readonly RequestNode[]): boolean {
  const key = endpointKey(node.request);
  const those = slow.filter((each) => endpointKey(each.node.request) === key).length;
  const all = firsts.filter(({ request }) => endpointKey(request) === key).length;
  return those > 1 && those >= SHARE_OF_STARTS * all;
}

/** Of later requests of the same endpoints; never quite none. */
function slowShare(known: readonly First[]): number {
  const later = [...new Map(known.map(({ later: each }) => [each.nodes[0], each])).values()];
  const all = later.reduce((sum, { nodes }) => sum + nodes.length, 0);
  const slow = later.reduce((sum, each) => sum + each.nodes.filter((node) => isSlow(node, each)).length, 0);
  return (slow + 1) / (all + 1);
}

function longerUs({ connectUs, gapUs }: Cold): number {
  return connectUs + gapUs;
}

function reasonOf({ node, connectUs, gapUs }: Cold): string {
  const [own = 0, loop = 0] = node.request.ownCategories;
  const code = own + loop >= gapUs / 2 ? 'code' : 'work that was not seen';
  const parts = [
    { us: gapUs, name: code },
    { us: connectUs, name: 'opening connections' },
  ];
  return parts
    .filter(({ us }) => us * 10 >= connectUs + gapUs)
    .toSorted((a, b) => b.us - a.us)
    .map(({ us, name }) => `${formatDuration(us)} of ${name}`)
    .join(', ');
}

/** What opened connections, or else the call after which the longest gap is. */
function operationAt({ node, connectUs, gapUs }: Cold): SampledOperation | undefined {
  const called = node.operations.filter((each) => each.role === 'work' && !isControl(each));
  if (connectUs > gapUs) return called.find(({ phases }) => setUpUs(phases) > 0) ?? called[0];
  const [longest] = stretchesOf(node).toSorted((a, b) => b.endUs - b.startUs - (a.endUs - a.startUs));
  return called.findLast(({ atUs }) => atUs < (longest?.startUs ?? 0)) ?? called[0];
}

function withoutCold(colds: readonly Cold[], part: number): Change {
  const change = emptyChange();
  for (const { node, gapUs } of colds) {
    change.gapsUs.set(node.request.id, Math.round(gapUs * part));
    for (const operation of node.operations) addOpened(change, operation, part);
  }
  return change;
}

function addOpened(change: ChangeBuilder, { id, role, phases }: SampledOperation, part: number): void {
  const left = (us = 0): number => Math.round(us * (1 - part));
  if (role === 'setup') change.phases.set(id, phases.map(left));
  else if (setUpUs(phases) > 0) {
    const [, dns, tcp, tls] = phases;
    change.phases.set(id, withPhases(phases, { dns: left(dns), tcp: left(tcp), tls: left(tls) }));
  }
}
