// One record after the other, into the batch at hand. In: kinds, times, numbers, texts, bytes. Out: bytes in a batch; no allocation per record.
// When there is no batch to write to, records are dropped and counted. Not here: what the fields of a kind are (writer.ts). Format: FORMAT.md.

import { BATCH_FULL_BYTES, type Batch } from './batch.ts';
import { Kind, RECORD_HEADER_BYTES } from './layout.ts';

/** Gives batches and takes full ones away. */
export interface BatchSource {
  /** An empty batch in exchange for a full one; `undefined` when the memory limit is reached. */
  next(full: Batch | undefined): Batch | undefined;
  /** A record was begun in an empty batch: somebody should fetch it soon. */
  started(): void;
}

/** Kinds that only a request, or the bytes of a connection, give rise to. */
function isOfRequests(kind: number): boolean {
  switch (kind) {
    case Kind.hello:
    case Kind.connectionOpen:
    case Kind.connectionPhase:
    case Kind.close:
    case Kind.callSite:
    case Kind.codePlace:
    case Kind.codeLooks:
    case Kind.stats:
    case Kind.goodbye:
      return false;
    default:
      return true;
  }
}

/** A record is `begin`, its fields in their order, `end`. */
export class RecordBuffer {
  readonly #source: BatchSource;
  protected batch: Batch | undefined;
  /** Start of the record being written, and where its next byte goes. */
  protected start = 0;
  protected at = 0;
  /** Totals since the start. */
  records = 0;
  bytes = 0;
  droppedRecords = 0;
  droppedBytes = 0;
  /** Of those, how many a batch has told of. */
  #toldRecords = 0;
  #toldBytes = 0;
  #isPaused = false;
  /** Something was left out: the next record begins a batch, which tells so. */
  #isTurnDue = false;

  constructor(source: BatchSource) {
    this.#source = source;
  }

  /** The batch at hand, taken away for sending; `undefined` when there is nothing in it. */
  take(): Batch | undefined {
    const batch = this.batch;
    if (batch === undefined || batch.isEmpty) return undefined;
    this.batch = undefined;
    return batch;
  }

  /** From now on what requests and connections do is left out, and counted as dropped; that connections open and close is not. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#isTurnDue = this.droppedRecords > this.#toldRecords;
  }

  protected begin(kind: number, flags: number, time: number, idle: number): boolean {
    const batch = this.#isPaused && isOfRequests(kind) ? undefined : this.#roomyBatch();
    if (batch === undefined) {
      this.droppedRecords++;
      return false;
    }
    const start = batch.length;
    this.start = start;
    this.at = start + RECORD_HEADER_BYTES;
    batch.u32[(start >> 2) + 1] = kind | (flags << 16);
    batch.f64[(start >> 3) + 1] = time;
    batch.f64[(start >> 3) + 2] = idle;
    return true;
  }

  #roomyBatch(): Batch | undefined {
    let batch = this.batch;
    if (batch === undefined || batch.length >= BATCH_FULL_BYTES || this.#isTurnDue) batch = this.#turn(batch);
    if (batch !== undefined && batch.isEmpty) this.#source.started();
    return batch;
  }

  #turn(full: Batch | undefined): Batch | undefined {
    const batch = (this.batch = full?.isEmpty === true ? full : this.#source.next(full));
    if (batch === undefined) return undefined;
    this.#isTurnDue = false;
    batch.droppedRecords = this.droppedRecords - this.#toldRecords;
    batch.droppedBytes = this.droppedBytes - this.#toldBytes;
    this.#toldRecords = this.droppedRecords;
    this.#toldBytes = this.droppedBytes;
    return batch;
  }

  /** Pads with zeros and makes the record part of the batch: until here it does not exist. */
  protected end(): void {
    const batch = this.batch;
    if (batch === undefined) return;
    while ((this.at & 7) !== 0) batch.bytes[this.at++] = 0;
    batch.u32[this.start >> 2] = this.at - this.start;
    batch.length = this.at;
    this.records++;
  }

  /** Position must be a multiple of 4: it is before the first text or byte of a record. */
  protected u32(value: number): void {
    const batch = this.batch;
    if (batch !== undefined) batch.u32[this.at >> 2] = value;
    this.at += 4;
  }

  /** Position must be a multiple of 8. */
  protected f64(value: number): void {
    const batch = this.batch;
    if (batch !== undefined) batch.f64[this.at >> 3] = value;
    this.at += 8;
  }

  protected copy(chunk: Buffer, from: number, to: number): void {
    const batch = this.batch;
    if (batch === undefined) return;
    // `set` for whole chunks: `copy` makes a view on Node 20 when it takes a part.
    if (to - from === chunk.length) batch.bytes.set(chunk, this.at);
    else chunk.copy(batch.bytes, this.at, from, to);
    this.at += to - from;
  }

  /** At any position: behind texts. */
  protected number(value: number): void {
    if (this.batch !== undefined) writeNumber(this.batch.bytes, value, this.at);
    this.at += 4;
  }

  /** The length may lie at any position: texts follow each other without padding. */
  protected text(text: string, limitBytes: number): void {
    const batch = this.batch;
    if (batch === undefined) return;
    let written = text.length <= SHORT_TEXT ? writeAscii(batch.bytes, text, this.at + 4) : -1;
    if (written < 0) written = batch.bytes.write(text, this.at + 4, limitBytes, 'utf8');
    writeNumber(batch.bytes, written, this.at);
    this.at += 4 + written;
  }
}

/** Methods, hosts and most targets and routes. For these the way to the encoder, 50 ns, is longer than the work (Node 20.20, 2026-11). */
const SHORT_TEXT = 24;

/** What `writeUInt32LE` does, without its checks: in place, where that is called. */
function writeNumber(bytes: Buffer, value: number, at: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

/** How many bytes were written; -1 when it is more than ASCII. */
function writeAscii(bytes: Buffer, text: string, at: number): number {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return -1;
    bytes[at + index] = code;
  }
  return text.length;
}
