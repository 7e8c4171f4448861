// What the detectors look at: a sample of recorded requests, and the exact totals that it stands for. In: blocks of rows, totals.
// Out: one value with the look-ups that detectors and replay share. Not here: how the sample is drawn (answer/findings/finding-sample.ts).

import type { EndpointName } from '../../model/finding.ts';
import type { CodeLineRow, PoolPlace } from '../../model/row.ts';
import type { Change } from '../replay/change.ts';
import { firstRequests, type Starts } from './first-requests.ts';
import { servedInOrder } from './pipelined.ts';
import {
  endpointKey,
  groupBy,
  isEntry,
  requestNodes,
  type RequestNode,
  type SampledBlock,
} from './request-tree.ts';

/** Exact, over all traffic of the window. */
export interface EndpointTotals extends EndpointName {
  readonly requests: number;
  readonly totalUs: number;
}

/** A line that a profiler saw run for one endpoint, summed over the window. */
export type CodeLine = Pick<CodeLineRow, 'callSite' | 'name' | 'called' | 'callers' | 'blockedUs' | 'looks'>;

/** TCP connections that were opened, and the fastest of them, in µs. */
export interface Connects {
  readonly count: number;
  readonly leastUs: number;
}

export function connectKey(service: string, dependency: string): string {
  return `${service}\n${dependency}`;
}

export interface Sample {
  readonly nodes: readonly RequestNode[];
  /** Those of whole stretches: with everything that happened beside them. */
  readonly together: readonly RequestNode[];
  /** By endpoint, callees included: where faults are. */
  readonly byEndpoint: ReadonlyMap<string, readonly RequestNode[]>;
  /** By endpoint, only what customers asked for: who gains. */
  readonly entries: ReadonlyMap<string, readonly RequestNode[]>;
  /** Of entry requests, by endpoint. */
  readonly totals: ReadonlyMap<string, EndpointTotals>;
  /** All request time of the window. */
  readonly totalUs: number;
  readonly byOperation: ReadonlyMap<number, RequestNode>;
  readonly byRequest: ReadonlyMap<number, RequestNode>;
  readonly blocks: number;
  /** Process → pools of connections that it made. */
  readonly pools: ReadonlyMap<number, readonly PoolPlace[]>;
  /** By endpoint, where a profiler looked. */
  readonly codeLines: ReadonlyMap<string, readonly CodeLine[]>;
  /** By service and dependency (`connectKey`), of the whole window. */
  readonly connects: ReadonlyMap<string, Connects>;
  /** Service → of the time in which its processes wanted a core, the part in which they had one; absent: not known. */
  readonly coreShares: ReadonlyMap<string, number>;
  /** Of each endpoint in each process, where that is known. */
  readonly firsts: ReadonlySet<RequestNode>;
  /** Endpoint → requests in the window for each one of the sample that is no first one. */
  readonly weights: ReadonlyMap<string, number>;
}

/** What is known beside the sampled requests; what is left out is not known. */
export interface Beside extends Partial<Pick<Sample, 'pools' | 'codeLines' | 'connects' | 'coreShares'>> {
  readonly starts?: Starts;
}

export function makeSample(
  blocks: readonly SampledBlock[],
  totals: readonly EndpointTotals[],
  {
    pools = new Map(),
    starts = new Map(),
    codeLines = new Map(),
    connects = new Map(),
    coreShares = new Map(),
  }: Beside = {},
): Sample {
  const nodes = requestNodes(
    blocks.map((block) => ({ ...block, operations: servedInOrder(block.operations) })),
  );
  const keyOf = ({ request }: RequestNode): string => endpointKey(request);
  const entries = groupBy(nodes.filter(isEntry), keyOf);
  const byEndpoint = groupBy(nodes, keyOf);
  for (const siblings of byEndpoint.values()) for (const node of siblings) node.siblings = siblings;
  const byKey = new Map(totals.map((total) => [endpointKey(total), total]));
  const firsts = firstRequests(nodes, starts);
  return {
    nodes,
    together: nodes.filter(({ isAlone }) => !isAlone),
    byEndpoint,
    entries,
    totals: byKey,
    totalUs: totals.reduce((sum, { totalUs }) => sum + totalUs, 0),
    byOperation: new Map(nodes.flatMap((node) => node.operations.map(({ id }) => [id, node] as const))),
    byRequest: new Map(nodes.map((node) => [node.request.id, node])),
    blocks: blocks.filter(({ isAlone }) => isAlone !== true).length,
    pools,
    codeLines,
    connects,
    coreShares,
    firsts,
    weights: weightsOf({ entries, totals: byKey }, firsts),
  };
}

/** Of the time in which the service wanted a core, the part in which it had one; 1 where nobody knows. */
export function coreShareOf({ coreShares }: Sample, service: string): number {
  return coreShares.get(service) ?? 1;
}

/** Requests of its endpoint in the window for which this one of the sample stands. */
export function weightOf({ firsts, weights }: Sample, node: RequestNode): number {
  return firsts.has(node) ? 1 : (weights.get(endpointKey(node.request)) ?? 0);
}

/** A first one stands for itself, each other one for as many as there are of those that are none. */
function weightsOf(
  { entries, totals }: Pick<Sample, 'entries' | 'totals'>,
  firsts: Sample['firsts'],
): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const [key, sampled] of entries) {
    const first = sampled.filter((node) => firsts.has(node)).length;
    const others = sampled.length - first;
    if (others > 0) weights.set(key, ((totals.get(key)?.requests ?? 0) - first) / others);
  }
  return weights;
}

/** The requests in whose trees something changes, up to their roots. */
export function touchedBy(sample: Sample, change: Change): Set<RequestNode> {
  const touched = new Set<RequestNode>();
  const add = (node: RequestNode | undefined): void => {
    for (let at = node; at !== undefined && !touched.has(at); at = at.caller) touched.add(at);
  };
  for (const id of change.phases.keys()) add(sample.byOperation.get(id));
  for (const id of change.together.keys()) add(sample.byOperation.get(id));
  for (const id of change.gapsUs.keys()) add(sample.byRequest.get(id));
  return touched;
}
