// libsql (`@libsql/client` on a file): its addon exports functions that answer at once. In: the exports, before the package takes them.
// Out: its statements as operations. Rows come in pieces: an operation ends with the last piece. What a database is synchronized
// with passes inside of the addon, and is not visible.

import { noteHooked, noteNotVisible } from '../sending/coverage.ts';
import { active, guarded } from '../guard.ts';
import { now } from '../clock.ts';
import type { Context } from '../requests/context.ts';
import { newCall } from '../calls/calls.ts';
import { wrap, type AnyMethod, type Method } from '../hook.ts';
import { errorWord, noteCall, noteOperation, type Asked, type RowsOf } from './noted-call.ts';
import { fileName, sqliteAsked } from './sqlite.ts';

/**
 * By database and by statement, as the addon made them: externals. Not side tables: V8 ends the process when one is given a private field
 * (`Check failed: !IsMaybeReadOnlyJSObjectMap`, Node 24.21 and 26.10).
 */
const files = new WeakMap<object, string>();
const statements = new WeakMap<object, Asked>();

/** Rows that are being read. */
interface Reading {
  readonly asked: Asked;
  readonly context: Context;
  readonly start: number;
  rows: number;
}

const readings = new WeakMap<object, Reading>();

/** True when it was this one. */
export function hookLibsql(exports: object): boolean {
  if (!['databasePrepareSync', 'statementRun', 'statementGet'].every((name) => Object.hasOwn(exports, name)))
    return false;
  wrap(exports, 'databaseOpen', opening);
  wrap(exports, 'databaseOpenWithSync', synchronizing);
  wrap(exports, 'databasePrepareSync', preparing);
  wrap(exports, 'databaseExecSync', executing);
  wrap(exports, 'statementRun', (original) => asking(original, none));
  wrap(exports, 'statementGet', (original) => asking(original, oneRow));
  wrap(exports, 'statementRowsSync', reading);
  wrap(exports, 'rowsNext', readingOn);
  noteHooked('libsql');
  return true;
}

const none: RowsOf = () => -1;
const oneRow: RowsOf = (result) => (result === undefined || result === null ? 0 : 1);

function opening(original: Method): AnyMethod {
  return function (this: unknown, ...args: unknown[]): unknown {
    const database = original.apply(this, args);
    if (active) guarded(remember, database, fileName(args[0]));
    return database;
  };
}

function synchronizing(original: Method): AnyMethod {
  const open = opening(original) as Method;
  return function (this: unknown, ...args: unknown[]): unknown {
    noteNotVisible('libsql synchronization');
    return open.apply(this, args);
  };
}

function remember(database: unknown, file: string): void {
  if (isObject(database)) files.set(database, file);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function preparing(original: Method): AnyMethod {
  return function (this: unknown, ...args: unknown[]): unknown {
    const statement = original.apply(this, args);
    if (active && isObject(statement)) guarded(rememberStatement, statement, askedOf(this, args[0]));
    return statement;
  };
}

function rememberStatement(statement: object, asked: Asked): void {
  statements.set(statement, asked);
}

function askedOf(database: unknown, statement: unknown): Asked {
  return sqliteAsked(statement, (isObject(database) ? files.get(database) : undefined) ?? '');
}

function executing(original: Method): AnyMethod {
  return function (this: unknown, ...args: unknown[]): unknown {
    return noteCall(original, this, args, askedOf(this, args[0]), none);
  };
}

function preparedOf(statement: unknown): Asked {
  return (isObject(statement) ? statements.get(statement) : undefined) ?? sqliteAsked('', '');
}

function asking(original: Method, rowsOf: RowsOf): AnyMethod {
  return function (this: unknown, ...args: unknown[]): unknown {
    return noteCall(original, this, args, preparedOf(this), rowsOf);
  };
}

function reading(original: Method): AnyMethod {
  return function (this: unknown, ...args: unknown[]): unknown {
    if (!active) return original.apply(this, args);
    const asked = preparedOf(this);
    const context = newCall(asked.protocol, asked.statement);
    const start = now();
    try {
      const rows = original.apply(this, args);
      if (isObject(rows)) readings.set(rows, { asked, context, start, rows: 0 });
      return rows;
    } catch (error) {
      noteOperation(asked, context, start, -1, errorWord(error));
      throw error;
    }
  };
}

/** Fills an array; where it is not full there are no more. */
function readingOn(original: Method): AnyMethod {
  return function (this: unknown, ...args: unknown[]): unknown {
    const result = original.apply(this, args);
    if (active) guarded(notePiece, this, args[0]);
    return result;
  };
}

function notePiece(rows: unknown, piece: unknown): void {
  const known = isObject(rows) ? readings.get(rows) : undefined;
  if (known === undefined || !isObject(rows) || !Array.isArray(piece)) return;
  const end = piece.findIndex((row) => row === undefined || row === null);
  known.rows += end < 0 ? piece.length : end;
  if (end < 0) return;
  readings.delete(rows);
  noteOperation(known.asked, known.context, known.start, known.rows, '');
}
