// Requests as they were recorded, in a few words, for tests of replay and detectors. In: what matters to the test. Out: rows.
// Times are µs; a request is what its operations and the gaps between them make it.

import type {
  SampledBlock,
  SampledOperation,
  SampledRequest,
} from '../../src/analysis/sample/request-tree.ts';
import { connectKey, makeSample, type Connects, type Sample } from '../../src/analysis/sample/sample.ts';
import { CATEGORY_COUNT, CategoryIndex } from '../../src/model/category.ts';
import { PHASES, PhaseIndex, type PhaseKey } from '../../src/model/row.ts';

export type Phases = Partial<Record<PhaseKey, number>>;

/** One operation: after the one before, unless `withLast` lets it begin together with it. */
export interface Told extends Partial<Omit<SampledOperation, 'phases' | 'id' | 'request'>> {
  readonly phases?: Phases;
  /** Own code before it. */
  readonly gapUs?: number;
  readonly withLast?: boolean;
  /** With `withLast`: so long after the one before began. */
  readonly afterLastUs?: number;
  /** What it asks for in another service. */
  readonly callee?: ToldRequest;
}

export interface ToldRequest {
  readonly service?: string;
  readonly process?: number;
  readonly method?: string;
  readonly route?: string;
  readonly atUs?: number;
  readonly operations: readonly Told[];
  /** Own code after the last operation. */
  readonly tailUs?: number;
  /** When its own answer began. */
  readonly firstByteUs?: number;
  /** Of the gaps: waiting for the event loop. */
  readonly loopUs?: number;
  /** Of the gaps: nothing was seen of it, as of who sleeps. */
  readonly idleUs?: number;
}

/** Tells requests one after the other and makes a sample of them. */
export class Recording {
  #requests: SampledRequest[] = [];
  #operations: SampledOperation[] = [];
  #ids = 0;
  #nextAtUs = 1_000_000;
  #starts = new Map<number, number>();
  #connects = new Map<string, Connects>();

  /** Connections were opened, the fastest in so many µs. */
  connect(dependency: string, count: number, leastUs: number, service = 'shop'): this {
    this.#connects.set(connectKey(service, dependency), { count, leastUs });
    return this;
  }

  /** A process was started. */
  start(process: number, atUs: number): void {
    this.#starts.set(process, atUs);
  }

  /** Returns the id of the request. The next one begins `pauseUs` after its end, unless it says when. */
  add(told: ToldRequest, parentOperation = 0, pauseUs = 1000): number {
    const id = ++this.#ids;
    const process = told.process ?? 1;
    const atUs = told.atUs ?? this.#nextAtUs;
    let at = atUs;
    let lastStart = atUs;
    let end = atUs;
    let gapUs = 0;
    for (const each of told.operations) {
      const gap = each.gapUs ?? 100;
      const start = each.withLast === true ? lastStart + (each.afterLastUs ?? 0) : at + gap;
      if (each.withLast !== true) gapUs += gap;
      const operation = this.#operation(id, process, start, each);
      lastStart = start;
      end = Math.max(end, start + operation.durationUs);
      at = end;
    }
    gapUs += told.tailUs ?? 100;
    const durationUs = end + (told.tailUs ?? 100) - atUs;
    const ownCategories = Array.from({ length: CATEGORY_COUNT }, () => 0);
    const { loopUs = 0, idleUs = 0 } = told;
    ownCategories[CategoryIndex.own] = gapUs - loopUs - idleUs;
    ownCategories[CategoryIndex.other] = idleUs;
    ownCategories[CategoryIndex.loop] = loopUs;
    ownCategories[CategoryIndex.db] = durationUs - gapUs;
    this.#requests.push({
      id,
      traceId: id.toString(16).padStart(32, '0'),
      parentOperation,
      service: told.service ?? 'shop',
      process,
      method: told.method ?? 'GET',
      route: told.route ?? '/thing/:id',
      isError: false,
      atUs,
      durationUs,
      ownCategories,
      firstByteUs: told.firstByteUs ?? durationUs,
    });
    if (parentOperation === 0) this.#nextAtUs = atUs + durationUs + pauseUs;
    return id;
  }

  /** The rows in blocks of equal numbers of requests, callees with their callers; of the first `requests` that customers made. */
  sample(blocks = 6, requests = Number.POSITIVE_INFINITY): Sample {
    const all = this.#requests.filter(({ parentOperation }) => parentOperation === 0);
    const endUs = all[requests]?.atUs ?? Number.POSITIVE_INFINITY;
    const entries = all.filter(({ atUs }) => atUs < endUs);
    const perBlock = Math.max(1, Math.ceil(entries.length / blocks));
    const found = Array.from({ length: blocks }, (_, index): SampledBlock => {
      const from = entries[index * perBlock]?.atUs ?? Infinity;
      const to = entries[(index + 1) * perBlock]?.atUs ?? endUs;
      const requests = this.#requests.filter(({ atUs }) => atUs >= from && atUs < to);
      const ids = new Set(requests.map(({ id }) => id));
      return { requests, operations: this.#operations.filter(({ request }) => ids.has(request)) };
    });
    return makeSample(found, this.#totals(entries), { starts: this.#starts, connects: this.#connects });
  }

  #totals(entries: readonly SampledRequest[]) {
    const totals = new Map<
      string,
      { service: string; method: string; route: string; requests: number; totalUs: number }
    >();
    for (const { service, method, route, durationUs } of entries) {
      const key = `${service} ${method} ${route}`;
      const known = totals.get(key) ?? { service, method, route, requests: 0, totalUs: 0 };
      totals.set(key, { ...known, requests: known.requests + 1, totalUs: known.totalUs + durationUs });
    }
    return [...totals.values()];
  }

  #operation(request: number, process: number, atUs: number, told: Told): SampledOperation {
    const {
      phases: lengths = { wait: 1000 },
      gapUs: _,
      withLast: __,
      afterLastUs: ___,
      callee,
      ...rest
    } = told;
    const phases: number[] = PHASES.map(() => 0);
    for (const { key } of PHASES) phases[PhaseIndex[key]] = lengths[key] ?? 0;
    const id = ++this.#ids;
    if (callee !== undefined) this.add({ ...callee, atUs: atUs + 50 }, id);
    const durationUs = phases.reduce((sum, us) => sum + us, 0);
    const operation: SampledOperation = {
      id,
      request,
      process,
      protocol: 'postgres',
      role: 'work',
      category: 'db',
      statement: 'SELECT a FROM thing WHERE id = $1',
      dependency: 'Postgres',
      callSite: '/app/src/thing.js:10:5',
      connection: 1,
      nthOnConnection: 2,
      atUs,
      durationUs,
      phases,
      exclusiveUs: durationUs,
      bytesOut: 50,
      bytesIn: 100,
      rows: 1,
      outcome: 'ok',
      ...rest,
    };
    this.#operations.push(operation);
    return operation;
  }
}
