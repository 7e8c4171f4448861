// One direction of one connection between chunks. In: chunks with their times and contexts. Out: the bytes still to be
// decoded, and for every position who caused it and when. Not here: messages, operations.

import type { Nanos } from '../base/time.ts';
import { NEVER } from '../base/time.ts';

/** Who caused the bytes of a chunk; the record format has the meaning. A reused object, valid during the call. */
export interface WriteContexts {
  readonly isOrdered: boolean;
  readonly count: number;
  offset(index: number): number;
  request(index: number): number;
  call(index: number): number;
}

const HIDDEN_REQUEST = 0xffffffff;

/** Where a chunk lies in its direction, when it was sent or came, and a copy of its contexts. */
class Mark {
  start = 0;
  time: Nanos = NEVER;
  isOrdered = false;
  count = 0;
  /** Operations begun in it: the next one has the context of this index when they are ordered. */
  begun = 0;
  readonly offsets: number[] = [];
  readonly requests: number[] = [];
  readonly calls: number[] = [];

  fill(start: number, time: Nanos, contexts: WriteContexts | undefined): void {
    this.start = start;
    this.time = time;
    this.begun = 0;
    this.isOrdered = contexts?.isOrdered ?? false;
    this.count = contexts?.count ?? 0;
    if (contexts !== undefined) this.#copy(contexts);
  }

  #copy(contexts: WriteContexts): void {
    for (let index = 0; index < this.count; index++) {
      this.offsets[index] = contexts.offset(index);
      this.requests[index] = contexts.request(index);
      this.calls[index] = contexts.call(index);
    }
  }

  /** Index of the context of an operation that begins at `position`; -1 when there is none. */
  contextAt(position: number): number {
    if (this.isOrdered) return this.begun < this.count ? this.begun++ : -1;
    let index = this.count - 1;
    while (index > 0 && (this.offsets[index] ?? 0) > position - this.start) index--;
    return index;
  }
}

const CARRY_FIRST_BYTES = 512;
/** Chunks that one waiting message may be cut into with their times kept apart; later ones count as the last. */
const MARK_LIMIT = 1024;
const NO_BYTES = new Uint8Array(0);

export class Flow {
  /** Position of the first byte that is not decoded yet, counted from the start of this direction. */
  position = 0;
  /** Bytes from `position` on that belong to a message already accepted. */
  skip = 0;
  /** Where the next message begins is not known. */
  isLost = false;
  /** Time of the latest chunk. */
  lastTime: Nanos = NEVER;
  #carry: Uint8Array = NO_BYTES;
  #carried = 0;
  #marks: Mark[] = [];
  #markCount = 0;
  #total = 0;
  #found = -1;
  #foundMark: Mark | undefined = undefined;

  /** Bytes that have come and are not decoded. */
  get ahead(): number {
    return this.#total - this.position;
  }

  /** Bytes kept for later. */
  get carried(): number {
    return this.#carried;
  }

  /** Notes where the next `size` bytes come from. */
  mark(size: number, time: Nanos, contexts: WriteContexts | undefined): void {
    this.#forgetMarks();
    this.#total += size;
    this.lastTime = time;
    if (this.#markCount === MARK_LIMIT) return;
    const mark = (this.#marks[this.#markCount] ??= new Mark());
    mark.fill(this.#total - size, time, contexts);
    this.#markCount++;
  }

  /** Keeps a copy of bytes[start, end) behind what is already kept. Returns all that is kept, from index 0 to `carried`. */
  keep(bytes: Uint8Array, start: number, end: number): Uint8Array {
    this.#reserve(this.#carried + end - start);
    for (let index = start; index < end; index++) this.#carry[this.#carried++] = bytes[index] ?? 0;
    return this.#carry;
  }

  /** Keeps bytes[start, end) and nothing else; `bytes` may be what `keep` returned. */
  keepOnly(bytes: Uint8Array, start: number, end: number): void {
    if (bytes !== this.#carry) {
      this.#carried = 0;
      this.keep(bytes, start, end);
      return;
    }
    if (start > 0) this.#carry.copyWithin(0, start, end);
    this.#carried = end - start;
  }

  drop(): void {
    this.#carried = 0;
  }

  timeAt(position: number): Nanos {
    return this.#markAt(position)?.time ?? this.lastTime;
  }

  /** Looks up who caused an operation that begins at `position`. Read the answer with `request` and `call`. */
  find(position: number): void {
    this.#foundMark = this.#markAt(position);
    this.#found = this.#foundMark?.contextAt(position) ?? -1;
  }

  get request(): number {
    return this.#foundMark?.requests[this.#found] ?? HIDDEN_REQUEST;
  }

  get call(): number {
    return this.#foundMark?.calls[this.#found] ?? 0;
  }

  #markAt(position: number): Mark | undefined {
    let index = this.#markCount - 1;
    while (index > 0 && (this.#marks[index]?.start ?? 0) > position) index--;
    return this.#marks[index];
  }

  /** Marks before the one that holds `position` are not asked for again; their objects are used again. */
  #forgetMarks(): void {
    if (this.#markCount === 0) return;
    if (this.position >= this.#total) {
      this.#markCount = 0;
      return;
    }
    let old = 0;
    while (old + 1 < this.#markCount && (this.#marks[old + 1]?.start ?? 0) <= this.position) old++;
    if (old === 0) return;
    this.#marks.push(...this.#marks.splice(0, old));
    this.#markCount -= old;
  }

  #reserve(size: number): void {
    if (size <= this.#carry.length) return;
    const grown = new Uint8Array(Math.max(CARRY_FIRST_BYTES, size, this.#carry.length * 2));
    grown.set(this.#carry.subarray(0, this.#carried));
    this.#carry = grown;
  }
}
