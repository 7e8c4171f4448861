// What was measured of one configuration on one route, turn by turn, and what is said about it. In: turns. Out: a row of the table.
// Not here: how it is measured (overhead.ts).

import type { Loaded } from './load.ts';
import type { Memory, Usage } from './backend.ts';

export class Measured {
  readonly cpuUs: number[] = [];
  readonly perSecond: number[] = [];
  readonly p50Ms: number[] = [];
  readonly p99Ms: number[] = [];
  readonly memory: Memory[] = [];
  readonly startupMs: number[] = [];
  /** What the agent said of its own cost, µs of a request. */
  readonly toldUs: number[] = [];

  /** NaN when it said nothing. */
  addTold(us: number): void {
    if (!Number.isNaN(us)) this.toldUs.push(us);
  }

  addTurn(before: Usage, after: Usage, { ms, latencies }: Loaded): void {
    const count = latencies.length;
    this.cpuUs.push((after.cpuUs - before.cpuUs) / count);
    this.perSecond.push((count / ms) * 1000);
    this.p50Ms.push(latencies[count >> 1] ?? Number.NaN);
    this.p99Ms.push(latencies[Math.floor(count * 0.99)] ?? Number.NaN);
  }
}

export interface Row {
  readonly name: string;
  readonly node: string;
  readonly route: string;
  readonly cpuUsPerRequest: number;
  /** Median over turns, each against the turn of `none` next to it. */
  readonly addedCpuUs: number;
  /** The same as ratio, and its quartiles. */
  readonly ratio: number;
  readonly ratioQuartiles: readonly [number, number];
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU until it listened. */
  readonly startupMs: number;
  /** After the load and a garbage collection: resident, of that private, objects and buffers. */
  readonly rssMb: number;
  readonly privateMb: number;
  readonly heapMb: number;
  /** Of each turn. */
  readonly turnsCpuUs: readonly number[];
  /** Of checkout: the share of requests of which all six operations were given to the right one, and operations or spans per request. */
  readonly exactTraces?: number;
  readonly perRequest?: number;
  /** Of wiretime: what its agent itself says that it adds. */
  readonly toldCpuUs?: number;
}

export function rowOf(name: string, node: string, route: string, measured: Measured, base: Measured): Row {
  const ratios = measured.cpuUs.map((us, index) => us / (base.cpuUs[index] ?? us));
  const added = measured.cpuUs.map((us, index) => us - (base.cpuUs[index] ?? us));
  const megabytes = (of: keyof Memory): number =>
    round1(median(measured.memory.map((memory) => memory[of])) / 2 ** 20);
  return {
    name,
    node,
    route,
    cpuUsPerRequest: round1(median(measured.cpuUs)),
    addedCpuUs: round1(median(added)),
    ratio: round3(median(ratios)),
    ratioQuartiles: [round3(quantile(ratios, 0.25)), round3(quantile(ratios, 0.75))],
    requestsPerSecond: Math.round(median(measured.perSecond)),
    p50Ms: round1(median(measured.p50Ms)),
    p99Ms: round1(median(measured.p99Ms)),
    startupMs: round1(median(measured.startupMs)),
    rssMb: megabytes('rssBytes'),
    privateMb: megabytes('privateBytes'),
    heapMb: megabytes('heapBytes'),
    turnsCpuUs: measured.cpuUs.map(round1),
    ...(measured.toldUs.length === 0 ? {} : { toldCpuUs: round1(median(measured.toldUs)) }),
  };
}

export function print(row: Row): void {
  const [low, high] = row.ratioQuartiles;
  const exact =
    row.exactTraces === undefined ? '' : `  exact ${row.exactTraces}, ${row.perRequest} a request`;
  const says = row.toldCpuUs === undefined ? '' : `  says +${row.toldCpuUs} µs`;
  console.log(
    `${row.node.padEnd(9)} ${row.route.padEnd(9)}${row.name.padEnd(17)}${row.cpuUsPerRequest.toFixed(1).padStart(8)} µs  ` +
      `× ${row.ratio.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})  +${row.addedCpuUs} µs  ${row.requestsPerSecond}/s  ` +
      `p50 ${row.p50Ms} p99 ${row.p99Ms} ms  ${row.rssMb} MB (private ${row.privateMb}, heap ${row.heapMb})  start ${row.startupMs} ms${exact}${says}`,
  );
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function round1(value: number): number {
  return Math.round(value * 10) / 10;
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
