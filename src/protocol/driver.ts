// The one loop for all protocols. In: the chunks of one connection, both ways, with holes, times and contexts.
// Out: finished operations (DecodingHost) and counts. Not here: what messages mean (<protocol>/exchange.ts), sockets, clocks.
// What the peer sends never throws: a step of the loop ends as a message, as waiting for more, or as a gap that is counted.

import { ByteReader } from '../base/bytes.ts';
import type { Nanos } from '../base/time.ts';
import type { Operation, ProtocolName } from '../model/operation.ts';
import { NEED_MORE, TO_HOLE_END } from './contract.ts';
import type { Conversation, Side } from './contract.ts';
import type { DecodeCounters, ProtocolCounters } from './counters.ts';
import { Detection } from './detection.ts';
import { Flow } from './flow.ts';
import type { WriteContexts } from './flow.ts';
import { OpenOperations } from './operations.ts';
import type { DecodingHost } from './operations.ts';
import { PROTOCOLS, protocolOf } from './registry.ts';

export { DecodeCounters } from './counters.ts';
export type { WriteContexts } from './flow.ts';
export type { DecodingHost } from './operations.ts';

/** Messages are kept between chunks up to this size: the longest text of a write is 16 KiB, and what is longer has a length to skip by. */
const CARRY_LIMIT_BYTES = 64 * 1024;
/** While lost, so many bytes are kept in case the next message begins in them and is not whole yet. */
const LOST_KEEP_BYTES = 256;

/** One connection of a traced process being decoded; the process is the client. */
export class Decoding {
  readonly #host: DecodingHost;
  readonly #counters: DecodeCounters;
  #detection: Detection | undefined = undefined;
  #loop: Loop | undefined = undefined;

  /** With `hint` the protocol is taken as known; otherwise the content decides. */
  constructor(host: DecodingHost, counters: DecodeCounters, hint?: ProtocolName) {
    this.#host = host;
    this.#counters = counters;
    if (hint === undefined) this.#detection = new Detection(PROTOCOLS);
    else this.#start(hint);
  }

  /** Undefined until it is known. */
  get protocol(): ProtocolName | undefined {
    return this.#loop?.protocol;
  }

  /**
   * A chunk of one direction: the captured `bytes` (only looked at during the call), then `missing` bytes that were not
   * captured. What follows a hole in the same chunk comes with another call. `time`: when it was sent or came, ns.
   */
  chunk(
    from: Side,
    bytes: Uint8Array,
    missing: number,
    time: Nanos,
    contexts: WriteContexts | undefined,
  ): void {
    if (bytes.length + missing === 0) return;
    if (this.#loop !== undefined) this.#loop.chunk(from, bytes, missing, time, contexts);
    else this.#detect(from, bytes, missing, time, contexts);
  }

  /** What was asked and is not answered, oldest first. */
  open(): Iterable<Operation> {
    return this.#loop?.open() ?? [];
  }

  /** The connection ended, or the recording did: what is open ends as its protocol says, or as unfinished. */
  close(time: Nanos): void {
    if (this.#loop === undefined && (this.#detection?.chunks.length ?? 0) > 0) this.#decide(true);
    this.#loop?.close(time);
  }

  #detect(
    from: Side,
    bytes: Uint8Array,
    missing: number,
    time: Nanos,
    contexts: WriteContexts | undefined,
  ): void {
    this.#detection?.keep(from, bytes, missing, time, contexts);
    this.#decide(this.#detection?.isFull ?? false);
  }

  #decide(isLast: boolean): void {
    const detection = this.#detection;
    const found = detection?.decide(isLast)?.name ?? (isLast ? 'unknown' : undefined);
    if (detection === undefined || found === undefined) return;
    this.#detection = undefined;
    const loop = this.#start(found);
    for (const kept of detection.chunks)
      loop.chunk(kept.from, kept.bytes, kept.missing, kept.time, kept.contexts);
  }

  #start(name: ProtocolName): Loop {
    const loop = new Loop(this.#host, this.#counters, name);
    this.#loop = loop;
    return loop;
  }
}

/** The loop over the messages of one connection whose protocol is known. */
class Loop {
  readonly protocol: ProtocolName;
  readonly #host: DecodingHost;
  readonly #allCounters: DecodeCounters;
  #counters: ProtocolCounters;
  #conversation: Conversation<unknown>;
  #isMultiplexed: boolean;
  #operations: OpenOperations;
  readonly #reader = new ByteReader();
  readonly #client = new Flow();
  readonly #server = new Flow();
  /** A hole hid the end of an answer, and nothing of the server has been understood since. */
  #isAnswerLost = false;

  constructor(host: DecodingHost, counters: DecodeCounters, name: ProtocolName) {
    this.protocol = name;
    this.#host = host;
    this.#allCounters = counters;
    this.#counters = counters.of(name);
    const protocol = protocolOf(name);
    this.#conversation = protocol.open();
    this.#isMultiplexed = protocol.isMultiplexed ?? false;
    this.#operations = new OpenOperations(host, name, this.#counters);
    this.#counters.connections++;
  }

  open(): Iterable<Operation> {
    return this.#operations.open();
  }

  chunk(
    from: Side,
    bytes: Uint8Array,
    missing: number,
    time: Nanos,
    contexts: WriteContexts | undefined,
  ): void {
    this.#counters.bytes += bytes.length + missing;
    if (this.#operations.isHandedOver) {
      this.#counters.unknownBytes += bytes.length + missing;
      return;
    }
    const flow = from === 'client' ? this.#client : this.#server;
    this.#forgetLost(from === 'client' ? this.#server : this.#client);
    if (this.#isMultiplexed) this.#operations.settleDoubts(time);
    flow.mark(bytes.length + missing, time, contexts);
    const start = this.#skip(flow, from, bytes.length);
    if (flow.carried === 0) this.#window(flow, from, bytes, start, bytes.length, missing);
    else this.#window(flow, from, flow.keep(bytes, start, bytes.length), 0, flow.carried, missing);
  }

  close(time: Nanos): void {
    this.#operations.atClose(time);
    this.#conversation.closed?.(this.#operations);
    this.#operations.giveUp(time);
  }

  /** Passes over the rest of a message that was accepted earlier. Returns how many of `available` bytes it had. */
  #skip(flow: Flow, from: Side, available: number): number {
    if (flow.skip === 0) return 0;
    const count = Math.min(flow.skip, available);
    flow.skip -= count;
    flow.position += count;
    this.#counters.decodedBytes += count;
    if (flow.skip === 0) this.#operations.completed(from, flow.lastTime);
    return count;
  }

  /** All bytes at hand that are not decoded yet, then a hole of `missing` bytes. What has to wait is kept. */
  #window(flow: Flow, from: Side, bytes: Uint8Array, start: number, end: number, missing: number): void {
    let at = this.#decode(flow, from, bytes, start, end, missing);
    if (missing > 0 || end - at > CARRY_LIMIT_BYTES) {
      if (at < end) at += this.#makeDo(flow, from, bytes, at, end, missing);
      this.#hole(flow, from, end - at + missing);
      flow.drop();
    } else flow.keepOnly(bytes, at, end);
  }

  /** Decodes bytes[start, end) and returns the index of the first byte that has to wait. */
  #decode(flow: Flow, from: Side, bytes: Uint8Array, start: number, end: number, missing: number): number {
    let at = start;
    while (at < end && !this.#operations.isHandedOver) {
      if (flow.isLost) {
        at += this.#findAgain(flow, from, bytes, at, end);
        if (flow.isLost || at === end) return at;
      }
      this.#reader.reset(bytes, at, end).missing = missing;
      const length = this.#conversation.next(this.#reader, from);
      if (length > 0) at += this.#message(flow, from, length, end - at);
      else if (length === NEED_MORE) return at;
      else at += this.#invalid(flow, from);
    }
    return at;
  }

  /** No more bytes will follow bytes[at, end) directly: what begins there is read as far as it goes. Returns the bytes used. */
  #makeDo(flow: Flow, from: Side, bytes: Uint8Array, at: number, end: number, missing: number): number {
    if (flow.isLost || this.#operations.isHandedOver) return 0;
    this.#reader.reset(bytes, at, end).isCut = true;
    this.#reader.missing = missing;
    const length = this.#conversation.next(this.#reader, from);
    if (length > 0) return this.#message(flow, from, length, end - at);
    if (length === TO_HOLE_END) return this.#message(flow, from, end - at + missing, end - at);
    return 0;
  }

  #message(flow: Flow, from: Side, length: number, available: number): number {
    if (from === 'client' && this.#isAnswerLost) this.#answerWasLost();
    this.#counters.messages++;
    this.#operations.at(flow, from, length, length <= available);
    this.#conversation.accept(from, this.#operations);
    this.#operations.accepted();
    const count = Math.min(length, available);
    flow.position += count;
    flow.skip = length - count;
    this.#counters.decodedBytes += count;
    if (this.#operations.isHandedOver) this.#succeed(flow.lastTime);
    return count;
  }

  /** The conversation has handed over to another protocol: it goes on with the next byte, when somebody decodes it. */
  #succeed(time: Nanos): void {
    const { successor } = this.#operations;
    const protocol = protocolOf(successor);
    if (protocol.name !== successor || successor === 'unknown') return;
    this.#operations.giveUp(time);
    const ahead = this.#client.ahead + this.#server.ahead;
    this.#counters.bytes -= ahead;
    this.#counters = this.#allCounters.of(successor);
    this.#counters.bytes += ahead;
    this.#counters.connections++;
    this.#conversation = protocol.open();
    this.#isMultiplexed = protocol.isMultiplexed ?? false;
    this.#operations = new OpenOperations(this.#host, successor, this.#counters);
  }

  #invalid(flow: Flow, from: Side): number {
    this.#counters.invalid++;
    this.#operations.giveUp(flow.lastTime);
    this.#conversation.lost(from);
    flow.isLost = true;
    return this.#pass(flow, 1);
  }

  /** Looks for the next message in bytes[at, end). Returns how many bytes it passed over. */
  #findAgain(flow: Flow, from: Side, bytes: Uint8Array, at: number, end: number): number {
    const found = this.#conversation.resync(this.#reader.reset(bytes, at, end), from);
    if (found < 0 || found > end - at)
      return this.#passUnread(flow, from, Math.max(0, end - at - LOST_KEEP_BYTES));
    this.#passUnread(flow, from, found);
    flow.isLost = false;
    this.#counters.resyncs++;
    if (from === 'server' && found === end - at && !this.#isMultiplexed) this.#answerWasLost();
    if (from === 'server') this.#isAnswerLost = false;
    return found;
  }

  /** Bytes behind a hole that are not understood belong to the answer that goes on there. */
  #passUnread(flow: Flow, from: Side, count: number): number {
    if (from === 'server' && this.#isAnswerLost && count > 0)
      this.#operations.lost(from, count, flow.lastTime);
    return this.#pass(flow, count);
  }

  #hole(flow: Flow, from: Side, missing: number): void {
    if (this.#operations.isHandedOver) this.#counters.unknownBytes += missing;
    else {
      const hidden = missing - this.#skip(flow, from, missing);
      if (hidden > 0) this.#gap(flow, from, hidden);
    }
  }

  /** `size` bytes are lost, and where the next message begins. An answer that was coming in is continued behind the hole. */
  #gap(flow: Flow, from: Side, size: number): void {
    this.#counters.gaps++;
    flow.isLost = true;
    this.#pass(flow, size);
    const isAnswer = from === 'server' && !this.#isMultiplexed;
    if (isAnswer) {
      this.#isAnswerLost = true;
      this.#operations.endInHole(1, flow.lastTime);
    }
    if (from === 'client' || isAnswer) this.#operations.lost(from, size, flow.lastTime);
    else this.#operations.doubt(flow.lastTime);
    this.#conversation.lost(from);
  }

  /** The client speaks again, or the answer is over, and its end was not seen: it was in the hole. */
  #answerWasLost(): void {
    this.#isAnswerLost = false;
    this.#operations.endInHole(0, this.#server.lastTime);
    this.#conversation.lost('server');
  }

  /** What was not understood before the other side spoke is not asked or answered now. */
  #forgetLost(flow: Flow): void {
    if (!flow.isLost || flow.carried === 0) return;
    this.#pass(flow, flow.carried);
    flow.drop();
  }

  #pass(flow: Flow, count: number): number {
    flow.position += count;
    this.#counters.skippedBytes += count;
    return count;
  }
}
