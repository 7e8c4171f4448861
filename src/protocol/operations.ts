// The operations of one connection that have begun and not ended. In: what a conversation says about the current message, and
// where that message lies. Out: finished operations with times, sizes and cause. Not here: bytes, protocols.

import { NEVER, nanos } from '../base/time.ts';
import type { Nanos } from '../base/time.ts';
import { Operation } from '../model/operation.ts';
import type { Outcome, ProtocolName } from '../model/operation.ts';
import type { Exchange, Side } from './contract.ts';
import type { ProtocolCounters } from './counters.ts';
import type { Flow } from './flow.ts';

/** What is done with the results. */
export interface DecodingHost {
  operation(finished: Operation): void;
  /** A name of the peer was learnt: the database, the Host header. */
  peer(name: string): void;
  /** What follows on this connection belongs to another protocol; decoding has stopped. */
  handOver(to: ProtocolName): void;
}

/** More open operations on one connection than any client keeps in flight: the oldest are given up. */
export const OPEN_LIMIT = 10_000;

/** Answers that are still to come are here by then, or they were in the hole; a request is put together half a second after its end. */
const DOUBT_LIMIT_NS = 200_000_000;

const NO_REQUEST = 0;
const HIDDEN_REQUEST = 0xffffffff;

/** An operation in the list of open ones, from oldest to newest. */
class OpenOperation extends Operation {
  isOpen = true;
  older: OpenOperation | undefined = undefined;
  newer: OpenOperation | undefined = undefined;
  /** When the latest byte of its answer came. */
  lastByte: Nanos = NEVER;
  /** When bytes were lost that may have answered it. */
  doubtedSince: Nanos = NEVER;
  /** How it ended, while the last bytes of the message that ended it are still to come. */
  isEnding = false;
}

export class OpenOperations implements Exchange {
  /** Set when the conversation handed the connection over. */
  isHandedOver = false;
  /** To whom. */
  successor: ProtocolName = 'unknown';
  readonly #host: DecodingHost;
  readonly #protocol: ProtocolName;
  readonly #counters: ProtocolCounters;
  #count = 0;
  #oldest: OpenOperation | undefined = undefined;
  #newest: OpenOperation | undefined = undefined;
  #workBegun = 0;

  // The current message.
  #flow: Flow | undefined = undefined;
  #isClient = true;
  #position = 0;
  #length = 0;
  #firstTime: Nanos = NEVER;
  #lastTime: Nanos = NEVER;
  #isComplete = true;
  /** Operations whose message is not complete yet, by side. */
  readonly #incompleteClient: OpenOperation[] = [];
  readonly #incompleteServer: OpenOperation[] = [];
  /** The operation whose bytes the current message has been counted to. */
  #counted: OpenOperation | undefined = undefined;

  constructor(host: DecodingHost, protocol: ProtocolName, counters: ProtocolCounters) {
    this.#host = host;
    this.#protocol = protocol;
    this.#counters = counters;
  }

  /** Operations begun and not ended. */
  get count(): number {
    return this.#count;
  }

  /** Those, oldest first. */
  *open(): Generator<Operation> {
    for (let each = this.#oldest; each !== undefined; each = each.newer) yield each;
  }

  /** The message about to be accepted lies at `flow.position`; `isComplete`: all its bytes have come. */
  at(flow: Flow, from: Side, length: number, isComplete: boolean): void {
    this.#flow = flow;
    this.#isClient = from === 'client';
    this.#position = flow.position;
    this.#length = length;
    this.#isComplete = isComplete;
    this.#firstTime = flow.timeAt(flow.position);
    this.#lastTime = isComplete ? flow.timeAt(flow.position + length - 1) : flow.lastTime;
    this.#counted = undefined;
  }

  begin(): Operation {
    const operation = new OpenOperation();
    operation.protocol = this.#protocol;
    operation.sent = this.#firstTime;
    operation.written = this.#lastTime;
    operation.bytesOut = this.#length;
    this.#attribute(operation);
    this.#append(operation);
    this.#counted = operation;
    if (!this.#isComplete) this.#incompleteClient.push(operation);
    return operation;
  }

  extend(operation: Operation): void {
    if (!(operation instanceof OpenOperation) || !operation.isOpen || this.#counted === operation) return;
    this.#counted = operation;
    if (this.#isClient) this.#extendOut(operation);
    else this.#extendIn(operation);
  }

  end(operation: Operation, outcome: Outcome, errorType = ''): void {
    if (!(operation instanceof OpenOperation) || !operation.isOpen || operation.isEnding) return;
    if (!this.#isClient) this.extend(operation);
    operation.outcome = outcome;
    operation.errorType = errorType;
    if (this.#isComplete || this.#isClient)
      this.#finish(operation, this.#isClient ? this.#endSeen(operation) : this.#lastTime);
    else operation.isEnding = true;
  }

  discard(operation: Operation): void {
    if (!(operation instanceof OpenOperation) || !operation.isOpen) return;
    this.#remove(operation);
    this.#counters.discarded++;
  }

  handOver(to: ProtocolName): void {
    this.isHandedOver = true;
    this.successor = to;
    this.#host.handOver(to);
  }

  peer(name: string): void {
    this.#host.peer(name);
  }

  /** After the conversation has accepted a message: begun operations have their role now. */
  accepted(): void {
    const newest = this.#newest;
    if (newest !== undefined) this.#number(newest);
  }

  /** The last byte of a message that was accepted before it was complete has come. */
  completed(from: Side, time: Nanos): void {
    const waiting = from === 'client' ? this.#incompleteClient : this.#incompleteServer;
    for (const operation of waiting) if (operation.isOpen) this.#complete(operation, from, time);
    waiting.length = 0;
  }

  /** `size` bytes of the answer of the only open operation were lost. */
  lost(from: Side, size: number, time: Nanos): void {
    const operation = this.#newest;
    if (operation === undefined) return;
    operation.hasHole = true;
    if (from === 'client') operation.bytesOut += size;
    else {
      operation.bytesIn += size;
      if (operation.firstByte < 0) operation.firstByte = time;
      operation.lastByte = time;
    }
  }

  /** The answers of all but the newest `keep` open operations ended in a hole at `time`. */
  endInHole(keep: number, time: Nanos): void {
    while (this.#oldest !== undefined && this.#count > keep) this.#endOneInHole(this.#oldest, time);
  }

  /** Bytes were lost at `time` that may have answered any of the open operations. */
  doubt(time: Nanos): void {
    let operation = this.#newest;
    for (; operation !== undefined && operation.doubtedSince < 0; operation = operation.older)
      operation.doubtedSince = time;
  }

  /** What was doubted long ago and has not been answered until `now` was answered in the hole. */
  settleDoubts(now: Nanos): void {
    let operation = this.#oldest;
    while (
      operation !== undefined &&
      operation.doubtedSince >= 0 &&
      now - operation.doubtedSince >= DOUBT_LIMIT_NS
    ) {
      this.#endOneInHole(operation, operation.doubtedSince);
      operation = this.#oldest;
    }
  }

  /** Nothing more will be known about what is open: it ends at `time` as unfinished, or in the hole that may have answered it. */
  giveUp(time: Nanos): void {
    for (let operation = this.#oldest; operation !== undefined; operation = this.#oldest)
      if (operation.doubtedSince >= 0) this.#endOneInHole(operation, operation.doubtedSince);
      else this.#finishUnfinished(operation, time);
  }

  /** A close ends operations at the last byte of their answer. */
  atClose(time: Nanos): void {
    this.#isClient = true;
    this.#isComplete = true;
    this.#lastTime = time;
    this.#counted = undefined;
  }

  #attribute(operation: OpenOperation): void {
    const flow = this.#flow;
    if (flow === undefined) return;
    flow.find(this.#position);
    const request = flow.request;
    operation.attribution =
      request === HIDDEN_REQUEST ? 'hidden' : request === NO_REQUEST ? 'none' : 'request';
    operation.request = operation.attribution === 'request' ? request : 0;
    operation.call = flow.call;
  }

  #extendOut(operation: OpenOperation): void {
    operation.written = this.#lastTime;
    operation.bytesOut += this.#length;
    if (!this.#isComplete) this.#incompleteClient.push(operation);
  }

  #extendIn(operation: OpenOperation): void {
    if (operation.firstByte < 0) operation.firstByte = this.#firstTime;
    operation.lastByte = this.#lastTime;
    operation.bytesIn += this.#length;
    if (!this.#isComplete) this.#incompleteServer.push(operation);
  }

  #complete(operation: OpenOperation, from: Side, time: Nanos): void {
    if (from === 'client') operation.written = time;
    else operation.lastByte = time;
    if (from === 'server' && operation.isEnding) this.#finish(operation, time);
  }

  #endSeen(operation: OpenOperation): Nanos {
    return operation.lastByte >= 0 ? operation.lastByte : this.#lastTime;
  }

  #endOneInHole(operation: OpenOperation, time: Nanos): void {
    if (operation.firstByte < 0) operation.firstByte = time;
    operation.hasHole = true;
    operation.outcome = 'ok';
    this.#counters.endedInHole++;
    this.#finish(operation, time);
  }

  #finishUnfinished(operation: OpenOperation, time: Nanos): void {
    operation.outcome = 'unfinished';
    this.#finish(operation, time);
  }

  #finish(operation: OpenOperation, time: Nanos): void {
    // What ends it late (a doubt that was settled, damaged bytes) may name a time before its last byte came.
    operation.end = nanos(Math.max(time, operation.firstByte, operation.lastByte));
    this.#number(operation);
    this.#remove(operation);
    this.#counters.operations++;
    if (operation.outcome === 'unfinished') this.#counters.unfinished++;
    else this.#counters.answered++;
    this.#host.operation(operation);
  }

  #number(operation: OpenOperation): void {
    if (operation.nthOnConnection === 0 && operation.role === 'work')
      operation.nthOnConnection = ++this.#workBegun;
  }

  #append(operation: OpenOperation): void {
    if (this.#count >= OPEN_LIMIT && this.#oldest !== undefined)
      this.#finishUnfinished(this.#oldest, this.#firstTime);
    operation.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = operation;
    else this.#newest.newer = operation;
    this.#newest = operation;
    this.#count++;
    this.#counters.begun++;
  }

  #remove(operation: OpenOperation): void {
    operation.isOpen = false;
    if (operation.older === undefined) this.#oldest = operation.newer;
    else operation.older.newer = operation.newer;
    if (operation.newer === undefined) this.#newest = operation.older;
    else operation.newer.older = operation.older;
    operation.older = undefined;
    operation.newer = undefined;
    this.#count--;
  }
}
