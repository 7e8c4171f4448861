// A cursor over captured bytes. In: a window of one direction of one connection. Out: integers, slices, text.
// Reading past the end never throws: it sets `short`, and the decoder answers NEED_MORE. Not here: holes (connection/stream.ts).

const EMPTY = new Uint8Array(0);
const latin1 = new TextDecoder('latin1');
const utf8 = new TextDecoder('utf-8');

/** Reads forward through `bytes[start, end)`. One reader is reused for every message; `reset` points it at the next window. */
export class ByteReader {
  bytes: Uint8Array = EMPTY;
  /** Index of the first byte of the window. */
  start = 0;
  /** Index of the next byte to read. */
  at = 0;
  /** Index after the last captured byte. */
  end = 0;
  /** A read went past `end`; what it returned means nothing. */
  short = false;
  /** A hole follows `end`: what is missing here never comes, so make do with what is captured. */
  isCut = false;
  /** How many bytes after `end` were not captured; 0 when what follows is yet to come. */
  missing = 0;

  reset(bytes: Uint8Array, start = 0, end = bytes.length): this {
    this.bytes = bytes;
    this.start = start;
    this.at = start;
    this.end = end;
    this.short = false;
    this.isCut = false;
    this.missing = 0;
    return this;
  }

  /** Bytes left to read. */
  get left(): number {
    return this.end - this.at;
  }

  /** Bytes read since `reset`. */
  get used(): number {
    return this.at - this.start;
  }

  u8(): number {
    return this.#take(1) ? this.#byte(this.at - 1) : 0;
  }

  u16be(): number {
    return this.#take(2) ? (this.#byte(this.at - 2) << 8) | this.#byte(this.at - 1) : 0;
  }

  u16le(): number {
    return this.#take(2) ? this.#byte(this.at - 2) | (this.#byte(this.at - 1) << 8) : 0;
  }

  u24le(): number {
    return this.#take(3)
      ? this.#byte(this.at - 3) | (this.#byte(this.at - 2) << 8) | (this.#byte(this.at - 1) << 16)
      : 0;
  }

  u32be(): number {
    if (!this.#take(4)) return 0;
    const at = this.at - 4;
    return (
      ((this.#byte(at) << 24) |
        (this.#byte(at + 1) << 16) |
        (this.#byte(at + 2) << 8) |
        this.#byte(at + 3)) >>>
      0
    );
  }

  i32be(): number {
    return this.u32be() | 0;
  }

  u32le(): number {
    if (!this.#take(4)) return 0;
    const at = this.at - 4;
    return (
      ((this.#byte(at + 3) << 24) |
        (this.#byte(at + 2) << 16) |
        (this.#byte(at + 1) << 8) |
        this.#byte(at)) >>>
      0
    );
  }

  /** The byte `offset` places ahead, without moving; -1 when it is not captured. */
  peek(offset = 0): number {
    const index = this.at + offset;
    return index < this.end ? this.#byte(index) : -1;
  }

  skip(count: number): void {
    this.#take(count);
  }

  /** A view, not a copy: valid until the window is reset. */
  slice(length: number): Uint8Array {
    return this.#take(length) ? this.bytes.subarray(this.at - length, this.at) : EMPTY;
  }

  /** Position of `byte` relative to `at`, or -1. */
  find(byte: number): number {
    for (let index = this.at; index < this.end; index++)
      if (this.bytes[index] === byte) return index - this.at;
    return -1;
  }

  /** Text of `length` bytes, each byte one character. For protocol words, which are ASCII. */
  latin1(length: number): string {
    return latin1.decode(this.slice(length));
  }

  utf8(length: number): string {
    return utf8.decode(this.slice(length));
  }

  /** UTF-8 text up to a zero byte, which is read too. */
  cstring(): string {
    const length = this.find(0);
    if (length < 0) {
      this.short = true;
      return '';
    }
    const text = this.utf8(length);
    this.at++;
    return text;
  }

  #byte(index: number): number {
    return this.bytes[index] ?? 0;
  }

  #take(count: number): boolean {
    if (this.at + count > this.end) {
      this.short = true;
      return false;
    }
    this.at += count;
    return true;
  }
}
