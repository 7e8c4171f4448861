// pg-native (1.10 on), which asks PostgreSQL through libpq. In: its client's class, and what the addon below it exports. Out: its queries as
// operations of the request that asked, from the call to the callback. Several queries in one pipeline: whose they are is not known.
// Not here: the queue of pg's client above it (hints/pg.ts).

import { newCall } from '../calls/calls.ts';
import { now } from '../clock.ts';
import type { Recognizer } from '../emitter-init.ts';
import { active } from '../guard.ts';
import { hasAll } from '../hints/operation.ts';
import { sideTable } from '../hints/side-table.ts';
import { wrap, type AnyMethod, type Method } from '../hook.ts';
import { announce, recorder } from '../recorder.ts';
import { bindCallback, currentContext, HIDDEN_CONTEXT, type Context } from '../requests/context.ts';
import { noteHooked, noteNotVisible } from '../sending/coverage.ts';
import { prototypeOf } from './better-sqlite3.ts';
import { errorWord, noteCall, noteOperation, type Asked } from './noted-call.ts';
import { databaseOf, UNKNOWN_DATABASE, type Database } from './postgres-address.ts';

interface Client {
  readonly pq?: { resultErrorFields?(): { readonly sqlState?: unknown } | null | undefined };
}

/** A query that has begun. */
interface Begun {
  readonly asked: Asked;
  readonly context: Context;
  readonly start: number;
}

const databases = sideTable<Database>();
/** By client: texts of its prepared statements, by name. */
const statements = sideTable<Map<string, string>>();
/** Programs that make names of values have no end of them. */
const STATEMENT_LIMIT = 1000;

/** pg-native is calling libpq. */
let isInside = false;
/** A statement was prepared, and its callback is running: what it executes is the same operation. */
let prepared: { readonly client: Client; readonly begun: Begun; isUsed: boolean } | undefined;

export const recognizePgNative: Recognizer = (prototype) => {
  if (!hasAll(prototype, '_dispatchQuery', '_awaitResult', 'querySync')) return undefined;
  for (const name of ['connect', 'connectSync']) wrap(prototype, name, connecting);
  wrap(prototype, 'query', (original) => asking(original, (_client, args) => args[0]));
  wrap(prototype, 'execute', (original) => asking(original, textOfPrepared));
  wrap(prototype, 'prepare', preparing);
  wrap(prototype, 'prepareSync', keepingText);
  wrap(prototype, 'querySync', (original) => askingSync(original, (_client, args) => args[0]));
  wrap(prototype, 'executeSync', (original) => askingSync(original, textOfPrepared));
  wrap(prototype, 'pipeline', gathering);
  noteHooked('pg-native');
  return undefined;
};

const SENDING = [
  '$exec',
  '$execParams',
  '$execPrepared',
  '$sendQuery',
  '$sendQueryParams',
  '$sendQueryPrepared',
];

/** True when it was this one: who uses libpq without pg-native is not seen. */
export function hookLibpq(exports: object): boolean {
  const prototype = prototypeOf(exports, 'PQ');
  if (prototype === undefined || !('$sendQuery' in prototype)) return false;
  for (const name of SENDING)
    wrap(prototype, name, (original) => {
      return function (this: unknown, ...args: unknown[]): unknown {
        if (active && !isInside) noteDirectUse();
        return original.apply(this, args);
      };
    });
  return true;
}

/** Perhaps all that this process does: it has to say so itself. */
function noteDirectUse(): void {
  noteNotVisible('libpq');
  announce();
}

function inside(original: Method): Method {
  return function (this: unknown, ...args: unknown[]): unknown {
    const outer = isInside;
    isInside = true;
    try {
      return original.apply(this, args);
    } finally {
      isInside = outer;
    }
  };
}

function connecting(original: Method): AnyMethod {
  return function (this: Client, ...args: unknown[]): unknown {
    if (!active) return original.apply(this, args);
    databases.set(this, databaseOf(args[0]));
    return original.apply(this, args.map(boundToCaller));
  };
}

function boundToCaller(argument: unknown): unknown {
  return typeof argument === 'function' ? bindCallback(argument, currentContext()) : argument;
}

type TextOf = (client: Client, args: readonly unknown[]) => unknown;

const textOfPrepared: TextOf = (client, [name]) => statements.get(client)?.get(String(name));

function asking(original: Method, textOf: TextOf): AnyMethod {
  const send = inside(original);
  return function (this: Client, ...args: unknown[]): unknown {
    const callback = args.at(-1);
    if (!active || recorder === undefined || typeof callback !== 'function') return send.apply(this, args);
    const begun = continued(this) ?? begin(this, textOf(this, args));
    args[args.length - 1] = answering(this, callback as Method, begun, noteAnswer);
    return send.apply(this, args);
  };
}

/** The execution of what was prepared for it just now. */
function continued(client: Client): Begun | undefined {
  if (prepared?.client !== client || prepared.isUsed) return undefined;
  prepared.isUsed = true;
  return prepared.begun;
}

function begin(client: Client, text: unknown): Begun {
  const asked = askedOf(client, text);
  const context = currentContext();
  // pg's client above has its call already.
  return {
    asked,
    context: context.call === 0 ? newCall('pg-native', asked.statement) : context,
    start: now(),
  };
}

function askedOf(client: Client, text: unknown): Asked {
  const { address, database } = databases.get(client) ?? UNKNOWN_DATABASE;
  return { protocol: 'postgres', statement: typeof text === 'string' ? text : '', address, database };
}

type Answered = (client: Client, begun: Begun, answer: readonly unknown[]) => void;

function answering(client: Client, callback: Method, begun: Begun, answered: Answered): Method {
  const bound = bindCallback(callback, begun.context);
  return function (this: unknown, ...answer: unknown[]): unknown {
    answered(client, begun, answer);
    return bound.apply(this, answer);
  };
}

function noteAnswer(
  client: Client,
  { asked, context, start }: Begun,
  [error, rows, result]: readonly unknown[],
): void {
  noteOperation(asked, context, start, countOf(result, rows), error ? wordOf(client, error) : '');
}

/** A result says how many rows were changed or found; of several results nothing is said. */
function countOf(result: unknown, rows: unknown): number {
  const count: unknown =
    typeof result === 'object' && result !== null
      ? Object.getOwnPropertyDescriptor(result, 'rowCount')?.value
      : -1;
  if (typeof count === 'number') return count;
  return Array.isArray(rows) ? rows.length : -1;
}

/** Errors of pg-native have no code: libpq is asked for it, as pg does. */
function wordOf(client: Client, error: unknown): string {
  try {
    const state = client.pq?.resultErrorFields?.()?.sqlState;
    return typeof state === 'string' && state !== '' ? state : errorWord(error);
  } catch {
    return errorWord(error);
  }
}

/** Preparing and executing are two ways to the server and one operation. */
function preparing(original: Method): AnyMethod {
  const send = inside(original);
  return function (this: Client, ...args: unknown[]): unknown {
    const callback = args.at(-1);
    if (!active || recorder === undefined || typeof callback !== 'function') return send.apply(this, args);
    keepText(this, args);
    args[args.length - 1] = continuing(this, callback as Method, begin(this, args[1]));
    return send.apply(this, args);
  };
}

function continuing(client: Client, callback: Method, begun: Begun): Method {
  const bound = bindCallback(callback, begun.context);
  return function (this: unknown, ...answer: unknown[]): unknown {
    const outer = prepared;
    const own = { client, begun, isUsed: false };
    prepared = answer[0] ? undefined : own;
    try {
      return bound.apply(this, answer);
    } finally {
      prepared = outer;
      if (!own.isUsed) noteAnswer(client, begun, [answer[0]]);
    }
  };
}

function keepingText(original: Method): AnyMethod {
  return function (this: Client, ...args: unknown[]): unknown {
    if (active) keepText(this, args);
    return original.apply(this, args);
  };
}

function keepText(client: Client, [name, text]: readonly unknown[]): void {
  const texts = statements.get(client) ?? new Map<string, string>();
  statements.set(client, texts);
  if (typeof text === 'string' && texts.size < STATEMENT_LIMIT) texts.set(String(name), text);
}

function askingSync(original: Method, textOf: TextOf): AnyMethod {
  const send = inside(original);
  return function (this: Client, ...args: unknown[]): unknown {
    const asked = askedOf(this, textOf(this, args));
    return noteCall(send, this, args, asked, (rows) => (Array.isArray(rows) ? rows.length : -1));
  };
}

/** Queries of several requests, sent together and answered together. */
function gathering(original: Method): AnyMethod {
  const send = inside(original);
  return function (this: Client, ...args: unknown[]): unknown {
    const [queries, callback] = args;
    if (!active || recorder === undefined || typeof callback !== 'function' || !Array.isArray(queries))
      return send.apply(this, args);
    const start = now();
    const all = queries.map((query: { readonly text?: unknown }) => ({
      asked: askedOf(this, query.text),
      context: HIDDEN_CONTEXT,
      start,
    }));
    args[1] = function (this: unknown, ...answer: unknown[]): unknown {
      noteAnswers(all, answer);
      return Reflect.apply(callback, this, answer);
    };
    return send.apply(this, args);
  };
}

function noteAnswers(all: readonly Begun[], [error, results]: readonly unknown[]): void {
  const list = Array.isArray(results)
    ? (results as readonly { readonly err?: unknown; readonly rows?: unknown }[])
    : [];
  all.forEach(({ asked, context, start }, index) => {
    const failure = error || list[index]?.err;
    noteOperation(
      asked,
      context,
      start,
      countOf(undefined, list[index]?.rows),
      failure ? errorWord(failure) : '',
    );
  });
}
