// Who holds which connection when. In: the operations of one process to one dependency. Out: holds in order, each with the
// operations inside, and how many connections were in use. A transaction holds its connection from its first to its last statement, also
// one that its driver begins without a word (psycopg, and all that stand on it): then the end is seen, and what the request asked before it.

import { underWayAt } from '../../base/sorted.ts';
import { PhaseIndex } from '../../model/row.ts';
import { setUpUs } from '../replay/change.ts';
import { endOf, endpointKey, groupBy, type RequestNode, type SampledOperation } from './request-tree.ts';
import { endsTransaction, isControl, opensTransaction } from './statement-facts.ts';

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

const known = new WeakMap<readonly RequestNode[], readonly PoolUse[]>();

/** One for each pool of a process that speaks through connections one request at a time. Worked out once for each list. */
export function poolsOf(nodes: readonly RequestNode[]): readonly PoolUse[] {
  const pools = known.get(nodes) ?? poolsIn(nodes);
  known.set(nodes, pools);
  return pools;
}

function poolsIn(nodes: readonly RequestNode[]): PoolUse[] {
  const services = new Map(nodes.map(({ request }) => [request.process, request.service]));
  const operations = nodes.flatMap((node) => node.operations).filter(({ role }) => role === 'work');
  const groups = groupBy(operations, ({ process, dependency }) => `${process}\n${dependency}`);
  const places = new Map(nodes.map(({ request }) => [request.id, endpointKey(request)]));
  const placeOf = (operation: SampledOperation): string =>
    `${places.get(operation.request) ?? ''}\n${operation.statement}`;
  return [...groups.values()]
    .flatMap((all) => poolsApart(all, placeOf))
    .flatMap((group) => {
      const connections = [...groupBy(group, ({ connection }) => String(connection)).values()].map(bySent);
      // Several operations at a time on one connection: it is shared, and nobody waits in line for it.
      if (overlapShare(connections) > LEAST_SHARED) return [];
      const holds = connections.flatMap(holdsOf).sort((a, b) => a.arrivedUs - b.arrivedUs);
      const { process = 0, dependency = '' } = group[0] ?? {};
      const size = Math.min(mostAtOnce(holds), connections.length);
      return [{ service: services.get(process) ?? '', process, dependency, holds, size }];
    });
}

/**
 * A process may have several pools to one database: connections are of one pool when some place in the program (endpoint and statement) has used
 * both. What everybody says (BEGIN, SET, which types there are) tells nothing.
 */
function poolsApart(
  operations: readonly SampledOperation[],
  placeOf: (operation: SampledOperation) => string,
): SampledOperation[][] {
  const parents = new Map<string, string>();
  const poolOf = (key: string): string => {
    let top = key;
    for (let next = parents.get(top); next !== undefined && next !== top; next = parents.get(top)) top = next;
    parents.set(key, top);
    return top;
  };
  for (const operation of operations)
    if (!isControl(operation) && !ASKS_FOR_TYPES.test(operation.statement))
      parents.set(poolOf(placeOf(operation)), poolOf(String(operation.connection)));
  return [...groupBy(operations, ({ connection }) => poolOf(String(connection))).values()];
}

/** What drivers ask on each new connection (postgres.js, asyncpg). */
const ASKS_FOR_TYPES = /\bpg_(catalog|type)\b/i;

/** A connection that is never shared shows no overlap but for ends that were noted late. */
const LEAST_SHARED = 0.05;

function bySent(operations: readonly SampledOperation[]): SampledOperation[] {
  return operations.toSorted((a, b) => sentUs(a) - sentUs(b) || a.id - b.id);
}

/** When its first byte left. */
function sentUs({ atUs, phases }: SampledOperation): number {
  return atUs + (phases[PhaseIndex.pool] ?? 0) + setUpUs(phases) + (phases[PhaseIndex.own] ?? 0);
}

/** Of the operations that follow another one on their connection, those that were sent before it was over. */
function overlapShare(connections: readonly (readonly SampledOperation[])[]): number {
  let overlaps = 0;
  let followers = 0;
  for (const operations of connections)
    for (const [index, operation] of operations.entries()) {
      const before = operations[index - 1];
      if (before === undefined) continue;
      followers++;
      // A busy loop reads an answer late that was there.
      if (sentUs(operation) < endOf(before) - (before.phases[PhaseIndex.deliver] ?? 0)) overlaps++;
    }
  return followers === 0 ? 0 : overlaps / followers;
}

/** Of one connection, by the time of sending. */
function holdsOf(operations: readonly SampledOperation[]): Hold[] {
  const holds: Hold[] = [];
  let open: SampledOperation[] = [];
  for (const operation of operations) {
    // Its end was not seen: whoever comes next has another request.
    if (open[0] !== undefined && open[0].request !== operation.request) open = closed(open, holds);
    const isInside = open.length > 0;
    if (!isInside && endsTransaction(operation)) open = takenBack(operation, holds);
    open.push(operation);
    const stays = isInside ? !endsTransaction(operation) : opensTransaction(operation);
    if (!stays) open = closed(open, holds);
  }
  closed(open, holds);
  return holds;
}

/** What the transaction that ends here has asked so far: all of its request since it got the connection. */
function takenBack(end: SampledOperation, holds: Hold[]): SampledOperation[] {
  const inside: SampledOperation[] = [];
  for (let next = end; !waitedInLine(next);) {
    const last = holds.at(-1);
    const before = last?.operations.at(-1);
    if (last === undefined || before === undefined) break;
    if (before.request !== end.request || endsTransaction(before)) break;
    holds.pop();
    inside.unshift(...last.operations);
    next = last.operation;
  }
  return inside;
}

function waitedInLine({ phases }: SampledOperation): boolean {
  return (phases[PhaseIndex.pool] ?? 0) > 0;
}

/** Granted after its wait, and not before the one before it on the connection was over: a busy driver shortens the noted wait. */
function closed(operations: readonly SampledOperation[], holds: Hold[]): SampledOperation[] {
  const first = operations[0];
  const last = operations.at(-1);
  if (first === undefined || last === undefined) return [];
  const freeUs = Math.max(first.atUs + (first.phases[PhaseIndex.pool] ?? 0), holds.at(-1)?.releasedUs ?? 0);
  holds.push({
    operation: first,
    operations,
    arrivedUs: first.atUs,
    grantedUs: Math.min(freeUs, sentUs(first)),
    releasedUs: endOf(last),
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
  return times.map((time) => underWayAt(grants, releases, time));
}
