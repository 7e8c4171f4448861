// What the page of one finding shows beyond the finding. In: a judged suspicion with the sample. Out: durations now and after as two
// histograms over one axis, percentiles, how many of the counted things each request has. Not here: traces and source (answer/).

import type { Measures } from '../model/finding.ts';
import { NO_PHASES } from './replay/change.ts';
import type { Judged } from './judged.ts';
import { endpointKey, rootOf, type RequestNode } from './sample/request-tree.ts';
import type { Sample } from './sample/sample.ts';
import { meanOf, quantileOf } from './statistics/chances.ts';

export interface FindingDetail {
  readonly stepUs: number;
  /** Requests of the sample, by duration: bucket `i` holds those from `i` to `i + 1` steps; the last one also all beyond. */
  readonly now: readonly number[];
  readonly after: readonly number[];
  readonly measuresNow: Measures;
  readonly measuresAfter: Measures;
  readonly countName: string;
  /** How many requests have so many: [count, requests] rising. */
  readonly counts: readonly (readonly [number, number])[];
  /** Count of each example trace, in their order. */
  readonly exampleCounts: ReadonlyMap<string, number>;
  /** Ids of the requests of the sample that show it, and of those that they are part of. */
  readonly requestIds: Float64Array;
}

/** 60 bars are what a chart of 800 pixels shows well. */
const BUCKETS = 60;
/** The axis ends a little beyond p99: a single straggler does not squeeze all others into one bar. */
const AXIS_SHARE = 0.99;
const AXIS_ROOM = 1.1;

export function detailOf(sample: Sample, judged: Judged, traceIds: readonly string[]): FindingDetail {
  const [main] = judged.effects;
  const roots = main === undefined ? [] : (sample.entries.get(endpointKey(main)) ?? []);
  const now = roots.map(({ request }) => request.durationUs);
  const after = roots.map((root) => root.request.durationUs - (judged.saved.get(root) ?? 0));
  const stepUs = Math.max(1, Math.ceil((quantileOf(now, AXIS_SHARE) * AXIS_ROOM) / BUCKETS));
  const removed = removedIn(judged);
  const calls = roots.map((root) => callsOf(root));
  const callsAfter = roots.map((root) => callsOf(root, removed));
  const { count = { name: 'calls', of: touchedIn(judged) } } = judged.suspicion;
  return {
    stepUs,
    now: bucketsOf(now, stepUs),
    after: bucketsOf(after, stepUs),
    measuresNow: measuresOf(now, meanOf(calls)),
    measuresAfter: measuresOf(after, meanOf(callsAfter)),
    countName: count.name,
    counts: countsOf(judged.suspicion.requests.map(count.of)),
    exampleCounts: exampleCounts(judged.suspicion.requests, traceIds, count.of),
    requestIds: idsOf(judged.suspicion.requests),
  };
}

export function bucketsOf(durations: readonly number[], stepUs: number): number[] {
  const counts = Array.from({ length: BUCKETS }, () => 0);
  for (const us of durations) {
    const bucket = Math.min(BUCKETS - 1, Math.floor(Math.max(0, us) / stepUs));
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return counts;
}

/** Of so few nothing is said: five requests must lie beyond a percentile. */
const LEAST_BEYOND = 5;

export function measuresOf(durations: readonly number[], callsPerRequest: number): Measures {
  const at = (share: number): number | undefined =>
    durations.length * (1 - share) >= LEAST_BEYOND ? quantileOf(durations, share) : undefined;
  return {
    requests: durations.length,
    meanUs: Math.round(meanOf(durations)),
    p50Us: at(0.5),
    p95Us: at(0.95),
    p99Us: at(0.99),
    callsPerRequest,
  };
}

const NONE: ReadonlySet<number> = new Set();

/** Operations of the whole tree without those that go. */
function callsOf(node: RequestNode, removed: ReadonlySet<number> = NONE): number {
  let calls = 0;
  for (const { id } of node.operations) if (!removed.has(id)) calls++;
  for (const [operation, callee] of node.callees)
    if (!removed.has(operation)) calls += callsOf(callee, removed);
  return calls;
}

function removedIn({ suspicion }: Judged): ReadonlySet<number> {
  return new Set([...suspicion.change.phases].filter(([, left]) => left === NO_PHASES).map(([id]) => id));
}

function touchedIn({ suspicion: { change } }: Judged): (node: RequestNode) => number {
  return ({ operations }) =>
    operations.filter(({ id }) => change.phases.has(id) || change.together.has(id)).length;
}

function countsOf(counts: readonly number[]): [number, number][] {
  const byCount = new Map<number, number>();
  for (const count of counts) byCount.set(count, (byCount.get(count) ?? 0) + 1);
  return [...byCount].toSorted((a, b) => a[0] - b[0]);
}

function idsOf(requests: readonly RequestNode[]): Float64Array {
  const ids = requests.flatMap((node) => [node.request.id, rootOf(node).request.id]);
  return Float64Array.from(new Set(ids));
}

function exampleCounts(
  requests: readonly RequestNode[],
  traceIds: readonly string[],
  of: (node: RequestNode) => number,
): ReadonlyMap<string, number> {
  const wanted = new Set(traceIds);
  const counts = new Map<string, number>();
  for (const node of requests) {
    const { traceId } = node.request;
    if (wanted.has(traceId)) counts.set(traceId, Math.max(counts.get(traceId) ?? 0, of(node)));
  }
  return counts;
}
