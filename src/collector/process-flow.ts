// The whole way of one process's data: records → connections → messages → operations → requests. In: records, in order.
// Out: finished operations and requests in what all processes share. This file is the map; each step is a call into its file.

import type { Nanos } from '../base/time.ts';
import type { DriverFacts, RecordHandler, RequestTexts } from '../record/record-handler.ts';
import type { WriteContexts } from '../record/write-contexts.ts';
import type { Operation } from '../model/operation.ts';
import { isConsumed } from '../model/request.ts';
import type { PoolPlace } from '../model/row.ts';
import { LiveRequest } from '../trace/live-request.ts';
import { queueRoute } from '../trace/queue-name.ts';
import { readableRoute } from '../trace/readable-route.ts';
import { parentLink } from '../trace/trace-id.ts';
import { runningRequest, type RunningRequest } from './running-request.ts';
import { assemble } from './assemble.ts';
import { CodeLines } from './code-lines.ts';
import { ConnectionFlow } from './connection-flow.ts';
import { OperationFlow } from './operation-flow.ts';
import { goodbyeProblem, processInfo, processStats, type ProcessInfo } from './process-info.ts';
import { known, ProcessState } from './process-state.ts';
import type { Shared } from './shared.ts';
import { nthOfStream, StreamFlow } from './stream-flow.ts';
import { ToldTotals } from './told-totals.ts';

/** Status of HTTP: of a path that is no route it says nothing about routes. */
const NOT_FOUND = 404;

export class ProcessFlow implements RecordHandler {
  readonly id: number;
  /** Why its agent stopped, '' while all is well. */
  problem = '';
  notVisible: readonly string[] = [];
  requestCount = 0;
  readonly told = new ToldTotals();
  /** Requests that its agent did not record, so far. */
  #skipped = 0;
  readonly #shared: Shared;
  readonly #state: ProcessState;
  readonly #operations: OperationFlow;
  readonly #connections: ConnectionFlow;
  #pools: readonly PoolPlace[] = [];
  readonly streams: StreamFlow;
  readonly code: CodeLines;

  constructor(shared: Shared) {
    this.#shared = shared;
    this.id = shared.nextId('process');
    this.#state = new ProcessState(this.id);
    this.#operations = new OperationFlow(this.#state, shared);
    this.#connections = new ConnectionFlow(this.#state, shared, this.#operations, (request) =>
      this.#forgetRequest(request),
    );
    this.code = new CodeLines(this.#state);
    this.streams = new StreamFlow(this.#state, this.#connections, this.#operations);
  }

  get info(): ProcessInfo {
    return this.#state.info;
  }

  get operationCount(): number {
    return this.#operations.count;
  }

  // ---- records about the process ----

  batch(droppedRecords: number, droppedBytes: number, lostBatches: number): void {
    const { counters } = this.#shared;
    counters.add('records.droppedByAgent', droppedRecords);
    counters.add('bytes.droppedByAgent', droppedBytes);
    counters.add('batches.lost', lostBatches);
    if (droppedRecords + lostBatches === 0) return;
    this.#forgetRunning();
    this.#connections.bytesWereLost();
    this.streams.end();
  }

  /** What runs now may have done more than was seen: a request is whole, or it is not kept. */
  #forgetRunning(): void {
    for (const [number] of this.#state.running.entries()) this.#forgetRequest(number);
  }

  #forgetRequest(number: number): void {
    const { running } = this.#state;
    const live = running.get(number);
    if (live === undefined) return;
    running.delete(number);
    this.#shared.joins.forget(live);
    this.#operations.release(live);
    this.#shared.counters.add('requests.unfinished');
  }

  moment(time: Nanos, idleNs: number, thread: number): void {
    this.#state.now = time;
    this.#state.loop.moment(time, idleNs, thread);
  }

  hello(payload: unknown): void {
    const info = processInfo(payload);
    if (info === undefined) return;
    this.#state.info = info;
    if (info.runtime === 'python') this.#state.loop.readAhead();
    this.notVisible = info.notVisible;
    this.#state.alignClock(this.#shared.wallOffsetUs);
    this.#keepProcess();
  }

  #keepProcess(): void {
    const { info } = this.#state;
    this.#shared.keepProcess({
      id: this.id,
      service: info.service,
      runtime: info.runtime,
      version: info.version,
      pid: info.pid,
      host: info.host,
      // Arguments may hold secrets: the program and its script are enough to recognize it.
      argv: info.argv.slice(0, 2).join(' '),
      cwd: info.cwd,
      startedAtUs: Math.round(info.wallClockMs * 1000),
      notVisible: this.notVisible,
      pools: this.#pools,
    });
  }

  stats(payload: unknown): void {
    const stats = processStats(payload);
    if (stats === undefined) return;
    this.told.note(stats, this.#state.info.thread);
    this.#shared.counters.add('requests.skippedByAgent', Math.max(0, stats.skippedRequests - this.#skipped));
    this.#skipped = Math.max(this.#skipped, stats.skippedRequests);
    const isMoreUnseen = stats.notVisible.length > this.notVisible.length;
    if (stats.notVisible.length > 0) this.notVisible = stats.notVisible;
    if (stats.pools.length <= this.#pools.length && !isMoreUnseen) return;
    this.#pools = stats.pools.map(({ library, callSite }) => ({
      library,
      callSite: this.#state.calls.placeOf(callSite),
    }));
    this.#keepProcess();
  }

  goodbye(payload: unknown): void {
    this.problem = goodbyeProblem(payload);
  }

  gc(): void {
    // Busy time of whoever runs. Our agents send none, but totals in `stats`: docs/decisions/0037-gc-in-windows.md.
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
    this.#connections.opened(number, flags, over, request, call, payload);
  }

  connectionPhase(number: number, phase: number, payload: unknown): void {
    this.#connections.phase(number, phase, payload);
  }

  write(number: number, size: number, bytes: Uint8Array, contexts: WriteContexts): void {
    this.#connections.write(number, size, bytes, contexts);
  }

  read(number: number, size: number, head: Uint8Array, tail: Uint8Array): void {
    this.#connections.read(number, size, head, tail);
  }

  close(number: number): void {
    this.#connections.closed(number);
  }

  // ---- records about requests and calls ----

  requestStart(number: number, connectionNumber: number, texts: RequestTexts): void {
    const state = this.#state;
    const parent = parentLink(texts.traceparent, texts.b3);
    const live = new LiveRequest(this.id, this.info.service, parent?.traceId ?? this.#shared.newTraceId());
    const { request } = live;
    request.id = this.#shared.nextId('request');
    request.number = number;
    request.method = texts.method.slice(0, 20);
    request.target = texts.target;
    request.host = texts.host;
    request.parent = parent;
    request.start = state.now;
    live.threads.push(state.loop.thread);
    state.running.set(number, live);
    state.values.began(live);
    this.#shared.counters.add('requests.started');
    state.loop.wake(number);
    const connection = this.#connections.get(connectionNumber);
    const nth = texts.stream > 0 ? nthOfStream(texts.stream) : connection && ++connection.requestCount;
    // Whoever sent a message does not wait for what becomes of it: they share a trace, and no time.
    if (isConsumed(request.method)) return;
    this.#shared.joins.requestStarted(connection?.tuple() ?? '', nth ?? 0, live);
  }

  requestTrace(number: number, traceparent: string): void {
    const link = parentLink(traceparent, '');
    if (link !== undefined) this.#state.requestOf(number)?.tellsTrace(link.traceId);
  }

  requestEnd(
    number: number,
    status: number,
    firstWrite: Nanos,
    route: string,
    isAborted: boolean,
    isOpenEnd: boolean,
  ): void {
    const state = this.#state;
    const live = state.running.get(number);
    if (live === undefined) return this.#shared.counters.add('requests.startUnseen');
    const { request } = live;
    request.end = state.now;
    request.status = status;
    request.firstWrite = firstWrite;
    request.isAborted = isAborted;
    live.isOpenEnd = isOpenEnd;
    request.route = isWhole(route) ? readableRoute(route) : this.#learntRoute(live) + route;
    this.requestCount++;
    state.loop.acted(number);
    state.running.delete(number);
    state.ended.set(number, live);
    this.#shared.finishing.finished(live, this.#shared.tick);
    this.#shared.counters.add('requests.finished');
  }

  #learntRoute({ service, request: { method, target, status } }: LiveRequest): string {
    const { routes } = this.#shared;
    if (isConsumed(method)) return queueRoute(routes, service, method, target);
    if (status === NOT_FOUND) return routes.missed(service, method, pathOf(target));
    return routes.route(service, method, pathOf(target));
  }

  call(call: number, request: number, callSite: number): void {
    this.#state.calls.called(call, known(request), callSite, this.#state.now);
    this.#state.acted(known(request));
  }

  grant(call: number): void {
    this.#state.loop.wake(this.#state.calls.granted(call, this.#state.now));
  }

  callSite(id: number, stack: string): void {
    this.#state.calls.callSite(id, stack, this.info.cwd);
  }

  driverOperation(facts: DriverFacts): void {
    this.#operations.ofDriver(facts);
  }

  // ---- the end ----

  /** The process is gone, or the recording ends: what is open ends here. */
  end(): void {
    this.code.end();
    this.streams.end();
    this.#connections.end();
    const { running } = this.#state;
    this.#shared.counters.add('requests.unfinished', running.size + running.evicted);
    running.clear();
  }

  /** Requests that have not ended, as they are now. */
  underWay(): RunningRequest[] {
    const open = new Map<number, Operation[]>();
    for (const operation of this.#connections.underWay()) {
      const ofRequest = open.get(operation.request);
      if (ofRequest === undefined) open.set(operation.request, [operation]);
      else ofRequest.push(operation);
    }
    return Array.from(this.#state.running.values(), (live) =>
      runningRequest(live, open.get(live.request.number) ?? [], this.#state.wallOffsetUs),
    );
  }

  /** One of its finished requests, whose callees are assembled, becomes rows. */
  assemble(live: LiveRequest): void {
    const { row, operations } = assemble(live, this.#state.place, this.#state.callSites);
    this.#shared.keepRequest(row);
    for (let index = 0; index < operations.length; index++) {
      const operation = operations[index];
      if (operation === undefined) continue;
      const isNew = (live.operations[index]?.connectStart ?? -1) >= 0;
      this.#shared.keepOperation(operation, row.method, row.route, isNew);
    }
  }
}

/** Without its beginning it is what stands behind a learnt one: ` query GetUser`. */
function isWhole(route: string): boolean {
  return route !== '' && !route.startsWith(' ');
}

function pathOf(target: string): string {
  const end = target.search(/[?#]/);
  return end < 0 ? target : target.slice(0, end);
}
