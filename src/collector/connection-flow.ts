// Records about one process's connections become bytes in order, and those operations. In: records. Out: operations, and what joins know.

import { BoundedMap } from '../base/bounded.ts';
import { addressesOf, askedFor, Connection, textOf, type ChunkSink } from '../connection/connection.ts';
import type { Operation, ProtocolName } from '../model/operation.ts';
import { AfterLoss, isToldByOrder } from '../protocol/after-loss.ts';
import { DatagramDecoding } from '../protocol/datagrams.ts';
import { Decoding } from '../protocol/driver.ts';
import { OpenFlag, Phase } from '../record/layout.ts';
import type { WriteContexts } from '../record/write-contexts.ts';
import { nameDependency, type OperationFlow } from './operation-flow.ts';
import { known, type ProcessState } from './process-state.ts';
import type { Shared } from './shared.ts';

/** Connections open at once in one process. Beyond it the oldest are forgotten and counted. */
const CONNECTION_LIMIT = 20_000;

export class ConnectionFlow {
  readonly #state: ProcessState;
  readonly #shared: Shared;
  readonly #operations: OperationFlow;
  readonly #forget: (request: number) => void;
  readonly #connections = new BoundedMap<number, Connection>(CONNECTION_LIMIT);

  /** `forget`: this request does what is not seen. */
  constructor(
    state: ProcessState,
    shared: Shared,
    operations: OperationFlow,
    forget: (request: number) => void,
  ) {
    this.#state = state;
    this.#shared = shared;
    this.#operations = operations;
    this.#forget = forget;
  }

  get(number: number): Connection | undefined {
    return this.#connections.get(number);
  }

  /** One that was open before is told again on each new stream of its process: perhaps it is known. */
  opened(number: number, flags: number, over: number, request: number, call: number, payload: unknown): void {
    const wasOpen = (flags & OpenFlag.alreadyOpen) !== 0;
    if (wasOpen && this.#connections.get(number) !== undefined) return;
    const id = this.#shared.nextId('connection');
    const asked = askedFor(payload);
    const connection = new Connection(number, id, flags, known(request), call, this.#state.now, asked);
    const carrier = this.#connections.get(over);
    if (carrier !== undefined) connection.continues(carrier);
    this.#connections.set(number, connection);
    this.#shared.counters.add(wasOpen ? 'connections.joined' : 'connections.opened');
    if (!connection.isAccepted) this.#decode(connection);
  }

  phase(number: number, phase: number, payload: unknown): void {
    const connection = this.#connections.get(number);
    if (connection === undefined) return;
    if (phase === Phase.failed) return this.#operations.connectFailed(connection, textOf(payload, 'code'));
    connection.phase(phase, this.#state.now, addressesOf(payload));
    if (phase === Phase.connected && !connection.isAccepted)
      this.#shared.joins.clientConnected(connection.tuple());
  }

  write(number: number, size: number, bytes: Uint8Array, contexts: WriteContexts): void {
    const connection = this.#connections.get(number);
    if (connection === undefined) return this.#unseen(contexts);
    if (connection.sink instanceof AfterLoss && connection.sink.passesOver(this.#state.now))
      this.#unseen(contexts);
    const request = contexts.count > 0 ? known(contexts.request(0)) : 0;
    connection.lastRequest = request;
    this.#state.acted(request);
    if (contexts.count === 1) this.#state.values.asked(this.#state.requestOf(request), number, bytes);
    connection.written(size, bytes, this.#state.now, contexts);
  }

  /** What it asks is not known: of a connection that nobody has told of, or after a loss. */
  #unseen(contexts: WriteContexts): void {
    for (let index = 0; index < contexts.count; index++) this.#forget(known(contexts.request(index)));
  }

  read(number: number, size: number, head: Uint8Array, tail: Uint8Array): void {
    const connection = this.#connections.get(number);
    if (connection === undefined) return;
    this.#state.loop.wake(connection.lastRequest);
    const live = this.#state.requestOf(connection.lastRequest);
    this.#state.values.answered(live, number, head);
    this.#state.values.answered(live, number, tail);
    connection.received(size, head, tail, this.#state.now);
  }

  closed(number: number): void {
    const connection = this.#connections.get(number);
    if (connection === undefined) return;
    this.#connections.delete(number);
    this.#close(connection);
    if (connection.isAccepted || connection.isUdp) return;
    const atUs = this.#state.wallOffsetUs + Math.floor(this.#state.now / 1000);
    this.#shared.keepClosing({ connection: connection.id, atUs });
  }

  /**
   * Nobody knows which bytes: every conversation starts anew, and what was open ends as unfinished. Its protocol is still the same, and what comes
   * in first is perhaps the rest of an answer, by which nobody would recognize it.
   */
  bytesWereLost(): void {
    for (const connection of this.#connections.values()) {
      connection.isCounted = false;
      const { sink } = connection;
      if (sink === undefined) continue;
      sink.close(this.#state.now);
      this.#decodeAgain(connection, sink);
    }
  }

  #decodeAgain(connection: Connection, sink: ChunkSink): void {
    const protocol = sink instanceof Decoding || sink instanceof AfterLoss ? sink.protocol : undefined;
    const decoding = this.#decode(connection, protocol);
    if (protocol === undefined || !isToldByOrder(protocol)) return;
    connection.sink = new AfterLoss(decoding, protocol, this.#shared.decodeCounters.of(protocol));
  }

  /** What was asked and is not answered. */
  *underWay(): Generator<Operation> {
    for (const connection of this.#connections.values()) {
      if (!(connection.sink instanceof Decoding)) continue;
      for (const operation of connection.sink.open()) {
        // Again at its end, when its role is known for sure.
        nameDependency(operation, connection, connection.peer);
        yield operation;
      }
    }
  }

  /** The process is gone, or the recording ends: what is open ends here. */
  end(): void {
    for (const connection of this.#connections.values()) this.#close(connection);
    this.#connections.clear();
    this.#shared.counters.add('connections.forgotten', this.#connections.evicted);
  }

  #decode(connection: Connection, spoken?: ProtocolName): ChunkSink {
    connection.peer = '';
    const host = {
      operation: (operation: Operation) => this.#operations.finished(operation, connection, connection.peer),
      peer: (name: string) => (connection.peer = name),
      handOver: () => undefined,
    };
    const { decodeCounters } = this.#shared;
    return (connection.sink = connection.isUdp
      ? new DatagramDecoding(host, decodeCounters)
      : new Decoding(host, decodeCounters, spoken));
  }

  #close(connection: Connection): void {
    connection.sink?.close(this.#state.now);
    connection.sink = undefined;
    if (!connection.isAccepted) this.#shared.joins.clientClosed(connection.tuple());
  }
}
