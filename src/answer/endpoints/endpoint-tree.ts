// What one request of an endpoint does. In: which requests. Out: the mean request as a call tree, over all of them, the typical and
// the slow ones. Means over a sample: the tree needs every operation, and a few hundred requests tell as much as all.

import { apportion } from '../../analysis/time/apportion.ts';
import { CATEGORY_COUNT, CategoryIndex } from '../../model/category.ts';
import { PhaseIndex } from '../../model/row.ts';
import type { Condition } from '../../store/query.ts';
import { columns, numbersOf, textsOf } from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';
import type { CallGroup, CallMeans, CallNode } from '../api.ts';
import { CALL_GROUPS } from '../api.ts';
import { percentile } from '../percentiles.ts';
import type { StoredOperation } from '../stored-rows.ts';
import type { TraceNode } from '../traces/trace-rows.ts';
import { treesIn } from '../traces/trace-rows.ts';
import { timeOf, type WaitedFor } from '../traces/trace-time.ts';
import { BAND_SHARES, bandsOf } from './bands.ts';
import { tailOf, type SpentPlace, type TailParts } from './tail-of.ts';

/** Requests of each group; the mean of 120 is within a tenth of the spread. */
const SAMPLE = 120;
/** Operations that are read for each group: endpoints that do thousands a request are sampled more thinly. */
const OPERATIONS = 12_000;
/** A request, the calls in it, and twice more: what is deeper counts for the call above it. */
const DEEPEST = 7;
/** Places beyond are not told apart by anybody; the smallest are left out, and their time stays with the request. */
const MOST_NODES = 400;

export interface CallTree {
  readonly nodes: readonly CallNode[];
  readonly requests: Readonly<Record<CallGroup, number>>;
  /** Undefined while slow requests cannot be told from typical ones. */
  readonly tail: TailParts | undefined;
}

export async function callTree(
  store: AskStore,
  where: readonly Condition[],
  requests: number,
  operationsEach: number,
): Promise<CallTree> {
  if (requests === 0) return { nodes: [], requests: { all: 0, typical: 0, slow: 0 }, tail: undefined };
  const wanted = Math.max(4, Math.min(SAMPLE, Math.floor(OPERATIONS / Math.max(1, operationsEach))));
  const groups = await groupsOf(store, where, requests, wanted);
  const all = CALL_GROUPS.flatMap((group) => groups[group]);
  const traceIds = [...new Set(all.map(({ traceId }) => traceId))];
  const trees = await treesIn(store, traceIds, new Set(all.map(({ id }) => id)));
  const root = new Place(undefined, '');
  for (const tree of trees) addTree(root, tree, groupsWith(groups, tree.request.id));
  const counts = countsOf(groups, trees);
  const placesOf = (group: CallGroup) =>
    trees.filter(({ request }) => groups[group].some(({ id }) => id === request.id)).map(placesIn);
  return {
    tail: tailOf(placesOf('typical'), placesOf('slow')),
    nodes: [...root.children.values()].flatMap((place) => place.nodes(0, counts)).slice(0, MOST_NODES),
    requests: counts,
  };
}

interface Picked {
  readonly id: number;
  readonly traceId: string;
}
type Groups = Readonly<Record<CallGroup, readonly Picked[]>>;

async function groupsOf(
  store: AskStore,
  where: readonly Condition[],
  requests: number,
  wanted: number,
): Promise<Groups> {
  const bands = await bandsOf(store, where);
  const pick = (share: number, ...more: Condition[]) =>
    picked(store, [...where, ...more], requests * share, wanted);
  const [all, typical, slow] = await Promise.all([
    pick(1),
    pick(BAND_SHARES.typical, bands.typical),
    pick(BAND_SHARES.slow, bands.slow),
  ]);
  return { all, typical, slow };
}

/** About `wanted` of `expected` requests. */
async function picked(
  store: AskStore,
  where: readonly Condition[],
  expected: number,
  wanted: number,
): Promise<Picked[]> {
  const oneIn = Math.max(1, Math.floor(expected / wanted));
  const table = await store.ask({
    from: 'requests',
    select: columns('id', 'traceId'),
    where: [...where, ...(oneIn > 1 ? [{ column: 'id', oneIn }] : [])],
    orderBy: [{ by: 'id' }],
    limit: wanted * 2,
  });
  const traceIds = textsOf(table, 'traceId');
  return Array.from(numbersOf(table, 'id'), (id, index) => ({ id, traceId: traceIds[index] ?? '' }));
}

function groupsWith(groups: Groups, id: number): readonly CallGroup[] {
  return CALL_GROUPS.filter((group) => groups[group].some((each) => each.id === id));
}

function countsOf(groups: Groups, trees: readonly TraceNode[]): Record<CallGroup, number> {
  const there = new Set(trees.map(({ request }) => request.id));
  const count = (group: CallGroup) => groups[group].filter(({ id }) => there.has(id)).length;
  return { all: count('all'), typical: count('typical'), slow: count('slow') };
}

interface Sums {
  calls: number;
  readonly self: number[];
}

const emptySums = (): Sums => ({ calls: 0, self: Array.from({ length: CATEGORY_COUNT }, () => 0) });

type Label = Pick<CallNode, 'kind' | 'name' | 'service' | 'category' | 'dependency' | 'callSite'>;

/** One place of the tree while it is summed up. */
class Place {
  readonly children = new Map<string, Place>();
  readonly #label: Label | undefined;
  readonly #key: string;
  readonly #sums: Record<CallGroup, Sums> = { all: emptySums(), typical: emptySums(), slow: emptySums() };
  readonly #durations: number[] = [];
  #waitedUs = 0;

  constructor(label: Label | undefined, key: string) {
    this.#label = label;
    this.#key = key;
  }

  child(label: Label): Place {
    const key = [
      label.kind,
      label.name,
      label.service,
      label.dependency,
      label.callSite,
      label.category,
    ].join('\0');
    const known = this.children.get(key) ?? new Place(label, key);
    this.children.set(key, known);
    return known;
  }

  add(groups: readonly CallGroup[], self: readonly number[], durationUs: number, waitedUs: number): void {
    if (groups.includes('all')) this.#durations.push(durationUs);
    if (groups.includes('all')) this.#waitedUs += waitedUs;
    for (const group of groups) {
      const sums = this.#sums[group];
      sums.calls++;
      for (let index = 0; index < CATEGORY_COUNT; index++)
        sums.self[index] = (sums.self[index] ?? 0) + (self[index] ?? 0);
    }
  }

  /** µs of all groups, with everything below. */
  totalUs(): number {
    const own = CALL_GROUPS.reduce((us, group) => us + sumOf(this.#sums[group].self), 0);
    return [...this.children.values()].reduce((us, child) => us + child.totalUs(), own);
  }

  /** Each place with what was spent there, of a tree that holds one request. */
  spent(): readonly SpentPlace[] {
    const below = [...this.children.values()].flatMap((child) => child.spent());
    if (this.#label === undefined) return below;
    return [{ ...this.#label, calls: this.#sums.all.calls, self: this.#sums.all.self }, ...below];
  }

  nodes(depth: number, counts: Readonly<Record<CallGroup, number>>): CallNode[] {
    if (this.#label === undefined) return [];
    const below = [...this.children.values()]
      .map((child) => ({ child, us: child.totalUs() }))
      .toSorted((a, b) => b.us - a.us || (a.child.#key < b.child.#key ? -1 : 1));
    const durations = this.#durations.toSorted((a, b) => a - b);
    const durationUs = sumOf(durations);
    return [
      {
        ...this.#label,
        depth,
        meanUs: durationUs / (durations.length || 1),
        p95Us: percentile('p95', durations[Math.ceil(durations.length * 0.95) - 1], durations.length),
        isParallel: depth > 0 && durations.length > 0 && this.#waitedUs < durationUs / 2,
        means: {
          all: meansOf(this.#sums.all, counts.all),
          typical: meansOf(this.#sums.typical, counts.typical),
          slow: meansOf(this.#sums.slow, counts.slow),
        },
      },
      ...below.flatMap(({ child }) => child.nodes(depth + 1, counts)),
    ];
  }
}

function placesIn(tree: TraceNode): readonly SpentPlace[] {
  const root = new Place(undefined, '');
  addTree(root, tree, ['all']);
  return root.spent();
}

function meansOf({ calls, self }: Sums, requests: number): CallMeans {
  const each = requests || 1;
  return { calls: calls / each, self: self.map((us) => us / each) };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** Adds one request with all below it; together they add `scale` × its duration. */
function addTree(parent: Place, node: TraceNode, groups: readonly CallGroup[], scale = 1, depth = 0): void {
  const { request, operations, callees } = node;
  const { own, waited } = timeOf(node);
  const { service, method, route } = request;
  const place = parent.child({
    kind: 'request',
    name: `${method} ${route}`,
    service,
    category: 'http',
    dependency: '',
    callSite: '',
  });
  const self = Array.from({ length: CATEGORY_COUNT }, () => 0);
  for (const [, us, category] of own) self[category] = (self[category] ?? 0) + us * scale;
  place.add(groups, self, request.durationUs, request.durationUs * scale);
  for (const operation of operations)
    addCall(
      place,
      service,
      operation,
      {
        waited: waited.get(operation.id) ?? NOTHING,
        callee: callees.get(operation.id),
        scale,
        depth: depth + 1,
      },
      groups,
    );
}

const NOTHING: WaitedFor = { exclusiveUs: 0, poolUs: 0, wireUs: 0 };

interface Call {
  readonly waited: WaitedFor;
  readonly callee: TraceNode | undefined;
  readonly scale: number;
  readonly depth: number;
}

function addCall(
  parent: Place,
  service: string,
  operation: StoredOperation,
  { waited, callee, scale, depth }: Call,
  groups: readonly CallGroup[],
): void {
  const { statement, dependency, callSite, durationUs } = operation;
  const category = operation.role === 'setup' ? 'conn' : operation.category;
  const place = parent.child({ kind: 'call', name: statement, service, category, dependency, callSite });
  // A callee that took longer than its caller waited for it is scaled to fit.
  const inside = callee === undefined || depth + 1 >= DEEPEST ? undefined : callee;
  const insideUs = Math.min(waited.wireUs, inside?.request.durationUs ?? 0);
  const self = selfOf(operation, waited, insideUs).map((us) => us * scale);
  place.add(groups, self, durationUs, waited.exclusiveUs);
  if (inside === undefined) return;
  const length = inside.request.durationUs;
  addTree(place, inside, groups, length === 0 ? 0 : (scale * insideUs) / length, depth + 1);
}

/** What its request waited for the operation, by category, without what a traced callee explains. */
function selfOf(operation: StoredOperation, waited: WaitedFor, insideUs: number): number[] {
  const self = Array.from({ length: CATEGORY_COUNT }, () => 0);
  const { exclusiveUs, poolUs, wireUs } = waited;
  const restUs = Math.max(0, exclusiveUs - poolUs - wireUs);
  self[CategoryIndex.pool] = poolUs;
  const work = CategoryIndex[operation.category];
  self[work] = (self[work] ?? 0) + wireUs - insideUs;
  if (operation.role === 'setup') self[CategoryIndex.conn] = (self[CategoryIndex.conn] ?? 0) + restUs;
  else addRest(self, operation, restUs);
  return self;
}

function addRest(self: number[], { phases }: StoredOperation, restUs: number): void {
  const at = (name: keyof typeof PhaseIndex) => phases[PhaseIndex[name]] ?? 0;
  const parts = apportion(restUs, [at('dns') + at('tcp') + at('tls'), at('deliver'), at('own')]);
  [CategoryIndex.conn, CategoryIndex.loop, CategoryIndex.own].forEach((category, index) => {
    self[category] = (self[category] ?? 0) + (parts[index] ?? 0);
  });
}
