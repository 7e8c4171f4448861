// Statements by the bytes they were made from, so that the same text is normalized once. In: bytes. Out: one shared string.
// Not here: how a statement is made.

/** Makes the statement of bytes[start, end). */
export type MakeStatement = (bytes: Uint8Array, start: number, end: number) => string;

class Entry {
  readonly bytes: Uint8Array;
  readonly statement: string;

  constructor(bytes: Uint8Array, statement: string) {
    this.bytes = bytes;
    this.statement = statement;
  }
}

/** Twice this is kept at most. A service has some hundred statements; one that writes values into its SQL has no end of them. */
const GENERATION_ENTRIES = 4096;
const GENERATION_BYTES = 4 << 20;

/**
 * Two generations: what was asked for since the last turn, and before. When the first is full the second is forgotten, so
 * that a statement in use stays, without moving an entry at every hit as an exact order of use would.
 */
export class StatementCache {
  #young = new Map<number, Entry>();
  #old = new Map<number, Entry>();
  #youngBytes = 0;
  readonly #make: MakeStatement;

  constructor(make: MakeStatement) {
    this.#make = make;
  }

  /** The statement of bytes[start, end). */
  of(bytes: Uint8Array, start: number, end: number): string {
    const hash = hashOf(bytes, start, end);
    const young = this.#young.get(hash);
    if (young !== undefined && isSame(young.bytes, bytes, start, end)) return young.statement;
    const old = this.#old.get(hash);
    const entry =
      old !== undefined && isSame(old.bytes, bytes, start, end)
        ? old
        : new Entry(bytes.slice(start, end), this.#make(bytes, start, end));
    this.#remember(hash, entry);
    return entry.statement;
  }

  #remember(hash: number, entry: Entry): void {
    if (this.#young.size >= GENERATION_ENTRIES || this.#youngBytes >= GENERATION_BYTES) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#young.set(hash, entry);
    this.#youngBytes += entry.bytes.length;
  }
}

/** FNV-1a. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 ^ (end - start);
  for (let index = start; index < end; index++) hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x01000193);
  return hash | 0;
}

function isSame(kept: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (kept.length !== end - start) return false;
  for (let index = 0; index < kept.length; index++) if (kept[index] !== bytes[start + index]) return false;
  return true;
}
