// node:sqlite (Node 22.5 on): it answers at once. In: the module, once the application has loaded it. Out: its statements as operations.
// Of `iterate` the beginning is seen; what tagged templates ask is not visible.

import { noteHooked, noteNotVisible } from '../sending/coverage.ts';
import { active, guarded } from '../guard.ts';
import { wrap, type AnyMethod, type Method } from '../hook.ts';
import { sideTable } from '../hints/side-table.ts';
import { prototypeOf, ROWS } from './better-sqlite3.ts';
import { noteCall, type Asked, type RowsOf } from './noted-call.ts';
import { fileName, sqlite, sqliteAsked } from './sqlite.ts';

interface Database {
  location?(): unknown;
}

/** By statement: a statement does not know its database. */
const known = sideTable<Asked>();

export function hookNodeSqlite(): void {
  const module: object | undefined = process.getBuiltinModule('node:sqlite');
  const database = module && prototypeOf(module, 'DatabaseSync');
  const statement = module && prototypeOf(module, 'StatementSync');
  if (database === undefined || statement === undefined) return;
  wrap(database, 'prepare', preparing);
  wrap(database, 'exec', executing);
  wrap(database, 'createTagStore', tagging);
  for (const [name, rowsOf] of ROWS) wrap(statement, name, (original) => asking(original, rowsOf));
  noteHooked('node:sqlite');
}

function preparing(original: Method): AnyMethod {
  return function prepare(this: Database, ...args: unknown[]): unknown {
    const statement = original.apply(this, args);
    if (active && typeof statement === 'object' && statement !== null)
      guarded(remember, statement, sqliteAsked(args[0], locationOf(this)));
    return statement;
  };
}

function remember(statement: object, asked: Asked): void {
  known.set(statement, asked);
}

/** Null in memory; on Node before 22.16 there is no such method. */
function locationOf(database: Database): string {
  try {
    return typeof database.location === 'function' ? fileName(database.location() ?? ':memory:') : '';
  } catch {
    return '';
  }
}

function asking(original: Method, rowsOf: RowsOf): AnyMethod {
  return function (this: object, ...args: unknown[]): unknown {
    return noteCall(original, this, args, sqlite(askedOf, this), rowsOf);
  };
}

/** It was prepared before this was hooked. */
function askedOf(statement: object): Asked {
  const asked = known.get(statement) ?? sqliteAsked(Reflect.get(statement, 'sourceSQL'), '');
  known.set(statement, asked);
  return asked;
}

function executing(original: Method): AnyMethod {
  return function exec(this: Database, ...args: unknown[]): unknown {
    return noteCall(original, this, args, sqliteAsked(args[0], locationOf(this)), none);
  };
}

const none: RowsOf = () => -1;

function tagging(original: Method): AnyMethod {
  return function createTagStore(this: unknown, ...args: unknown[]): unknown {
    noteNotVisible('node:sqlite tag stores');
    return original.apply(this, args);
  };
}
