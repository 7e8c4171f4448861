// As much of the Postgres protocol as it takes to say where operations begin. In: what a client writes. Out: offsets, and comparisons.
// https://www.postgresql.org/docs/current/protocol-message-formats.html

const Tag = { Query: 0x51, Parse: 0x50, Bind: 0x42, Sync: 0x53 } as const;
/** What a client may send after its first message. */
const TAGS = new Set(Buffer.from('BCDEFHPQSXcdfp'));
const HEADER_BYTES = 5;

/** Finds where operations begin in the successive writes of one connection. */
export class OperationFinder {
  /** A statement was parsed and its Bind is still to come, perhaps in a later write: drivers ask for the types of parameters first. */
  #isParsed = false;

  /** Offsets of the messages that begin an operation: a query, a Parse, or a Bind of what was parsed earlier. */
  starts(bytes: Buffer): readonly number[] {
    const starts: number[] = [];
    for (let at = 0; at + HEADER_BYTES <= bytes.length; at += 1 + bytes.readUInt32BE(at + 1)) {
      const tag = bytes[at];
      if (tag === undefined || !TAGS.has(tag)) return starts;
      if (tag === Tag.Query || tag === Tag.Parse || (tag === Tag.Bind && !this.#isParsed)) starts.push(at);
      if (tag === Tag.Parse) this.#isParsed = true;
      else if (tag === Tag.Bind || tag === Tag.Query || tag === Tag.Sync) this.#isParsed = false;
    }
    return starts;
  }
}

/** How many bytes are messages of a client, one after the other. */
export function messagesLength(bytes: Buffer): number {
  let at = 0;
  while (at + HEADER_BYTES <= bytes.length && TAGS.has(bytes[at] ?? 0)) at += 1 + bytes.readUInt32BE(at + 1);
  return at;
}

/** Does the message at `at` begin an operation on the prepared statement `name`, or on the text `sql` when it has no name? */
export function isAbout(bytes: Buffer, at: number, name: string, sql: string): boolean {
  const tag = bytes[at];
  if (tag === Tag.Query) return hasText(bytes, at + HEADER_BYTES, sql);
  if (tag === Tag.Bind) return name !== '' && hasText(bytes, afterText(bytes, at + HEADER_BYTES), name);
  if (tag !== Tag.Parse || !hasText(bytes, at + HEADER_BYTES, name)) return false;
  return name !== '' || hasText(bytes, at + HEADER_BYTES + 1, sql);
}

/** Is the zero-terminated text at `at` this one? */
function hasText(bytes: Buffer, at: number, text: string): boolean {
  const end = at + Buffer.byteLength(text);
  return bytes[end] === 0 && bytes.toString('utf8', at, end) === text;
}

function afterText(bytes: Buffer, at: number): number {
  return bytes.indexOf(0, at) + 1;
}
