// Writes a trace by hand, in the order things happen. In: "own code for 3 ms, then this query". Out: the answer for one trace,
// with parts that add up. One clock goes forward; `parallel` runs beside it and takes no exclusive time.

import type {
  TimeByOperation,
  TraceAnswer,
  TraceOperation,
  TraceRequest,
  Words,
} from '../../src/answer/api.ts';
import { CATEGORY_COUNT, CategoryIndex, type CategoryKey } from '../../src/model/category.ts';
import type { ProtocolName } from '../../src/model/operation.ts';
import { PhaseIndex, PHASES } from '../../src/model/row.ts';

export interface Call {
  readonly category: CategoryKey;
  readonly statement: string;
  readonly callSite: string;
  readonly dependency: string;
  /** Wait for first byte, in µs. */
  readonly waitUs: number;
  readonly poolUs?: number;
  readonly connectUs?: number;
  readonly sendUs?: number;
  readonly receiveUs?: number;
  readonly rows?: number;
  readonly errorType?: string;
  readonly isRetry?: boolean;
  readonly question?: number;
  readonly connection?: number;
}

export interface Callee {
  readonly service: string;
  readonly method: string;
  readonly route: string;
  readonly callSite: string;
  /** One way over the network, in µs. */
  readonly networkUs: number;
  readonly body: (request: RequestBuilder) => void;
}

const PROTOCOLS: Partial<Record<CategoryKey, ProtocolName>> = {
  db: 'postgres',
  cache: 'redis',
  http: 'http',
  ext: 'http',
};

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

class Recording {
  now = 0;
  nextId = 1;
  readonly requests: Mutable<TraceRequest>[] = [];
  readonly operations: Mutable<TraceOperation>[] = [];
  readonly categories = zeros(CATEGORY_COUNT);
  readonly byOperation = new Map<string, Mutable<TimeByOperation>>();

  spend(category: CategoryKey, us: number): void {
    this.categories[CategoryIndex[category]] = (this.categories[CategoryIndex[category]] ?? 0) + us;
  }

  count(
    row: Omit<TimeByOperation, 'calls' | 'us' | 'poolUs'>,
    us: number,
    poolUs: number,
    calls: number,
  ): void {
    const key = [row.statement, row.category, row.service, row.callSite].join();
    const entry = this.byOperation.get(key) ?? { ...row, calls: 0, us: 0, poolUs: 0 };
    entry.calls += calls;
    entry.us += us;
    entry.poolUs += poolUs;
    this.byOperation.set(key, entry);
  }
}

export class RequestBuilder {
  readonly #recording: Recording;
  readonly #request: Mutable<TraceRequest>;
  readonly #own: (readonly [number, number, number])[] = [];
  readonly #ownCategories = zeros(CATEGORY_COUNT);

  constructor(recording: Recording, request: Mutable<TraceRequest>) {
    this.#recording = recording;
    this.#request = request;
    recording.requests.push(request);
  }

  own(us: number, category: CategoryKey = 'own'): this {
    const { service } = this.#request;
    this.#own.push([this.#recording.now, us, CategoryIndex[category]]);
    this.#recording.now += us;
    this.#spend(category, us);
    this.#recording.count({ statement: '', category, service, dependency: '', callSite: '' }, us, 0, 0);
    return this;
  }

  /** On the critical path: the clock goes on. */
  call(call: Call): this {
    const operation = this.#operation(call, true);
    this.#recording.now += operation.durationUs;
    const { poolUs = 0, connectUs = 0 } = call;
    this.#spend('pool', poolUs);
    this.#spend('conn', connectUs);
    this.#spend(call.category, operation.durationUs - poolUs - connectUs);
    this.#recording.count(nameOf(call, this.#request.service), operation.durationUs, poolUs, 1);
    return this;
  }

  /** Beside the critical path: the clock stands. */
  parallel(call: Call): this {
    this.#operation(call, false);
    this.#recording.count(nameOf(call, this.#request.service), 0, 0, 1);
    return this;
  }

  /** A request to another traced service. */
  callee(callee: Callee): this {
    const recording = this.#recording;
    const { networkUs, service, method, route, callSite } = callee;
    const statement = `${method} ${route}`;
    const call: Call = { category: 'http', statement, callSite, dependency: service, waitUs: 0 };
    const operation = this.#operation(call, true);
    recording.now += networkUs;
    new RequestBuilder(recording, emptyRequest(recording, operation.id, callee)).run(callee.body);
    recording.now += networkUs;
    operation.durationUs = recording.now - operation.startUs;
    operation.phases = phases({ send: 30, wait: operation.durationUs - 30 });
    operation.exclusiveUs = operation.durationUs;
    recording.spend('http', 2 * networkUs);
    this.#ownCategories[CategoryIndex.http] =
      (this.#ownCategories[CategoryIndex.http] ?? 0) + operation.durationUs;
    recording.count(
      { statement, category: 'http', service: this.#request.service, dependency: service, callSite },
      2 * networkUs,
      0,
      1,
    );
    return this;
  }

  run(body: (request: RequestBuilder) => void): void {
    body(this);
    this.#request.durationUs = this.#recording.now - this.#request.startUs;
    this.#request.firstByteUs = this.#request.durationUs;
    this.#request.own = this.#own;
    this.#request.ownCategories = this.#ownCategories;
  }

  #spend(category: CategoryKey, us: number): void {
    this.#recording.spend(category, us);
    this.#ownCategories[CategoryIndex[category]] = (this.#ownCategories[CategoryIndex[category]] ?? 0) + us;
  }

  #operation(call: Call, isBlocking: boolean): Mutable<TraceOperation> {
    const { sendUs = 30, receiveUs = 50, poolUs = 0, connectUs = 0, waitUs } = call;
    const durationUs = poolUs + connectUs + sendUs + waitUs + receiveUs;
    const operation: Mutable<TraceOperation> = {
      id: this.#recording.nextId++,
      request: this.#request.id,
      protocol: PROTOCOLS[call.category] ?? 'unknown',
      role: 'work',
      category: call.category,
      statement: call.statement,
      dependency: call.dependency,
      callSite: call.callSite,
      connection: call.connection ?? 1,
      nthOnConnection: connectUs > 0 ? 1 : 40 + this.#recording.operations.length,
      startUs: this.#recording.now,
      durationUs,
      phases: phases({ pool: poolUs, tcp: connectUs, send: sendUs, wait: waitUs, receive: receiveUs }),
      exclusiveUs: isBlocking ? durationUs : 0,
      isBlocking,
      bytesOut: 120,
      bytesIn: 168 * Math.max(1, call.rows ?? 1),
      rows: call.rows ?? (call.category === 'db' ? 1 : -1),
      outcome: call.errorType ? 'error' : 'ok',
      errorType: call.errorType ?? '',
      isRetry: call.isRetry ?? false,
      question: call.question ?? 0,
    };
    this.#recording.operations.push(operation);
    return operation;
  }
}

export interface TraceHead {
  readonly id: string;
  readonly at: number;
  readonly service: string;
  readonly method: string;
  readonly route: string;
  readonly status?: number;
  readonly sentence: readonly Words[];
}

export function buildTrace(head: TraceHead, body: (request: RequestBuilder) => void): TraceAnswer {
  const recording = new Recording();
  new RequestBuilder(recording, { ...emptyRequest(recording, 0, head), status: head.status ?? 200 }).run(
    body,
  );
  return {
    id: head.id,
    at: head.at,
    durationUs: recording.now,
    sentence: head.sentence,
    categories: recording.categories,
    requests: recording.requests,
    operations: recording.operations.toSorted((a, b) => a.startUs - b.startUs),
    byOperation: [...recording.byOperation.values()].toSorted((a, b) => b.us - a.us),
    slower: '',
    faster: '',
    typical: '',
    isCut: false,
  };
}

function nameOf({ statement, category, dependency, callSite }: Call, service: string) {
  return { statement, category, service, dependency, callSite };
}

function emptyRequest(
  recording: Recording,
  parentOperation: number,
  { service, method, route }: Pick<Callee, 'service' | 'method' | 'route'>,
): Mutable<TraceRequest> {
  return {
    id: recording.nextId++,
    parentOperation,
    service,
    method,
    route,
    status: 200,
    isError: false,
    startUs: recording.now,
    durationUs: 0,
    firstByteUs: 0,
    ownCategories: [],
    own: [],
    clockShiftUs: 0,
  };
}

function phases(lengths: Partial<Record<keyof typeof PhaseIndex, number>>): readonly number[] {
  return PHASES.map(({ key }) => lengths[key] ?? 0);
}

function zeros(count: number): number[] {
  return Array.from({ length: count }, () => 0);
}
