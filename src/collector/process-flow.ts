// The whole way of one process's data: records → connections → messages → operations → requests. In: records, in order.
// Out: finished operations and requests in what all processes share. This file is the map; each step is a call into its folder.

import { BoundedMap } from '../base/bounded.ts';
import { NEVER, nanos, type Nanos } from '../base/time.ts';
import { isPrivateHost } from '../connection/address.ts';
import { addressesOf, askedFor, Connection, textOf } from '../connection/connection.ts';
import { endOfPoolWait, phasesOf } from '../analysis/phases.ts';
import { Operation } from '../model/operation.ts';
import { Decoding } from '../protocol/driver.ts';
import { Phase, HIDDEN_REQUEST } from '../record/layout.ts';
import type { DriverFacts, RecordHandler, RequestTexts } from '../record/reader.ts';
import type { WriteContexts } from '../record/write-contexts.ts';
import { categoryOf, dependencyName } from '../trace/dependency.ts';
import { CallSites } from '../trace/call-sites.ts';
import { LiveRequest, OPERATIONS_PER_REQUEST } from '../trace/live-request.ts';
import { ThreadClocks } from '../trace/thread-clocks.ts';
import { parentLink } from '../trace/trace-id.ts';
import { UsualWait } from '../trace/usual-wait.ts';
import { assemble, operationRow, type Place } from './assemble.ts';
import { Calls } from './calls.ts';
import { DriverOperations } from './driver-operation.ts';
import { goodbyeProblem, processInfo, processStats, type ProcessInfo } from './process-info.ts';
import type { Shared } from './shared.ts';

/** Connections open at once, and requests running at once, in one process. Beyond it the oldest are forgotten and counted. */
const CONNECTION_LIMIT = 20_000;
const REQUEST_LIMIT = 20_000;
/** Requests that are remembered after their end, for operations that outlive them. */
const ENDED_LIMIT = 20_000;
/** The loop was busy for less than this before an answer: scheduling, not waiting. */
const SHORTEST_LAG_NS = 50_000;
const UNKNOWN_INFO: ProcessInfo = {
  pid: 0,
  thread: 0,
  service: 'unknown',
  runtime: 'node',
  version: '',
  argv: [],
  cwd: '',
  host: '',
  wallClockMs: 0,
  monotonicNs: 0,
  hooked: [],
  notVisible: [],
};

export class ProcessFlow implements RecordHandler {
  readonly id: number;
  info: ProcessInfo = UNKNOWN_INFO;
  /** Why its agent stopped, '' while all is well. */
  problem = '';
  notVisible: readonly string[] = [];
  requestCount = 0;
  operationCount = 0;
  readonly #shared: Shared;
  readonly #loop = new ThreadClocks();
  readonly #calls = new Calls();
  readonly #usual = new UsualWait();
  readonly #callSites = new CallSites();
  readonly #drivers = new DriverOperations();
  readonly #connections = new BoundedMap<number, Connection>(CONNECTION_LIMIT);
  readonly #running = new BoundedMap<number, LiveRequest>(REQUEST_LIMIT);
  readonly #ended = new BoundedMap<number, LiveRequest>(ENDED_LIMIT);
  #now: Nanos = NEVER;
  #wallOffsetUs = 0;

  constructor(shared: Shared) {
    this.#shared = shared;
    this.id = shared.nextId('process');
  }

  // ---- records about the process ----

  batch(droppedRecords: number, droppedBytes: number, lostBatches: number): void {
    const { counters } = this.#shared;
    counters.add('records.droppedByAgent', droppedRecords);
    counters.add('bytes.droppedByAgent', droppedBytes);
    counters.add('batches.lost', lostBatches);
    if (droppedRecords + lostBatches > 0) this.#bytesWereLost();
  }

  moment(time: Nanos, idleNs: number, thread: number): void {
    this.#now = time;
    this.#loop.moment(time, idleNs, thread);
  }

  hello(payload: unknown): void {
    const info = processInfo(payload);
    if (info === undefined) return;
    this.info = info;
    this.notVisible = info.notVisible;
    this.#wallOffsetUs = this.#offsetOf(info);
    this.#shared.keepProcess({
      id: this.id,
      service: info.service,
      runtime: info.runtime,
      version: info.version,
      pid: info.pid,
      host: info.host,
      // Arguments may hold secrets: the program and its script are enough to recognize it.
      argv: info.argv.slice(0, 2).join(' '),
      startedAtUs: Math.round(info.wallClockMs * 1000),
      notVisible: info.notVisible,
    });
  }

  stats(payload: unknown): void {
    const stats = processStats(payload);
    if (stats !== undefined && stats.notVisible.length > 0) this.notVisible = stats.notVisible;
  }

  goodbye(payload: unknown): void {
    this.problem = goodbyeProblem(payload);
  }

  gc(): void {
    // Counted as busy time of whoever runs; shown on its own once analysis asks for it.
  }

  // ---- records about connections ----

  connectionOpen(
    number: number,
    flags: number,
    over: number,
    request: number,
    call: number,
    payload: unknown,
  ): void {
    const id = this.#shared.nextId('connection');
    const connection = new Connection(number, id, flags, known(request), call, this.#now, askedFor(payload));
    const carrier = this.#connections.get(over);
    if (carrier !== undefined) connection.continues(carrier);
    this.#connections.set(number, connection);
    this.#shared.counters.add('connections.opened');
    if (!connection.isAccepted) this.#decode(connection);
  }

  connectionPhase(number: number, phase: number, payload: unknown): void {
    const connection = this.#connections.get(number);
    if (connection === undefined) return;
    if (phase === Phase.failed) return this.#connectFailed(connection, textOf(payload, 'code'));
    connection.phase(phase, this.#now, addressesOf(payload));
    if (phase === Phase.connected && !connection.isAccepted)
      this.#shared.joins.clientConnected(connection.tuple());
  }

  write(number: number, size: number, bytes: Uint8Array, contexts: WriteContexts): void {
    const connection = this.#connections.get(number);
    if (connection === undefined) return;
    const request = contexts.count > 0 ? known(contexts.request(0)) : 0;
    connection.lastRequest = request;
    this.#acted(request);
    connection.written(size, bytes, this.#now, contexts);
  }

  read(number: number, size: number, head: Uint8Array, tail: Uint8Array): void {
    const connection = this.#connections.get(number);
    if (connection === undefined) return;
    this.#loop.wake(connection.lastRequest);
    connection.received(size, head, tail, this.#now);
  }

  close(number: number): void {
    const connection = this.#connections.get(number);
    if (connection === undefined) return;
    this.#connections.delete(number);
    this.#closed(connection);
  }

  // ---- records about requests and calls ----

  requestStart(number: number, connectionNumber: number, texts: RequestTexts): void {
    const parent = parentLink(texts.traceparent, texts.b3);
    const live = new LiveRequest(this.id, this.info.service, parent?.traceId ?? this.#shared.newTraceId());
    const { request } = live;
    request.id = this.#shared.nextId('request');
    request.number = number;
    request.method = texts.method.slice(0, 20);
    request.target = texts.target;
    request.host = texts.host;
    request.parent = parent;
    request.start = this.#now;
    live.threads.push(this.#loop.thread);
    this.#running.set(number, live);
    this.#shared.counters.add('requests.started');
    this.#loop.wake(number);
    const connection = this.#connections.get(connectionNumber);
    if (connection !== undefined)
      this.#shared.joins.requestStarted(connection.tuple(), ++connection.requestCount, live);
  }

  requestEnd(number: number, status: number, firstWrite: Nanos, route: string, isAborted: boolean): void {
    const live = this.#running.get(number);
    if (live === undefined) return;
    const { request } = live;
    request.end = this.#now;
    request.status = status;
    request.firstWrite = firstWrite;
    request.isAborted = isAborted;
    request.route =
      route !== '' ? route : this.#shared.routes.route(live.service, request.method, pathOf(request.target));
    this.requestCount++;
    this.#loop.acted(number);
    this.#running.delete(number);
    this.#ended.set(number, live);
    this.#shared.finishing.finished(live, this.#shared.tick);
    this.#shared.counters.add('requests.finished');
  }

  call(call: number, request: number, callSite: number): void {
    this.#calls.called(call, known(request), callSite, this.#now);
    this.#acted(known(request));
  }

  grant(call: number): void {
    this.#loop.wake(this.#calls.granted(call, this.#now));
  }

  callSite(id: number, stack: string): void {
    this.#calls.callSite(id, stack, this.info.cwd);
  }

  /** Of a driver that bypasses sockets: finished when it is told. */
  driverOperation(facts: DriverFacts): void {
    const operation = this.#drivers.operation(facts, () => this.#shared.nextId('connection'));
    operation.id = this.#shared.nextId('operation');
    operation.request = known(facts.request);
    if (facts.request !== 0) operation.attribution = operation.request > 0 ? 'request' : 'hidden';
    this.#calls.complete(operation);
    this.#acted(operation.request);
    this.#findBusyInPool(operation);
    this.#loop.wake(operation.request);
    this.#deliver(operation, undefined);
  }

  // ---- the end ----

  /** The process is gone, or the recording ends: what is open ends here. */
  end(): void {
    for (const connection of this.#connections.values()) this.#closed(connection);
    this.#connections.clear();
    const { counters } = this.#shared;
    counters.add('requests.unfinished', this.#running.size + this.#running.evicted);
    counters.add('connections.forgotten', this.#connections.evicted);
    this.#running.clear();
  }

  // ---- operations ----

  #decode(connection: Connection): void {
    let peer = '';
    const host = {
      operation: (operation: Operation) => this.#finished(operation, connection, peer),
      peer: (name: string) => (peer = name),
      handOver: () => undefined,
    };
    connection.sink = new Decoding(host, this.#shared.decodeCounters);
  }

  #finished(operation: Operation, connection: Connection, peer: string): void {
    operation.id = this.#shared.nextId('operation');
    operation.connection = connection.id;
    this.#claimSetUp(operation, connection);
    this.#calls.complete(operation);
    const address = connection.remoteAddress || connection.host;
    const isPrivate = isPrivateHost(
      peer !== '' ? peer.replace(/:\d+$/, '') : connection.host || address.replace(/:\d+$/, ''),
    );
    operation.dependency = dependencyName(
      operation.protocol,
      peer,
      connection.isUnix ? connection.host : hostOf(connection),
    );
    operation.category = operation.role === 'setup' ? 'conn' : categoryOf(operation.protocol, isPrivate);
    this.#findBusyInPool(operation);
    this.#findLag(operation);
    this.#loop.wake(operation.request);
    this.#deliver(operation, connection);
  }

  /** The first operation pays for the set-up: the login always, other work only when it asked for the connection itself. */
  #claimSetUp(operation: Operation, connection: Connection): void {
    if (!connection.isSetUpUnclaimed) return;
    connection.isSetUpUnclaimed = false;
    if (operation.role === 'setup') {
      operation.request = connection.openedBy;
      operation.call = connection.openedByCall;
      operation.attribution = connection.openedBy > 0 ? 'request' : 'none';
    } else if (operation.request !== connection.openedBy || operation.request === 0) return;
    operation.connectStart = connection.openedAt;
    operation.resolved = connection.resolvedAt;
    operation.connected = connection.connectedAt;
    operation.secured = connection.securedAt;
  }

  /** A call that has to wait lets the loop do something else; while its own request runs, the driver is at work. */
  #findBusyInPool(operation: Operation): void {
    const end = endOfPoolWait(operation);
    if (operation.called < 0 || end <= operation.called || operation.request === 0) return;
    const threads = this.#requestOf(operation.request)?.threads ?? [];
    operation.busyInPoolNs = this.#loop.split(operation.called, end, operation.request, threads).own;
  }

  /** What exceeds the usual wait, and fell into a time when the loop was busy, was our own loop. */
  #findLag(operation: Operation): void {
    if (operation.firstByte < 0 || operation.role !== 'work') return;
    const lag = this.#loop.lag(operation.firstByte, operation.written);
    const wait = Math.max(0, operation.firstByte - operation.written);
    const key = `${operation.dependency}\n${operation.statement}`;
    if (lag < SHORTEST_LAG_NS) return this.#usual.observe(key, wait);
    const usual = this.#usual.usualNs(key);
    if (usual !== undefined) operation.deliveryLagNs = Math.min(lag, Math.max(0, wait - usual));
  }

  #deliver(operation: Operation, connection: Connection | undefined): void {
    this.operationCount++;
    const live = operation.attribution === 'request' ? this.#requestOf(operation.request) : undefined;
    if (operation.attribution === 'request' && live === undefined) operation.attribution = 'hidden';
    const { counters, joins } = this.#shared;
    counters.add('operations.seen');
    counters.add(`operations.${operation.attribution}`);
    if (operation.protocol === 'http' && connection !== undefined)
      joins.operationEnded(connection.tuple(), operation, live);
    if (live === undefined || live.categories !== undefined) return this.#keepAlone(operation, live);
    if (live.operations.length < OPERATIONS_PER_REQUEST) live.operations.push(operation);
    else {
      counters.add('operations.beyondLimit');
      this.#keepAlone(operation, live);
    }
  }

  /** The request did something; most do everything in the thread where they began. */
  #acted(request: number): void {
    const { thread } = this.#loop;
    if (thread !== 0) this.#requestOf(request)?.workedIn(thread);
    this.#loop.acted(request);
  }

  #requestOf(number: number): LiveRequest | undefined {
    return this.#running.get(number) ?? this.#ended.get(number);
  }

  /** No request waited for it: it was caused by none, or it ended after its request had been assembled. */
  #keepAlone(operation: Operation, live: LiveRequest | undefined): void {
    if (live !== undefined) this.#shared.counters.add('operations.late');
    this.#callSites.completeOne(operation);
    const row = operationRow(operation, phasesOf(operation), 0, this.#place(), live?.request.id ?? 0);
    const isNew = operation.connectStart >= 0;
    this.#shared.keepOperation(row, live?.request.method ?? '', live?.request.route ?? '', isNew);
  }

  #connectFailed(connection: Connection, code: string): void {
    this.#shared.counters.add('connections.failed');
    const operation = new Operation();
    operation.role = 'setup';
    operation.statement = 'connect';
    operation.sent = connection.connectedAt >= 0 ? connection.connectedAt : connection.openedAt;
    operation.written = operation.sent;
    operation.end = this.#now;
    operation.outcome = 'error';
    operation.errorType = code;
    this.#finished(operation, connection, '');
  }

  #closed(connection: Connection): void {
    connection.sink?.close(this.#now);
    connection.sink = undefined;
    if (!connection.isAccepted) this.#shared.joins.clientClosed(connection.tuple());
  }

  /** Nobody knows which bytes: every conversation starts anew, and what was open ends as unfinished. */
  #bytesWereLost(): void {
    for (const connection of this.#connections.values()) {
      if (connection.sink === undefined) continue;
      connection.sink.close(this.#now);
      this.#decode(connection);
    }
  }

  // ---- assembling ----

  /** One of its finished requests, whose callees are assembled, becomes rows. */
  assemble(live: LiveRequest): void {
    const place = this.#place();
    const { row, operations } = assemble(live, place, this.#callSites);
    this.#shared.keepRequest(row);
    for (let index = 0; index < operations.length; index++) {
      const operation = operations[index];
      if (operation === undefined) continue;
      const isNew = (live.operations[index]?.connectStart ?? -1) >= 0;
      this.#shared.keepOperation(operation, row.method, row.route, isNew);
    }
  }

  #place(): Place {
    return {
      process: this.id,
      service: this.info.service,
      wallOffsetUs: this.#wallOffsetUs,
      loop: this.#loop,
    };
  }

  #offsetOf(info: ProcessInfo): number {
    const known = this.#shared.wallOffsetUs.get(info.host);
    if (known !== undefined) return known;
    const offset = Math.round(info.wallClockMs * 1000 - nanos(info.monotonicNs) / 1000);
    this.#shared.wallOffsetUs.set(info.host, offset);
    return offset;
  }
}

function known(request: number): number {
  return request === HIDDEN_REQUEST ? 0 : request;
}

function pathOf(target: string): string {
  const end = target.search(/[?#]/);
  return end < 0 ? target : target.slice(0, end);
}

function hostOf(connection: Connection): string {
  if (connection.host === '') return connection.remoteAddress;
  return connection.port > 0 ? `${connection.host}:${connection.port}` : connection.host;
}
