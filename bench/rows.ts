// Rows as a backend of middle size makes them, for benchmarks of the store and the answers. In: a seed. Out: batches.
// 20 endpoints in 3 services, 200 statements at 400 call sites, 10 operations a request, 1 % of them failing. Same seed, same rows.

import { bucketOf } from '../src/base/histogram.ts';
import { CATEGORY_COUNT, CategoryIndex } from '../src/model/category.ts';
import { PHASES, PhaseIndex, type OperationRow, type RequestRow, type RollupRow } from '../src/model/row.ts';
import type { Batch } from '../src/store/store.ts';

export const OPERATIONS_PER_REQUEST = 10;
const ENDPOINTS = 20;
const STATEMENTS = 200;
const SERVICES = ['gateway', 'cart', 'pricing'] as const;
const MINUTE_US = 60_000_000;

/** The collector sums up rollups by minute and place, whatever the batch: here each batch is a minute. */
export class RowSource {
  #seed: number;
  #requests = 0;
  #operations = 0;
  #atUs: number;
  readonly #gapUs: number;
  readonly #statements = Array.from({ length: STATEMENTS }, (_, index) => statementAt(index));

  /** `gapUs` lies between the starts of two requests. */
  constructor(seed: number, startUs: number, gapUs: number) {
    this.#seed = seed;
    this.#atUs = startUs;
    this.#gapUs = gapUs;
  }

  /** A batch of whole requests with `operations` operations. */
  batch(operations: number): Batch {
    const requests: RequestRow[] = [];
    const rows: OperationRow[] = [];
    const rollups = new Map<string, Rollup>();
    while (rows.length < operations) requests.push(this.#request(rows, rollups));
    return { processes: [], requests, operations: rows, rollups: [...rollups.values()], counters: [] };
  }

  #request(rows: OperationRow[], rollups: Map<string, Rollup>): RequestRow {
    const id = ++this.#requests;
    const endpoint = Math.floor(this.#random() ** 2 * ENDPOINTS);
    const service = SERVICES[endpoint % SERVICES.length] ?? 'gateway';
    const route = `/api/thing${endpoint}/:id`;
    this.#atUs += Math.floor(this.#random() * 2 * this.#gapUs);
    const categories = Array.from({ length: CATEGORY_COUNT }, () => 0);
    let at = this.#atUs;
    for (let index = 0; index < OPERATIONS_PER_REQUEST; index++) {
      at += this.#addTo(categories, CategoryIndex.own, this.#skewed(400));
      at += this.#addTo(categories, CategoryIndex.loop, this.#random() < 0.2 ? this.#skewed(300) : 0);
      const operation = this.#operation(id, service, endpoint, index, at);
      at += operation.durationUs;
      for (const [phase, us] of operation.phases.entries())
        this.#addTo(categories, categoryOf(phase, operation), us);
      rows.push(operation);
      addToRollup(rollups, operation, route);
    }
    const isError = this.#random() < 0.01;
    return {
      id,
      traceId: Array.from({ length: 4 }, () => this.#hex8()).join(''),
      parentOperation: 0,
      service,
      process: 1 + (endpoint % SERVICES.length),
      method: endpoint % 3 === 0 ? 'POST' : 'GET',
      route,
      status: isError ? 500 : 200,
      isError,
      isAborted: false,
      atUs: this.#atUs,
      durationUs: at - this.#atUs,
      firstByteUs: at - this.#atUs - 20,
      categories,
      ownCategories: categories,
      operationCount: OPERATIONS_PER_REQUEST,
      treeOperationCount: OPERATIONS_PER_REQUEST,
    };
  }

  #operation(request: number, service: string, endpoint: number, index: number, atUs: number): OperationRow {
    const number = (endpoint * 7 + index) % STATEMENTS;
    const isCache = number % 5 === 0;
    const phases: number[] = PHASES.map(() => 0);
    phases[PhaseIndex.pool] = this.#random() < 0.1 ? 100 + this.#skewed(2000) : 0;
    phases[PhaseIndex.own] = this.#skewed(20);
    phases[PhaseIndex.send] = this.#skewed(12);
    phases[PhaseIndex.wait] = this.#skewed(isCache ? 200 : 1500);
    phases[PhaseIndex.receive] = this.#random() < 0.5 ? this.#skewed(60) : 0;
    phases[PhaseIndex.deliver] = this.#random() < 0.3 ? this.#skewed(100) : 0;
    const durationUs = phases.reduce((total, us) => total + us, 0);
    const isError = this.#random() < 0.01;
    return {
      id: ++this.#operations,
      request,
      process: 1 + (endpoint % SERVICES.length),
      service,
      attribution: 'request',
      protocol: isCache ? 'redis' : 'postgres',
      role: 'work',
      category: isCache ? 'cache' : 'db',
      statement: this.#statements[number] ?? '',
      dependency: isCache ? 'Redis' : 'Postgres',
      callSite: `src/routes/thing${endpoint}.ts:${10 + index * 3}:11`,
      connection: 1 + Math.floor(this.#random() * 30),
      nthOnConnection: 1 + Math.floor(this.#operations / 30),
      atUs,
      durationUs,
      phases,
      exclusiveUs: durationUs - (phases[PhaseIndex.own] ?? 0),
      isBlocking: true,
      bytesOut: 60 + number + Math.floor(this.#random() * 8),
      bytesIn: 100 + this.#skewed(900),
      rows: Math.floor(this.#random() ** 3 * 50),
      outcome: isError ? 'error' : 'ok',
      errorType: isError ? '23505' : '',
    };
  }

  #addTo(categories: number[], index: number, us: number): number {
    categories[index] = (categories[index] ?? 0) + us;
    return us;
  }

  /** Log-normal, with this median: most are near it, some are ten times it. */
  #skewed(median: number): number {
    const normal = (this.#random() + this.#random() + this.#random() + this.#random() - 2) * 1.7;
    return Math.max(1, Math.round(median * Math.exp(normal * 0.8)));
  }

  #hex8(): string {
    return Math.floor(this.#random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  }

  /** Mulberry32: small, and good enough for rows. */
  #random(): number {
    this.#seed = (this.#seed + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#seed ^ (this.#seed >>> 15), 1 | this.#seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
}

type Rollup = { -readonly [K in keyof RollupRow]: RollupRow[K] } & {
  phases: number[];
  histogram: Map<number, number>;
};

function addToRollup(rollups: Map<string, Rollup>, row: OperationRow, route: string): void {
  const minute = Math.floor(row.atUs / MINUTE_US);
  const key = `${minute}\n${route}\n${row.statement}\n${row.callSite}`;
  const rollup = rollups.get(key) ?? emptyRollup(row, minute, route);
  rollups.set(key, rollup);
  rollup.count++;
  rollup.errors += row.outcome === 'ok' ? 0 : 1;
  rollup.totalUs += row.durationUs;
  rollup.exclusiveUs += row.exclusiveUs;
  rollup.bytesOut += row.bytesOut;
  rollup.bytesIn += row.bytesIn;
  rollup.rows += row.rows;
  for (const [index, us] of row.phases.entries()) rollup.phases[index] = (rollup.phases[index] ?? 0) + us;
  const bucket = bucketOf(row.durationUs);
  rollup.histogram.set(bucket, (rollup.histogram.get(bucket) ?? 0) + 1);
}

function emptyRollup(row: OperationRow, minute: number, route: string): Rollup {
  const { service, attribution, protocol, role, category, statement, dependency, callSite } = row;
  const place = { service, attribution, protocol, role, category, statement, dependency, callSite };
  const sums = { count: 0, errors: 0, totalUs: 0, exclusiveUs: 0, bytesOut: 0, bytesIn: 0, rows: 0 };
  return {
    ...place,
    ...sums,
    minute,
    method: 'GET',
    route,
    newConnections: 0,
    phases: row.phases.map(() => 0),
    histogram: new Map(),
  };
}

function categoryOf(phase: number, { category }: OperationRow): number {
  if (phase === PhaseIndex.pool) return CategoryIndex.pool;
  if (phase === PhaseIndex.own) return CategoryIndex.own;
  return phase === PhaseIndex.deliver ? CategoryIndex.loop : CategoryIndex[category];
}

function statementAt(index: number): string {
  if (index % 5 === 0) return `GET thing${index}:*`;
  return `SELECT a, b, c, price_cents, updated_at FROM thing${index} JOIN owner ON owner.id = thing${index}.owner_id WHERE thing${index}.id = $1 AND deleted_at IS NULL`;
}
