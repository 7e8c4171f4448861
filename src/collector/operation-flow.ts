// A finished operation of one process finds its request, its dependency and its waits. In: operations of decoders and drivers.
// Out: operations in the list of their request, or alone as rows when no request waited for them.

import { endOfPoolWait, phasesOf } from '../analysis/time/phases.ts';
import { isPrivateHost } from '../base/private-host.ts';
import type { Connection } from '../connection/connection.ts';
import { Operation } from '../model/operation.ts';
import type { ParentLink } from '../model/request.ts';
import type { DriverFacts } from '../record/record-handler.ts';
import { learnCalledPath } from '../trace/called-path.ts';
import { categoryOf, dependencyName } from '../trace/dependency.ts';
import { OPERATIONS_PER_REQUEST, type LiveRequest } from '../trace/live-request.ts';
import { parentLink } from '../trace/trace-id.ts';
import { UsualWait } from '../trace/usual-wait.ts';
import { operationRow } from './assemble.ts';
import { DriverOperations } from './driver-operation.ts';
import { known, type ProcessState } from './process-state.ts';
import type { Shared } from './shared.ts';

/** The loop was busy for less than this before an answer: scheduling, not waiting. */
const SHORTEST_LAG_NS = 50_000;

export class OperationFlow {
  /** Operations that passed here. */
  count = 0;
  readonly #state: ProcessState;
  readonly #shared: Shared;
  readonly #usual = new UsualWait();
  readonly #drivers = new DriverOperations();

  constructor(state: ProcessState, shared: Shared) {
    this.#state = state;
    this.#shared = shared;
  }

  /** Of a decoder. `peer` is what the protocol calls the other side, '' when it says nothing. */
  finished(operation: Operation, connection: Connection, peer: string): void {
    operation.id = this.#shared.nextId('operation');
    operation.connection = connection.id;
    claimSetUp(operation, connection);
    nameDependency(operation, connection, peer);
    learnCalledPath(this.#shared.calledPaths, operation);
    this.#state.calls.complete(operation);
    operation.repeatAgeUs = this.#shared.repeats.ageUs(operation);
    this.#state.values.asking(operation, connection.number);
    this.#findBusyInPool(operation);
    this.#findLag(operation);
    this.#state.loop.wake(operation.request);
    this.#deliver(operation, connection);
  }

  /** Of a driver that bypasses sockets: finished when it is told. */
  ofDriver(facts: DriverFacts): void {
    const operation = this.#drivers.operation(facts, () => this.#shared.nextId('connection'));
    operation.id = this.#shared.nextId('operation');
    operation.request = known(facts.request);
    if (facts.request !== 0) operation.attribution = operation.request > 0 ? 'request' : 'hidden';
    learnCalledPath(this.#shared.calledPaths, operation);
    this.#state.calls.complete(operation);
    this.#state.acted(operation.request);
    operation.repeatAgeUs = this.#shared.repeats.ageUs(operation);
    this.#findBusyInPool(operation);
    this.#state.loop.wake(operation.request);
    this.#deliver(operation, undefined);
  }

  connectFailed(connection: Connection, code: string): void {
    this.#shared.counters.add('connections.failed');
    const operation = new Operation();
    operation.role = 'setup';
    operation.statement = 'connect';
    operation.sent = connection.connectedAt >= 0 ? connection.connectedAt : connection.openedAt;
    operation.written = operation.sent;
    operation.end = this.#state.now;
    operation.outcome = 'error';
    operation.errorType = code;
    this.finished(operation, connection, '');
  }

  /** A call that has to wait lets the loop do something else; while its own request runs, the driver is at work. */
  #findBusyInPool(operation: Operation): void {
    const end = endOfPoolWait(operation);
    if (operation.called < 0 || end <= operation.called || operation.request === 0) return;
    const threads = this.#state.requestOf(operation.request)?.threads ?? [];
    operation.busyInPoolNs = this.#state.loop.split(operation.called, end, operation.request, threads).own;
  }

  /** What exceeds the usual wait, and fell into a time when the loop was busy, was our own loop. */
  #findLag(operation: Operation): void {
    if (operation.firstByte < 0 || operation.role !== 'work') return;
    const lag = this.#state.loop.lag(operation.firstByte, operation.written);
    const wait = Math.max(0, operation.firstByte - operation.written);
    const key = `${operation.dependency}\n${operation.statement}`;
    if (lag < SHORTEST_LAG_NS) return this.#usual.observe(key, wait);
    const usual = this.#usual.usualNs(key);
    if (usual !== undefined) operation.deliveryLagNs = Math.min(lag, Math.max(0, wait - usual));
  }

  #deliver(operation: Operation, connection: Connection | undefined): void {
    this.count++;
    const live = operation.attribution === 'request' ? this.#state.requestOf(operation.request) : undefined;
    if (operation.attribution === 'request' && live === undefined) operation.attribution = 'hidden';
    const { counters, joins } = this.#shared;
    counters.add('operations.seen');
    counters.add(`operations.${operation.attribution}`);
    if (connection !== undefined && (operation.protocol === 'http' || operation.protocol === 'grpc'))
      joins.operationEnded(connection.tuple(), operation, live, toldBy(operation, live));
    if (live === undefined || live.categories !== undefined) return this.#keepAlone(operation, live);
    live.goesOnUntil(operation.end, this.#shared.tick);
    if (live.operations.length < OPERATIONS_PER_REQUEST) live.operations.push(operation);
    else {
      counters.add('operations.beyondLimit');
      this.#keepAlone(operation, live);
    }
  }

  /** Of a request that is not kept. */
  release(live: LiveRequest): void {
    for (const operation of live.operations) this.#keepAlone(operation, undefined);
  }

  /** No request waited for it: it was caused by none, or it ended after its request had been assembled. */
  #keepAlone(operation: Operation, live: LiveRequest | undefined): void {
    if (live !== undefined) this.#shared.counters.add('operations.late');
    this.#state.callSites.completeOne(operation);
    const row = operationRow(operation, phasesOf(operation), 0, this.#state.place, live?.request.id ?? 0);
    const isNew = operation.connectStart >= 0;
    this.#shared.keepOperation(row, live?.request.method ?? '', live?.request.route ?? '', isNew);
  }
}

/** What its callee knows of it. A header that its own request came with names somebody else. */
function toldBy({ traceparent, b3 }: Operation, live: LiveRequest | undefined): ParentLink | undefined {
  if (traceparent === '' && b3 === '') return undefined;
  const link = parentLink(traceparent, b3);
  if (link === undefined) return undefined;
  live?.tellsTrace(link.traceId);
  return link.spanId === live?.request.parent?.spanId ? undefined : link;
}

/** The first operation pays for the set-up: the login always, other work only when it asked for the connection itself. */
export function claimSetUp(operation: Operation, connection: Connection): void {
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

/** What it talks to, and the kind of time that is. */
export function nameDependency(operation: Operation, connection: Connection, peer: string): void {
  const { protocol } = operation;
  const asked = peer !== '' ? peer : connection.host || connection.remoteAddress;
  const isPrivate = isPrivateHost(peer === '' && connection.host !== '' ? asked : withoutPort(asked));
  const host = connection.isUnix ? connection.host : hostOf(connection);
  operation.dependency = dependencyName(protocol, peer, host);
  operation.category = operation.role === 'setup' ? 'conn' : categoryOf(protocol, isPrivate);
}

function withoutPort(address: string): string {
  return address.replace(/:\d+$/, '');
}

function hostOf(connection: Connection): string {
  if (connection.host === '') return connection.remoteAddress;
  return connection.port > 0 ? `${connection.host}:${connection.port}` : connection.host;
}
