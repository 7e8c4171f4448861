// Records into batches. In: facts with their time, as numbers, strings and bytes. Out: their records, field by field (record-buffer.ts).
// Not here: clocks, sending, memory. Format: FORMAT.md.

import {
  DriverFlag,
  Kind,
  READ_HEAD_BYTES,
  READ_TAIL_BYTES,
  RECORD_HEADER_BYTES,
  WRITE_CAPTURE_BYTES,
} from './layout.ts';
import { RecordBuffer } from './record-buffer.ts';

/** More contexts of one write than this are left out (the reader then knows the rest as hidden): 1000 × 12 bytes fit the record limit. */
export const CONTEXT_LIMIT = 1000;
/** Of one record: 16 KB. */
export const LOOK_LIMIT = 1000;
/** Longer texts are cut: five of them fit the record limit. */
export const TEXT_LIMIT_BYTES = 4 * 1024;
/** Longer JSON is replaced by `{}`, because a cut one means nothing. */
export const JSON_LIMIT_BYTES = 24 * 1024;

export class RecordWriter extends RecordBuffer {
  #size = 0;
  #captured = 0;
  /** How much of the write may still be captured; 0 after something was left out, so that what is captured has no hole. */
  #room = 0;

  json(kind: number, time: number, idle: number, payload: object): void {
    if (!this.begin(kind, 0, time, idle)) return;
    this.text(fittingJson(payload), JSON_LIMIT_BYTES);
    this.end();
  }

  /** False: there was no room. */
  connectionOpen(
    time: number,
    idle: number,
    flags: number,
    connection: number,
    over: number,
    request: number,
    call: number,
    payload: object,
  ): boolean {
    if (!this.begin(Kind.connectionOpen, flags, time, idle)) return false;
    this.u32(connection);
    this.u32(over);
    this.u32(request);
    this.u32(call);
    this.text(fittingJson(payload), JSON_LIMIT_BYTES);
    this.end();
    return true;
  }

  connectionPhase(time: number, idle: number, connection: number, phase: number, payload: object): void {
    if (!this.begin(Kind.connectionPhase, 0, time, idle)) return;
    this.u32(connection);
    this.u32(phase);
    this.text(fittingJson(payload), JSON_LIMIT_BYTES);
    this.end();
  }

  close(time: number, idle: number, flags: number, connection: number): void {
    if (!this.begin(Kind.close, flags, time, idle)) return;
    this.u32(connection);
    this.u32(0);
    this.end();
  }

  /**
   * Begins a write with `contexts` contexts: then as many `writeContext`, then `writeBytes` or `writeText` for each chunk, then `endWrite`.
   * False: dropped, and the rest must be left out; `bytes` is how much is lost then.
   */
  beginWrite(
    time: number,
    idle: number,
    flags: number,
    connection: number,
    contexts: number,
    bytes: number,
  ): boolean {
    if (!this.begin(Kind.write, flags, time, idle)) {
      this.droppedBytes += bytes;
      return false;
    }
    this.u32(connection);
    this.at += 8;
    this.u32(contexts);
    this.#size = 0;
    this.#captured = 0;
    this.#room = WRITE_CAPTURE_BYTES;
    return true;
  }

  writeContext(offset: number, request: number, call: number): void {
    this.u32(offset);
    this.u32(request);
    this.u32(call);
  }

  writeBytes(chunk: Buffer): void {
    const taken = chunk.length < this.#room ? chunk.length : this.#room;
    this.copy(chunk, 0, taken);
    this.#captured += taken;
    this.#room -= taken;
    this.#size += chunk.length;
  }

  /** Encodes straight into the batch. */
  writeText(text: string, encoding: BufferEncoding): void {
    const batch = this.batch;
    if (batch === undefined) return;
    const written = batch.bytes.write(text, this.at, this.#room, encoding);
    // A character is at most 3 bytes a UTF-16 unit: shorter texts cannot have been cut.
    const size = text.length * 3 > this.#room ? Buffer.byteLength(text, encoding) : written;
    this.at += written;
    this.#captured += written;
    this.#room = written < size ? 0 : this.#room - written;
    this.#size += size;
  }

  endWrite(): void {
    const batch = this.batch;
    if (batch === undefined) return;
    const body = (this.start + RECORD_HEADER_BYTES) >> 2;
    batch.u32[body + 1] = this.#size;
    batch.u32[body + 2] = this.#captured;
    this.bytes += this.#size;
    this.end();
  }

  /** `headBytes`: how much of the beginning is captured, READ_HEAD_BYTES or ANSWER_HEAD_BYTES. */
  read(
    time: number,
    idle: number,
    connection: number,
    chunk: Buffer,
    headBytes: number = READ_HEAD_BYTES,
  ): void {
    const size = chunk.length;
    if (!this.begin(Kind.read, 0, time, idle)) {
      this.droppedBytes += size;
      return;
    }
    const isWhole = size <= headBytes + READ_TAIL_BYTES;
    this.u32(connection);
    this.u32(size);
    this.u32(isWhole ? size : headBytes);
    this.u32(isWhole ? 0 : READ_TAIL_BYTES);
    this.copy(chunk, 0, isWhole ? size : headBytes);
    if (!isWhole) this.copy(chunk, size - READ_TAIL_BYTES, size);
    this.bytes += size;
    this.end();
  }

  /** `stream`: of HTTP/2, the number of the stream on its connection. */
  requestStart(
    time: number,
    idle: number,
    request: number,
    connection: number,
    method: string,
    target: string,
    host: string,
    traceparent: string,
    b3: string,
    stream = 0,
  ): void {
    if (!this.begin(Kind.requestStart, 0, time, idle)) return;
    this.u32(request);
    this.u32(connection);
    this.text(method, TEXT_LIMIT_BYTES);
    this.text(target, TEXT_LIMIT_BYTES);
    this.text(host, TEXT_LIMIT_BYTES);
    this.text(traceparent, TEXT_LIMIT_BYTES);
    this.text(b3, TEXT_LIMIT_BYTES);
    if (stream !== 0) this.number(stream);
    this.end();
  }

  /** `firstByte`: when the first byte of the response was written, ns; -1 unknown. */
  requestEnd(
    time: number,
    idle: number,
    flags: number,
    request: number,
    status: number,
    firstByte: number,
    route: string,
  ): void {
    if (!this.begin(Kind.requestEnd, flags, time, idle)) return;
    this.u32(request);
    this.u32(status);
    this.f64(firstByte);
    this.text(route, TEXT_LIMIT_BYTES);
    this.end();
  }

  call(time: number, idle: number, call: number, request: number, callSite: number): void {
    if (!this.begin(Kind.call, 0, time, idle)) return;
    this.u32(call);
    this.u32(request);
    this.u32(callSite);
    this.u32(0);
    this.end();
  }

  grant(time: number, idle: number, call: number): void {
    if (!this.begin(Kind.grant, 0, time, idle)) return;
    this.u32(call);
    this.u32(0);
    this.end();
  }

  callSite(time: number, idle: number, callSite: number, stack: string): void {
    if (!this.begin(Kind.callSite, 0, time, idle)) return;
    this.u32(callSite);
    this.u32(0);
    this.text(stack, TEXT_LIMIT_BYTES);
    this.end();
  }

  /** Where a profiler saw code run. `called`: what the innermost frame had called, '' when it ran itself. */
  codePlace(time: number, idle: number, place: number, frames: string, called: string): void {
    if (!this.begin(Kind.codePlace, 0, time, idle)) return;
    this.u32(place);
    this.u32(0);
    this.text(frames, TEXT_LIMIT_BYTES);
    this.text(called, TEXT_LIMIT_BYTES);
    this.end();
  }

  /** Begins `count` looks, LOOK_LIMIT at most: then as many `codeLook`, then `endCodeLooks`. False: dropped, and the rest must be left out. */
  beginCodeLooks(time: number, flags: number, count: number): boolean {
    // Told later than it happened: no idle time.
    if (!this.begin(Kind.codeLooks, flags, time, -1)) return false;
    this.u32(count);
    this.u32(0);
    return true;
  }

  /** `time` in ns, and for how many µs after it the look stands. */
  codeLook(time: number, place: number, us: number): void {
    this.f64(time);
    this.u32(place);
    this.u32(us);
  }

  endCodeLooks(): void {
    this.end();
  }

  streamStart(
    time: number,
    idle: number,
    flags: number,
    stream: number,
    connection: number,
    request: number,
    call: number,
    id: number,
    method: string,
    target: string,
    host: string,
    traceparent: string,
    timeout: string,
  ): void {
    if (!this.begin(Kind.streamStart, flags, time, idle)) return;
    this.u32(stream);
    this.u32(connection);
    this.u32(request);
    this.u32(call);
    this.u32(id);
    this.u32(0);
    this.text(method, TEXT_LIMIT_BYTES);
    this.text(target, TEXT_LIMIT_BYTES);
    this.text(host, TEXT_LIMIT_BYTES);
    this.text(traceparent, TEXT_LIMIT_BYTES);
    this.text(timeout, TEXT_LIMIT_BYTES);
    this.end();
  }

  streamAnswer(time: number, idle: number, stream: number, status: number): void {
    if (!this.begin(Kind.streamAnswer, 0, time, idle)) return;
    this.u32(stream);
    this.u32(status);
    this.end();
  }

  /** `written`, `lastByte`: ns, -1 when not seen. `reset`: code of the RST_STREAM frame, 0 without. */
  streamEnd(
    time: number,
    idle: number,
    flags: number,
    stream: number,
    grpcStatus: number,
    written: number,
    lastByte: number,
    bytesOut: number,
    bytesIn: number,
    reset: number,
    error: string,
  ): void {
    if (!this.begin(Kind.streamEnd, flags, time, idle)) return;
    this.u32(stream);
    this.u32(grpcStatus);
    this.f64(written);
    this.f64(lastByte);
    this.f64(bytesOut);
    this.f64(bytesIn);
    this.u32(reset);
    this.u32(0);
    this.text(error, TEXT_LIMIT_BYTES);
    this.end();
  }

  gc(time: number, idle: number, durationNs: number, kind: number): void {
    if (!this.begin(Kind.gc, 0, time, idle)) return;
    this.f64(durationNs);
    this.u32(kind);
    this.u32(0);
    this.end();
  }

  /** What a request tells of its trace in messages. */
  requestTrace(time: number, idle: number, request: number, traceparent: string): void {
    if (!this.begin(Kind.requestTrace, 0, time, idle)) return;
    this.u32(request);
    this.u32(0);
    this.text(traceparent, TEXT_LIMIT_BYTES);
    this.end();
  }

  /** Of a driver that bypasses sockets. `rows`: UNKNOWN_ROWS when it did not say. Times in ns. */
  driverOperation(
    time: number,
    idle: number,
    flags: number,
    start: number,
    end: number,
    request: number,
    call: number,
    rows: number,
    protocol: string,
    statement: string,
    error: string,
    address: string,
    database: string,
  ): void {
    // A character is at most 3 bytes a UTF-16 unit: shorter texts cannot be cut.
    const isCut = statement.length * 3 > TEXT_LIMIT_BYTES && Buffer.byteLength(statement) > TEXT_LIMIT_BYTES;
    const allFlags = isCut ? flags | DriverFlag.cut : flags;
    if (!this.begin(Kind.driverOperation, allFlags, time, idle)) return;
    this.f64(start);
    this.f64(end);
    this.u32(request);
    this.u32(call);
    this.u32(0);
    this.u32(rows);
    this.text(protocol, TEXT_LIMIT_BYTES);
    this.text(statement, TEXT_LIMIT_BYTES);
    this.text(error, TEXT_LIMIT_BYTES);
    this.text(address, TEXT_LIMIT_BYTES);
    this.text(database, TEXT_LIMIT_BYTES);
    this.end();
  }
}

function fittingJson(payload: object): string {
  const text = JSON.stringify(payload);
  return text.length * 3 <= JSON_LIMIT_BYTES || Buffer.byteLength(text) <= JSON_LIMIT_BYTES ? text : '{}';
}
