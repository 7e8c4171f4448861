// Batches of records as they arrive on a stream, cut anywhere. In: chunks of bytes. Out: one call of the handler per record.
// What an agent sends is foreign input: nothing here throws; a malformed batch ends the stream and is counted.
// Format: FORMAT.md. Not here: what records mean.

import { nanos } from '../base/time.ts';
import {
  BATCH_HEADER_BYTES,
  BATCH_LIMIT_BYTES,
  BATCH_MAGIC,
  CloseFlag,
  CodeLooksFlag,
  DriverFlag,
  FORMAT_VERSION,
  Kind,
  RECORD_HEADER_BYTES,
  RequestEndFlag,
  StreamEndFlag,
  StreamStartFlag,
  THREAD_SHIFT,
  UNKNOWN_ROWS,
  WriteFlag,
} from './layout.ts';
import type { RecordHandler } from './record-handler.ts';
import type { StreamEnd, StreamStart } from './stream-facts.ts';
import { WriteContexts } from './write-contexts.ts';

/** Of one look: time, place, µs. */
const LOOK_BYTES = 16;
const EMPTY = new Uint8Array(0);
const utf8 = new TextDecoder();

/** One stream of one agent. */
export class RecordReader {
  readonly #handlerOf: (processKey: number) => RecordHandler;
  #handler: RecordHandler | undefined = undefined;
  readonly #contexts = new WriteContexts();
  #kept: Uint8Array = EMPTY;
  #view: DataView = new DataView(EMPTY.buffer);
  #bytes: Uint8Array = EMPTY;
  #nextSequence = -1;
  #at = 0;
  #end = 0;
  /** A batch was malformed: the rest of the stream means nothing and is ignored. */
  isBroken = false;
  batches = 0;
  records = 0;
  /** Records of a kind, or of a length, that this version does not know. */
  skipped = 0;

  /** `handlerOf` is asked once, with the process key of the first batch: a stream belongs to one process. */
  constructor(handlerOf: (processKey: number) => RecordHandler) {
    this.#handlerOf = handlerOf;
  }

  feed(chunk: Uint8Array): void {
    let bytes = this.#join(chunk);
    while (!this.isBroken) {
      const length = this.#batchLength(bytes);
      if (length === 0) break;
      this.#batch(bytes.subarray(0, length));
      bytes = bytes.subarray(length);
    }
    this.#kept = this.isBroken || bytes.length === 0 ? EMPTY : bytes.slice();
  }

  #join(chunk: Uint8Array): Uint8Array {
    if (this.#kept.length === 0) return chunk;
    const joined = new Uint8Array(this.#kept.length + chunk.length);
    joined.set(this.#kept);
    joined.set(chunk, this.#kept.length);
    return joined;
  }

  /** Length of the whole batch at the start of `bytes`; 0 while it is not complete, or when it is malformed. */
  #batchLength(bytes: Uint8Array): number {
    if (bytes.length < BATCH_HEADER_BYTES) return 0;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const length = view.getUint32(8, true);
    const isSound =
      view.getUint32(0, true) === BATCH_MAGIC &&
      view.getUint16(4, true) === FORMAT_VERSION &&
      view.getUint16(6, true) === BATCH_HEADER_BYTES &&
      length >= BATCH_HEADER_BYTES &&
      length <= BATCH_LIMIT_BYTES;
    if (!isSound) this.isBroken = true;
    return isSound && bytes.length >= length ? length : 0;
  }

  #batch(bytes: Uint8Array): void {
    this.batches++;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const sequence = this.#view.getUint32(12, true);
    const lost = this.#nextSequence < 0 ? 0 : Math.max(0, sequence - this.#nextSequence);
    this.#nextSequence = sequence + 1;
    this.#handler ??= this.#handlerOf(this.#view.getFloat64(16, true));
    this.#handler.batch(this.#view.getUint32(32, true), this.#view.getUint32(36, true), lost);
    this.#records(this.#handler, bytes.length);
  }

  #records(handler: RecordHandler, limit: number): void {
    let start = BATCH_HEADER_BYTES;
    while (start + RECORD_HEADER_BYTES <= limit) {
      const length = this.#view.getUint32(start, true);
      if (length < RECORD_HEADER_BYTES || length % 8 !== 0 || start + length > limit) break;
      this.#at = start + RECORD_HEADER_BYTES;
      this.#end = start + length;
      this.records++;
      this.#record(handler, start);
      start += length;
    }
    if (start !== limit) this.isBroken = true;
  }

  #record(handler: RecordHandler, start: number): void {
    const kind = this.#view.getUint16(start + 4, true);
    const flags = this.#view.getUint16(start + 6, true);
    handler.moment(
      nanos(this.#view.getFloat64(start + 8, true)),
      this.#view.getFloat64(start + 16, true),
      flags >>> THREAD_SHIFT,
    );
    switch (kind) {
      case Kind.write:
        return this.#write(handler, flags);
      case Kind.read:
        return this.#read(handler);
      case Kind.requestStart:
        return this.#requestStart(handler);
      case Kind.requestEnd:
        return this.#requestEnd(handler, flags);
      case Kind.requestTrace:
        return this.#requestTrace(handler);
      case Kind.call:
        return handler.call(this.#u32(), this.#u32(), this.#u32());
      case Kind.grant:
        return handler.grant(this.#u32());
      case Kind.driverOperation:
        return this.#driverOperation(handler, flags);
      case Kind.streamStart:
        return handler.streams?.started(this.#streamStart(flags));
      case Kind.streamAnswer:
        return handler.streams?.answered(this.#u32(), this.#u32());
      case Kind.streamEnd:
        return handler.streams?.ended(this.#streamEnd(flags));
      case Kind.connectionOpen:
        return this.#connectionOpen(handler, flags);
      case Kind.connectionPhase:
        return handler.connectionPhase(this.#u32(), this.#u32(), this.#json());
      case Kind.close:
        return handler.close(this.#u32(), (flags & CloseFlag.error) !== 0);
      case Kind.callSite:
        return this.#callSite(handler);
      case Kind.codePlace:
        return this.#codePlace(handler);
      case Kind.codeLooks:
        return this.#codeLooks(handler, flags);
      case Kind.gc:
        return handler.gc(this.#f64());
      case Kind.hello:
        return handler.hello(this.#json());
      case Kind.stats:
        return handler.stats(this.#json());
      case Kind.goodbye:
        return handler.goodbye(this.#json());
      default:
        this.skipped++;
    }
  }

  #write(handler: RecordHandler, flags: number): void {
    const connection = this.#u32();
    const size = this.#u32();
    const captured = this.#u32();
    const count = this.#u32();
    if (this.#at + count * 12 + captured > this.#end || captured > size) {
      this.skipped++;
      return;
    }
    this.#contexts.reset(this.#view, this.#at, count, (flags & WriteFlag.orderedContexts) !== 0);
    this.#at += count * 12;
    handler.write(connection, size, this.#slice(captured), this.#contexts);
  }

  #read(handler: RecordHandler): void {
    const connection = this.#u32();
    const size = this.#u32();
    const head = this.#u32();
    const tail = this.#u32();
    if (this.#at + head + tail > this.#end || head + tail > size) {
      this.skipped++;
      return;
    }
    handler.read(connection, size, this.#slice(head), this.#slice(tail));
  }

  #requestStart(handler: RecordHandler): void {
    const request = this.#u32();
    const connection = this.#u32();
    const method = this.#text();
    const target = this.#text();
    const host = this.#text();
    const traceparent = this.#text();
    const b3 = this.#text();
    handler.requestStart(request, connection, { method, target, host, traceparent, b3, stream: this.#u32() });
  }

  #requestEnd(handler: RecordHandler, flags: number): void {
    const request = this.#u32();
    const status = this.#u32();
    const firstWrite = nanos(this.#f64());
    const isAborted = (flags & RequestEndFlag.aborted) !== 0;
    const isOpenEnd = (flags & RequestEndFlag.openEnd) !== 0;
    handler.requestEnd(request, status, firstWrite, this.#text(), isAborted, isOpenEnd);
  }

  #requestTrace(handler: RecordHandler): void {
    const request = this.#u32();
    this.#at += 4;
    handler.requestTrace?.(request, this.#text());
  }

  /** Behind all texts, at the very end. */
  #valueHash(flags: number): number {
    return (flags & DriverFlag.values) === 0 ? 0 : this.#view.getUint32(this.#end - 8, true);
  }

  /** Members are read in the order in which they are written here. */
  #driverOperation(handler: RecordHandler, flags: number): void {
    handler.driverOperation({
      isSetUp: (flags & DriverFlag.setUp) !== 0,
      isError: (flags & DriverFlag.failed) !== 0,
      isCut: (flags & DriverFlag.cut) !== 0,
      isFormat: (flags & DriverFlag.format) !== 0,
      start: nanos(this.#f64()),
      end: nanos(this.#f64()),
      request: this.#u32(),
      call: this.#u32(),
      connection: this.#u32(),
      rows: rowsOf(this.#u32()),
      protocol: this.#text(),
      statement: this.#text(),
      error: this.#text(),
      address: this.#text(),
      database: this.#text(),
      valueHash: this.#valueHash(flags),
    });
  }

  /** Members are read in the order in which they are written here. */
  #streamStart(flags: number): StreamStart {
    return {
      isGrpc: (flags & StreamStartFlag.grpc) !== 0,
      stream: this.#u32(),
      connection: this.#u32(),
      request: this.#u32(),
      call: this.#u32(),
      id: this.#evenU32(),
      method: this.#text(),
      target: this.#text(),
      host: this.#text(),
      traceparent: this.#text(),
      timeout: this.#text(),
    };
  }

  #streamEnd(flags: number): StreamEnd {
    const hasStatus = (flags & StreamEndFlag.grpcStatus) !== 0;
    const stream = this.#u32();
    const status = this.#u32();
    return {
      stream,
      grpcStatus: hasStatus ? status : -1,
      written: nanos(this.#f64()),
      lastByte: nanos(this.#f64()),
      bytesOut: this.#f64(),
      bytesIn: this.#f64(),
      reset: this.#evenU32(),
      error: this.#text(),
    };
  }

  #connectionOpen(handler: RecordHandler, flags: number): void {
    const connection = this.#u32();
    const over = this.#u32();
    const request = this.#u32();
    const call = this.#u32();
    handler.connectionOpen(connection, flags, over, request, call, this.#json());
  }

  #callSite(handler: RecordHandler): void {
    const callSite = this.#u32();
    this.#at += 4;
    handler.callSite(callSite, this.#text());
  }

  #codePlace({ code }: RecordHandler): void {
    const place = this.#u32();
    this.#at += 4;
    code?.place(place, this.#text(), this.#text());
  }

  #codeLooks({ code }: RecordHandler, flags: number): void {
    const count = this.#evenU32();
    if (this.#at + count * LOOK_BYTES > this.#end) {
      this.skipped++;
      return;
    }
    const isBlockedOnly = (flags & CodeLooksFlag.blockedOnly) !== 0;
    code?.looks(flags >>> THREAD_SHIFT, isBlockedOnly);
    for (let index = 0; index < count; index++) code?.look(nanos(this.#f64()), this.#u32(), this.#u32());
  }

  /** Reads beyond the record give 0, '' and undefined: a short record is nonsense, never an exception. */
  #u32(): number {
    this.#at += 4;
    return this.#at <= this.#end ? this.#view.getUint32(this.#at - 4, true) : 0;
  }

  /** A u32 and the zeros that fill it up to 8 bytes. */
  #evenU32(): number {
    const value = this.#u32();
    this.#at += 4;
    return value;
  }

  #f64(): number {
    this.#at += 8;
    return this.#at <= this.#end ? this.#view.getFloat64(this.#at - 8, true) : -1;
  }

  #slice(length: number): Uint8Array {
    const from = this.#at;
    this.#at += length;
    return this.#at <= this.#end ? this.#bytes.subarray(from, this.#at) : EMPTY;
  }

  #text(): string {
    const length = this.#u32();
    return length === 0 ? '' : utf8.decode(this.#slice(length));
  }

  #json(): unknown {
    const text = this.#text();
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  }
}

function rowsOf(rows: number): number {
  return rows === UNKNOWN_ROWS ? -1 : rows;
}
