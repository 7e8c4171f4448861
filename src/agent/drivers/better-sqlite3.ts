// better-sqlite3 (and what has its addon's shape): it answers at once. In: what the addon exports. Out: its statements as operations.
// Of `iterate` the beginning is seen; the steps are the application's own code.

import { noteHooked } from '../sending/coverage.ts';
import { wrap, type AnyMethod, type Method } from '../hook.ts';
import { hasAll } from '../hints/operation.ts';
import { noteCall, type Asked, type RowsOf } from './noted-call.ts';
import { fileName, sqlite, sqliteAsked } from './sqlite.ts';

interface Statement {
  readonly source?: unknown;
  readonly database?: { readonly name?: unknown };
}

/** By statement. Not a side table: it is the addon's object, and not every such object may be given a private field (libsql.ts). */
const known = new WeakMap<object, Asked>();

/** True when it was this one. */
export function hookBetterSqlite(exports: object): boolean {
  const database = prototypeOf(exports, 'Database');
  const statement = prototypeOf(exports, 'Statement');
  if (database === undefined || statement === undefined || !hasAll(statement, 'pluck', 'iterate', 'run'))
    return false;
  wrap(database, 'exec', executing);
  for (const [name, rowsOf] of ROWS) wrap(statement, name, (original) => asking(original, rowsOf));
  noteHooked('better-sqlite3');
  return true;
}

const none: RowsOf = () => -1;

export const ROWS: readonly (readonly [string, RowsOf])[] = [
  ['run', (result) => countOf(result, 'changes')],
  ['get', (result) => (result === undefined ? 0 : 1)],
  ['all', (result) => (Array.isArray(result) ? result.length : -1)],
  ['iterate', none],
];

function countOf(result: unknown, field: string): number {
  const count: unknown = typeof result === 'object' && result !== null ? Reflect.get(result, field) : -1;
  return typeof count === 'number' ? count : -1;
}

function asking(original: Method, rowsOf: RowsOf): AnyMethod {
  return function (this: Statement, ...args: unknown[]): unknown {
    return noteCall(original, this, args, sqlite(askedOf, this), rowsOf);
  };
}

function askedOf(statement: Statement): Asked {
  const asked = known.get(statement);
  if (asked !== undefined) return asked;
  const { source, database } = statement;
  const made = sqliteAsked(source, fileName(database?.name));
  known.set(statement, made);
  return made;
}

function executing(original: Method): AnyMethod {
  return function exec(this: { readonly name?: unknown }, ...args: unknown[]): unknown {
    const asked = sqlite(() => sqliteAsked(args[0], fileName(this.name)), undefined);
    return noteCall(original, this, args, asked, none);
  };
}

/** Of a class that an addon exports. */
export function prototypeOf(exports: object, name: string): object | undefined {
  const value: unknown = Object.getOwnPropertyDescriptor(exports, name)?.value;
  const prototype: unknown = typeof value === 'function' ? value.prototype : undefined;
  return typeof prototype === 'object' && prototype !== null ? prototype : undefined;
}
