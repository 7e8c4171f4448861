// What DuckDB says becomes what a user can mend. In: its error. Out: a code and one sentence.

import type { StoreError } from '../store.ts';

export interface Failure {
  readonly code: StoreError['code'];
  readonly message: string;
}

/** A failure that is already in our words. */
export class KnownFailure extends Error {
  readonly failure: Failure;
  constructor(code: Failure['code'], message: string) {
    super(message);
    this.failure = { code, message };
  }
}

const DAMAGED =
  /not a valid duckdb|corrupt|checksum|serialization error|internal error|replaying wal|invalidated because of a previous fatal|fatal error|deserializ|end of file|could not read/i;
const HELD = /could not set lock|conflicting lock|being used by another process|same database file/i;
const NOT_WRITABLE =
  /permission denied|read-only file system|eacces|erofs|no space left|enospc|not a directory|is a directory/i;

/** `file` is named in the sentence. */
export function failureOf(error: unknown, file: string): Failure {
  if (error instanceof KnownFailure) return error.failure;
  const text = error instanceof Error ? error.message : String(error);
  if (HELD.test(text)) return { code: 'held', message: heldBy(text, file) };
  if (NOT_WRITABLE.test(text))
    return { code: 'not-writable', message: `${file} cannot be written: ${firstLine(text)}` };
  if (DAMAGED.test(text))
    return {
      code: 'damaged',
      message: `${file} is damaged and cannot be read. Move it away and wiretime starts a new one.`,
    };
  return { code: 'engine', message: firstLine(text) };
}

/** DuckDB names the holder where the system tells it: "Conflicting lock is held in /usr/bin/node (PID 1234)". */
function heldBy(text: string, file: string): string {
  const holder = /lock is held in (.*?) ?\(PID (\d+)\)/.exec(text);
  const who = holder === null ? 'another process' : `process ${holder[2]} (${holder[1]})`;
  return `${file} is in use by ${who}.`;
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text;
}
