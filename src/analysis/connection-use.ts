// Who holds which connection when. In: the operations of one process to one dependency. Out: holds in order, each with the
// operations inside, and how many connections were in use. A transaction holds its connection from its first to its last statement.

import { PhaseIndex } from '../model/row.ts';
import type { RequestNode, SampledOperation } from './request-tree.ts';
import { endsTransaction, opensTransaction } from './statement-facts.ts';
import { groupBy } from './request-tree.ts';

export interface Hold {
  /** The first operation: the one that waited in line. */
  readonly operation: SampledOperation;
  readonly operations: readonly SampledOperation[];
  /** When it joined the line. */
  readonly arrivedUs: number;
  readonly grantedUs: number;
  readonly releasedUs: number;
}

export interface PoolUse {
  readonly service: string;
  readonly process: number;
  readonly dependency: string;
  /** By arrival. */
  readonly holds: readonly Hold[];
  /** Most connections in use at once. */
  readonly size: number;
}

/** One for each process and dependency that speaks through connections one request at a time. */
export function poolsOf(nodes: readonly RequestNode[]): PoolUse[] {
  const services = new Map(nodes.map(({ request }) => [request.process, request.service]));
  const operations = nodes.flatMap((node) => node.operations).filter(({ role }) => role === 'work');
  const groups = groupBy(operations, ({ process, dependency }) => `${process}\n${dependency}`);
  return [...groups.values()].flatMap((group) => {
    const holds = holdsOf(group);
    const { process = 0, dependency = '' } = group[0] ?? {};
    const connections = new Set(group.map(({ connection }) => connection)).size;
    const atOnce = mostAtOnce(holds);
    // Several operations at a time on one connection: it is shared, and nobody waits in line for it.
    if (atOnce > SHARED_FACTOR * connections) return [];
    // The end of one and the grant of the next may be noted in the wrong order.
    const size = Math.min(atOnce, connections);
    return [{ service: services.get(process) ?? '', process, dependency, holds, size }];
  });
}

/** Half as many again: beyond what the order of notes can explain. */
const SHARED_FACTOR = 1.5;

function holdsOf(operations: readonly SampledOperation[]): Hold[] {
  const holds: Hold[] = [];
  for (const onConnection of groupBy(operations, ({ connection }) => String(connection)).values()) {
    let open: SampledOperation[] = [];
    for (const operation of onConnection.toSorted((a, b) => a.atUs - b.atUs || a.id - b.id)) {
      // Its end was not seen: whoever comes next has another request.
      if (open[0] !== undefined && open[0].request !== operation.request) open = closed(open, holds);
      const isInside = open.length > 0;
      open.push(operation);
      const stays = isInside ? !endsTransaction(operation) : opensTransaction(operation);
      if (!stays) open = closed(open, holds);
    }
    closed(open, holds);
  }
  return holds.sort((a, b) => a.arrivedUs - b.arrivedUs);
}

function closed(operations: readonly SampledOperation[], holds: Hold[]): SampledOperation[] {
  const first = operations[0];
  const last = operations.at(-1);
  if (first !== undefined && last !== undefined)
    holds.push({
      operation: first,
      operations,
      arrivedUs: first.atUs,
      grantedUs: first.atUs + (first.phases[PhaseIndex.pool] ?? 0),
      releasedUs: last.atUs + last.durationUs,
    });
  return [];
}

function mostAtOnce(holds: readonly Hold[]): number {
  return Math.max(
    0,
    ...inUseAt(
      holds,
      holds.map(({ grantedUs }) => grantedUs),
    ),
  );
}

/** How many connections are in use at each of the times, in their order. */
export function inUseAt(holds: readonly Hold[], times: readonly number[]): number[] {
  const grants = holds.map(({ grantedUs }) => grantedUs).sort((a, b) => a - b);
  const releases = holds.map(({ releasedUs }) => releasedUs).sort((a, b) => a - b);
  return times.map((time) => countUpTo(grants, time) - countUpTo(releases, time));
}

/** How many of the sorted values are at or below the limit. */
function countUpTo(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
