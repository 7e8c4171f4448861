// sqlite3 (node-sqlite3): it works in threads of its own and answers with callbacks. In: what the addon exports. Out: its statements as
// operations, from the call to the callback; what waits in its queue is part of that. Calls without callback end unseen.

import { newCall } from '../calls/calls.ts';
import { now } from '../clock.ts';
import { bindCallback } from '../requests/context.ts';
import { noteHooked } from '../sending/coverage.ts';
import { active } from '../guard.ts';
import { wrap, type AnyMethod, type Method } from '../hook.ts';
import { hasAll } from '../hints/operation.ts';
import { recorder } from '../recorder.ts';
import { prototypeOf } from './better-sqlite3.ts';
import { errorWord, noteOperation, type Asked } from './noted-call.ts';
import { fileName, sqlite, sqliteAsked } from './sqlite.ts';

interface Owner {
  /** Of a statement. */
  readonly sql?: unknown;
  /** Of a database. */
  readonly filename?: unknown;
}

/** True when it was this one. */
export function hookSqlite3(exports: object): boolean {
  const database = prototypeOf(exports, 'Database');
  const statement = prototypeOf(exports, 'Statement');
  if (database === undefined || statement === undefined || !hasAll(statement, 'each', 'finalize', 'reset'))
    return false;
  wrap(database, 'exec', (original) => asking(original, (_owner, args) => args[0]));
  for (const name of ['run', 'get', 'all', 'each'])
    wrap(statement, name, (original) => asking(original, ({ sql }) => sql));
  noteHooked('sqlite3');
  return true;
}

function asking(original: Method, textOf: (owner: Owner, args: readonly unknown[]) => unknown): AnyMethod {
  return function (this: Owner, ...args: unknown[]): unknown {
    const last = args.length - 1;
    const callback = args[last];
    if (!active || recorder === undefined || typeof callback !== 'function')
      return original.apply(this, args);
    const asked = sqlite((owner) => sqliteAsked(textOf(owner, args), fileName(owner.filename)), this);
    args[last] = noting(callback as Method, asked);
    return original.apply(this, args);
  };
}

/** The last callback of a call: with an error, or with what was found. */
function noting(callback: Method, asked: Asked): Method {
  const context = newCall('sqlite', asked.statement);
  const start = now();
  const bound = bindCallback(callback, context);
  return function (this: unknown, ...args: unknown[]): unknown {
    const [error, rows] = args;
    noteOperation(
      asked,
      context,
      start,
      Array.isArray(rows) ? rows.length : -1,
      error ? errorWord(error) : '',
    );
    return bound.apply(this, args);
  };
}
