// One batch under construction: a fixed piece of memory, seen as bytes, integers and floats. Reused for ever.
// In: records of the writer. Out: bytes for the transport. Format: FORMAT.md.

import { BATCH_HEADER_BYTES, BATCH_MAGIC, FORMAT_VERSION } from './layout.ts';

/** A batch is sent when it reaches this size: one send of 64 KiB is 10-20 µs, less than the smallest pause anyone would notice. */
export const BATCH_FULL_BYTES = 64 * 1024;
/** Room for the record that crosses the limit. The largest is a write: 16 KiB of bytes, 12 KiB of contexts, 40 bytes. */
export const RECORD_LIMIT_BYTES = 32 * 1024;
/** Memory of one batch. */
export const BATCH_BYTES = BATCH_FULL_BYTES + RECORD_LIMIT_BYTES;

export class Batch {
  readonly bytes: Buffer;
  readonly u32: Uint32Array;
  readonly f64: Float64Array;
  /** Bytes used; the next record begins here, at a multiple of 8. */
  length = BATCH_HEADER_BYTES;
  /** What was dropped between the batch before and this one: told with its place, a loss is known where it was. */
  droppedRecords = 0;
  droppedBytes = 0;

  constructor(size: number = BATCH_BYTES) {
    const memory = new ArrayBuffer(size);
    this.bytes = Buffer.from(memory);
    this.u32 = new Uint32Array(memory);
    this.f64 = new Float64Array(memory);
  }

  get isEmpty(): boolean {
    return this.length === BATCH_HEADER_BYTES;
  }

  clear(): void {
    this.length = BATCH_HEADER_BYTES;
    this.droppedRecords = 0;
    this.droppedBytes = 0;
  }

  /** Writes the header. `time` in ns; the drops are those since the previous batch. */
  seal(
    processKey: number,
    sequence: number,
    time: number,
    droppedRecords: number,
    droppedBytes: number,
  ): void {
    this.u32[0] = BATCH_MAGIC;
    this.u32[1] = FORMAT_VERSION | (BATCH_HEADER_BYTES << 16);
    this.u32[2] = this.length;
    this.u32[3] = sequence;
    this.f64[2] = processKey;
    this.f64[3] = time;
    this.u32[8] = droppedRecords;
    this.u32[9] = droppedBytes;
    this.f64[5] = 0;
  }
}
