// A cursor over the elements of one BSON document. In: bytes, of which the end may not be captured. Out: type and place of one
// element after the other. Not here: values as objects: nothing is copied, nothing is allocated.
// Spec: https://bsonspec.org/spec.html

export const BsonType = {
  double: 0x01,
  string: 0x02,
  document: 0x03,
  array: 0x04,
  binary: 0x05,
  undefined: 0x06,
  objectId: 0x07,
  boolean: 0x08,
  date: 0x09,
  null: 0x0a,
  regex: 0x0b,
  pointer: 0x0c,
  code: 0x0d,
  symbol: 0x0e,
  scopedCode: 0x0f,
  int32: 0x10,
  timestamp: 0x11,
  int64: 0x12,
  decimal: 0x13,
  minKey: 0xff,
  maxKey: 0x7f,
} as const;

/** The length and the zero at the end. */
export const SMALLEST_DOCUMENT_BYTES = 5;
const UNKNOWN_SIZE = -1;

const scratch = new DataView(new ArrayBuffer(8));

export class BsonCursor {
  bytes: Uint8Array = new Uint8Array(0);
  /** The element: its name is bytes[nameStart, nameEnd), its value begins at `value`; it may reach beyond what is captured. */
  type = 0;
  nameStart = 0;
  nameEnd = 0;
  value = 0;
  /** The document goes on where nothing was captured, or is broken. */
  isCut = false;
  #at = 0;
  #end = 0;
  #limit = 0;

  /** Begins the document at `start`; nothing is captured from `limit` on. */
  open(bytes: Uint8Array, start: number, limit: number): this {
    this.bytes = bytes;
    this.isCut = false;
    this.#limit = Math.min(limit, bytes.length);
    this.#at = start + 4;
    const size = this.#at <= this.#limit ? this.#int32(start) : 0;
    this.isCut = size < SMALLEST_DOCUMENT_BYTES;
    this.#end = this.isCut ? this.#at : start + size - 1;
    return this;
  }

  /** Moves to the next element; false: there is none, or it is not captured. */
  next(): boolean {
    if (this.#at >= this.#end) return false;
    const end = Math.min(this.#end, this.#limit);
    this.type = this.bytes[this.#at] ?? 0;
    this.nameStart = this.#at + 1;
    this.nameEnd = this.#zero(this.nameStart, end);
    if (this.#at >= end || this.nameEnd < 0) return this.#stop();
    this.value = this.nameEnd + 1;
    const size = this.#size(end);
    if (size === UNKNOWN_SIZE) return this.#stop();
    this.#at = this.value + size;
    return true;
  }

  /** The name of the element is this. */
  isNamed(name: string): boolean {
    if (this.nameEnd - this.nameStart !== name.length) return false;
    for (let index = 0; index < name.length; index++)
      if (this.bytes[this.nameStart + index] !== name.charCodeAt(index)) return false;
    return true;
  }

  /** A number or a truth as a number; -1 when it is none or not captured. */
  number(): number {
    const left = this.#limit - this.value;
    if (this.type === BsonType.double && left >= 8) return this.#double(this.value);
    if (this.type === BsonType.int32 && left >= 4) return this.#int32(this.value);
    if (this.type === BsonType.int64 && left >= 8)
      return (this.#int32(this.value) >>> 0) + this.#int32(this.value + 4) * 2 ** 32;
    if (this.type === BsonType.boolean && left >= 1) return this.bytes[this.value] ?? 0;
    return -1;
  }

  /** Where the text of a string begins; its end is `textEnd`. */
  get textStart(): number {
    return this.value + 4;
  }

  /** At most what is captured. */
  get textEnd(): number {
    if (this.type !== BsonType.string || this.value + 4 > this.#limit) return this.textStart;
    const size = this.#int32(this.value) - 1;
    return Math.min(this.#limit, this.textStart + Math.max(0, size));
  }

  #int32(at: number): number {
    const { bytes } = this;
    return (
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24)
    );
  }

  #double(at: number): number {
    for (let index = 0; index < 8; index++) scratch.setUint8(index, this.bytes[at + index] ?? 0);
    return scratch.getFloat64(0, true);
  }

  #stop(): boolean {
    this.isCut = true;
    this.#at = this.#end;
    return false;
  }

  #zero(from: number, end: number): number {
    for (let index = from; index < end; index++) if (this.bytes[index] === 0) return index;
    return -1;
  }

  #size(end: number): number {
    switch (this.type) {
      case BsonType.double:
      case BsonType.date:
      case BsonType.timestamp:
      case BsonType.int64:
        return 8;
      case BsonType.int32:
        return 4;
      case BsonType.boolean:
        return 1;
      case BsonType.objectId:
        return 12;
      case BsonType.decimal:
        return 16;
      case BsonType.undefined:
      case BsonType.null:
      case BsonType.minKey:
      case BsonType.maxKey:
        return 0;
      case BsonType.regex:
        return this.#twoTexts(end);
      case BsonType.string:
      case BsonType.code:
      case BsonType.symbol:
        return this.#sized(4, 1);
      case BsonType.binary:
        return this.#sized(5, 0);
      case BsonType.pointer:
        return this.#sized(16, 1);
      case BsonType.document:
      case BsonType.array:
      case BsonType.scopedCode:
        return this.#sized(0, SMALLEST_DOCUMENT_BYTES);
      default:
        return UNKNOWN_SIZE;
    }
  }

  /** What begins with its length of at least `least`, and `more` bytes that do not count. */
  #sized(more: number, least: number): number {
    if (this.value + 4 > this.#limit) return UNKNOWN_SIZE;
    const size = this.#int32(this.value);
    return size < least ? UNKNOWN_SIZE : size + more;
  }

  #twoTexts(end: number): number {
    const first = this.#zero(this.value, end);
    const second = first < 0 ? -1 : this.#zero(first + 1, end);
    return second < 0 ? UNKNOWN_SIZE : second + 1 - this.value;
  }
}
