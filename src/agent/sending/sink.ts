// The way out of the process. In: full batches. Out: the same bytes on the collector's Unix socket.
// It never waits for the collector, never keeps the process alive, and never grows: what cannot be sent is dropped and counted.
// Sends with a plain non-blocking write(2) on the socket's descriptor: a write that libuv has queued would keep a process alive
// when the collector is frozen, and could not be finished while the process exits.

import { channel } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { Batch, RECORD_LIMIT_BYTES } from '../../record/batch.ts';
import { Kind } from '../../record/layout.ts';
import { RecordWriter } from '../../record/writer.ts';
import { BatchQueue } from './batches.ts';
import { idleNs, now } from '../clock.ts';
import { ignoreSocket } from '../connections/connection-state.ts';
import { fail } from '../guard.ts';
import { Collections } from '../cost/collections.ts';
import { frugalityFor, type Frugality } from '../cost/frugality.ts';
import { noteSending } from '../cost/own-cost.ts';
import { beginEpoch } from '../recorder.ts';
import { hello, stats } from './reports.ts';

/** What a killed process loses at most, and how old the live view is. */
const FLUSH_INTERVAL_MS = 50;
const STATS_INTERVAL_NS = 1e9;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5000;
/** How long the end of a process may be delayed by a collector that does not read. */
const EXIT_LIMIT_NS = 100e6;

// Taken before the application can replace them (fake timers, mocked file systems). Imports of all that is in a module would be copied name by name.
const { writeSync } = process.getBuiltinModule('node:fs');
const { setTimeout } = process.getBuiltinModule('node:timers');
const { nextTick } = process;

interface SocketWithDescriptor extends Socket {
  readonly _handle?: { readonly fd?: number } | null;
}

export class Sink {
  readonly #path: string;
  readonly #open: Socket['connect'];
  readonly #processKey = Math.floor(Math.random() * Number.MAX_SAFE_INTEGER);
  readonly #queue: BatchQueue;
  readonly writer: RecordWriter;
  readonly #frugality: Frugality;
  readonly #collections: Collections;
  #socket: SocketWithDescriptor | undefined;
  #isConnected = false;
  #greeting: Batch | undefined;
  /** Bytes of the batch at hand that are on their way already; -1 before it got its header. */
  #sent = -1;
  #sequence = 0;
  #retryMs = FIRST_RETRY_MS;
  #statsAt = 0;
  #isTimerSet = false;
  #isStopped = false;
  #isAnnounced = false;
  #hasGreeted = false;
  readonly #timer: NodeJS.Timeout;

  constructor(path: string, limitBytes: number) {
    this.#path = path;
    this.#open = process.getBuiltinModule('node:net').Socket.prototype.connect;
    this.#timer = setTimeout(() => this.#onTimer(), FLUSH_INTERVAL_MS).unref();
    this.#queue = new BatchQueue(
      limitBytes,
      () => this.#onRecord(),
      () => this.#sendFull(),
    );
    this.writer = new RecordWriter(this.#queue);
    this.#frugality = frugalityFor(process.env['WIRETIME_BUDGET'], this.writer);
    this.#statsAt = now();
    this.#collections = new Collections(this.#statsAt);
  }

  connect(): void {
    if (this.#socket === undefined) this.#safely(() => this.#connect());
  }

  /** Applications stub what they find (sockets that must not connect, in tests): `#open` is what was there first. */
  #connect(): void {
    const { Socket } = process.getBuiltinModule('node:net');
    const socket: SocketWithDescriptor = new Socket();
    ignoreSocket(socket);
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('connect', () => this.#safely(() => this.#onConnect()));
    socket.on('close', () => this.#safely(() => this.#onClose()));
    unpublished('net.client.socket', () => Reflect.apply(this.#open, socket, [{ path: this.#path }]));
    socket.unref();
  }

  /** Nothing that goes wrong here may reach the application, whose event loop calls. */
  #safely(work: () => void): void {
    try {
      work();
    } catch (error) {
      fail(error);
    }
  }

  /** Everything that was recorded, as far as it can be sent without waiting. */
  flush(): void {
    if (this.#isConnected) this.#send();
  }

  /** In the middle of a record of the application's: batches that wait go out, the one at hand is left alone. */
  #sendFull(): void {
    if (this.#isConnected) this.#send(true);
  }

  /** Nothing more will be recorded; what is left goes out in its own time. `payload`: the goodbye. */
  stop(payload: object): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    // Room for the goodbye.
    this.flush();
    this.#writeStats(now());
    this.writer.json(Kind.goodbye, now(), idleNs(), payload);
    this.flush();
  }

  /** The process ends: sends synchronously what is left, for a bounded time. */
  finish(payload: object): void {
    if (this.#isAnnounced) this.#safely(() => this.#finish(payload));
  }

  #finish(payload: object): void {
    this.stop(payload);
    this.connect();
    if (!this.#isConnected) this.#greet();
    const limit = now() + EXIT_LIMIT_NS;
    while (!this.#send() && this.#descriptor() >= 0 && now() < limit) pause(1);
  }

  /** The first record of a batch. Before the very first one there is nothing to say: tools only have pipes to their children. */
  #onRecord(): void {
    this.#setTimer();
    this.announce();
  }

  /** Says hello soon. */
  announce(): void {
    if (this.#isAnnounced) return;
    this.#isAnnounced = true;
    nextTick(() => this.connect());
  }

  #setTimer(): void {
    if (this.#isTimerSet) return;
    this.#isTimerSet = true;
    this.#timer.refresh();
  }

  #onTimer(): void {
    this.#isTimerSet = false;
    this.#safely(() => {
      const isHoldingBack = this.#frugality.tick(now());
      const isLooking = this.#collections.tick(now());
      this.#report();
      this.flush();
      if (isHoldingBack || isLooking || this.#queue.first !== undefined) this.#setTimer();
    });
  }

  #report(): void {
    const time = now();
    if (time - this.#statsAt < STATS_INTERVAL_NS || this.#queue.first !== undefined) return;
    this.#writeStats(time);
  }

  #writeStats(time: number): void {
    this.#statsAt = time;
    const payload = stats(this.writer, this.#frugality.step, this.#collections);
    if (payload !== undefined) this.writer.json(Kind.stats, time, idleNs(), payload);
  }

  #onConnect(): void {
    this.#isConnected = true;
    this.#retryMs = FIRST_RETRY_MS;
    this.#greet();
    // What comes from now on goes to this collector; it may be another one.
    if (this.#hasGreeted) beginEpoch();
    this.#hasGreeted = true;
    this.flush();
  }

  /** Every stream begins with a hello, so that a collector that was restarted knows us, too. */
  #greet(): void {
    const batch = new Batch(RECORD_LIMIT_BYTES);
    new RecordWriter({ next: () => batch, started: () => undefined }).json(
      Kind.hello,
      now(),
      idleNs(),
      hello(),
    );
    this.#greeting = batch;
    this.#sent = -1;
  }

  #onClose(): void {
    this.#isConnected = false;
    this.#socket = undefined;
    this.#greeting = undefined;
    this.#sent = -1;
    setTimeout(() => this.connect(), this.#retryMs).unref();
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }

  /** True when nothing is left. */
  #send(isFullOnly = false): boolean {
    const start = now();
    const isDone = this.#sendBatches(isFullOnly);
    noteSending(now() - start);
    return isDone;
  }

  #sendBatches(isFullOnly: boolean): boolean {
    for (;;) {
      const batch = this.#nextBatch(isFullOnly);
      if (batch === undefined) return true;
      if (this.#sent < 0) this.#seal(batch);
      if (!this.#sendBatch(batch)) return false;
      this.#sent = -1;
      if (batch === this.#greeting) this.#greeting = undefined;
      else this.#queue.removeFirst();
    }
  }

  /** Half-filled batches are taken only when nothing else waits: a slow collector gets few large ones. */
  #nextBatch(isFullOnly: boolean): Batch | undefined {
    if (this.#greeting !== undefined) return this.#greeting;
    if (this.#queue.first === undefined && !isFullOnly) {
      const batch = this.writer.take();
      if (batch !== undefined) this.#queue.add(batch);
    }
    return this.#queue.first;
  }

  #seal(batch: Batch): void {
    const { droppedRecords, droppedBytes } = batch;
    batch.seal(this.#processKey, this.#sequence++, now(), droppedRecords, droppedBytes);
    this.#sent = 0;
  }

  #sendBatch(batch: Batch): boolean {
    const descriptor = this.#descriptor();
    if (descriptor < 0) return false;
    try {
      while (this.#sent < batch.length)
        this.#sent += writeSync(descriptor, batch.bytes, this.#sent, batch.length - this.#sent);
      return true;
    } catch (error) {
      if (!isFull(error)) this.#socket?.destroy();
      return false;
    }
  }

  #descriptor(): number {
    return this.#socket?._handle?.fd ?? -1;
  }
}

/** Subscribers to Node's channel are the application's, or those of other agents: they do not hear of ours (Node 22 on). */
function unpublished(name: string, work: () => void): void {
  const muted = channel(name);
  try {
    Object.defineProperty(muted, 'hasSubscribers', { value: false, configurable: true });
    work();
  } finally {
    Reflect.deleteProperty(muted, 'hasSubscribers');
  }
}

/** The collector does not read fast enough: try again later. */
function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EINTR');
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
