// Whose operation is each message that a connection of postgres.js writes, in whatever order things happen? In: a model of the driver (its queries,
// some of them constructed before the class was known; connections that gather bytes; sockets that are cut). Out: never another request's.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConnectionState, replaceReading, Role } from '../connections/connection-state.ts';
import { noteFirstWrite } from '../connections/first-write.ts';
import { activate } from '../guard.ts';
import { Context, currentContext, HIDDEN_CONTEXT, runInContext } from '../requests/context.ts';
import { claimer, hookQueries } from './postgres-js.ts';
import { OperationFinder } from './postgres-messages.ts';
import { onUnknownPostgres } from './unknown-postgres.ts';

activate((error) => {
  throw error;
});

onUnknownPostgres(() => undefined, claimer);

interface Statement {
  readonly name: string;
  readonly string: string;
}

interface DriverQuery extends Promise<unknown> {
  readonly strings: readonly string[];
  state: object | null;
  statement: Statement | null;
  handle(): void;
}

type QueryClass = new (strings: readonly string[]) => DriverQuery;

/** A fresh one for each run: a class is hooked once. */
function queryClass(): QueryClass {
  const origin = Symbol('OriginError');
  return class Query extends Promise<unknown> {
    strings: readonly string[];
    canceller = (): void => undefined;
    state: object | null = null;
    statement: Statement | null = null;

    constructor(strings: readonly string[]) {
      super(() => undefined);
      this.strings = strings;
      Reflect.set(this, origin, undefined);
    }

    static override get [Symbol.species](): PromiseConstructor {
      return Promise;
    }

    handle(): void {}
  };
}

function message(tag: string, body: string): Buffer {
  const bytes = Buffer.alloc(5 + Buffer.byteLength(body));
  bytes.write(tag, 0, 'latin1');
  bytes.writeUInt32BE(bytes.length - 1, 1);
  bytes.write(body, 5);
  return bytes;
}

const EXECUTE = Buffer.concat([message('E', '\0\0\0\0\0'), message('H', ''), message('S', '')]);

const STARTUP = Buffer.from([0, 0, 0, 9, 0, 3, 0, 0, 0]);

let names = 0;

/** One connection of the driver, and its sockets one after the other. */
class DriverConnection {
  readonly #backend = { pid: 0, secret: 0 };
  #prefix = '';
  #prepared = new Map<string, Statement>();
  #chunk: Buffer[] = [];
  /** Requests of the operations in `chunk`. */
  #asked: number[] = [];
  #state = new ConnectionState(0, Role.client, 0);
  right = 0;

  constructor() {
    this.connect(false);
  }

  /** `isKept`: what was not written comes before the startup, as it does when the socket was cut in a certain moment. */
  connect(isKept: boolean): void {
    this.#prefix = `s${++names}x`;
    this.#prepared = new Map();
    if (!isKept) this.#chunk = [];
    if (!isKept) this.#asked = [];
    this.#chunk.push(STARTUP);
    this.#state = new ConnectionState(0, Role.client, 0);
    this.flush();
  }

  /** `isPushed`: while its bytes are read. */
  execute(query: DriverQuery, request: number, isPushed: boolean): void {
    const previous = replaceReading(isPushed ? this.#state : undefined);
    query.state = this.#backend;
    const [text = ''] = query.strings;
    const known = this.#prepared.get(text);
    query.statement = known ?? { name: `${this.#prefix}${this.#prepared.size}`, string: text };
    this.#write(query.statement, known !== undefined, request);
    replaceReading(previous);
  }

  #write(statement: Statement, isPrepared: boolean, request: number): void {
    this.#prepared.set(statement.string, statement);
    if (!isPrepared) this.#chunk.push(message('P', `${statement.name}\0${statement.string}\0\0\0`));
    this.#chunk.push(message('B', `\0${statement.name}\0\0\0\0\0\0\0`), EXECUTE);
    this.#asked.push(request);
  }

  /** Everything that was gathered is one write. */
  flush(): void {
    if (this.#chunk.length === 0) return;
    const chunk = Buffer.concat(this.#chunk);
    const asked = this.#asked;
    this.#chunk = [];
    this.#asked = [];
    if (!this.#state.hasWritten) noteFirstWrite(this.#state, chunk);
    const found = this.#state.source?.take(chunk) ?? currentContext();
    assert.equal(new OperationFinder().starts(chunk).length, asked.length);
    for (const [index, request] of asked.entries()) {
      const context = found instanceof Context ? found : found[index];
      if (context === undefined || context === HIDDEN_CONTEXT) continue;
      assert.equal(context.request, request, 'given to another request');
      this.right++;
    }
  }
}

interface Step {
  readonly on: number;
  readonly kind: 'seen' | 'unseen' | 'flush' | 'cut' | 'cut late';
  readonly isPushed?: boolean;
  readonly text?: number;
}

const CONNECTIONS = 2;

/** Answers how many operations were given to their request. */
function play(steps: readonly Step[]): number {
  const Query = queryClass();
  const unseen = steps
    .filter(({ kind }) => kind === 'unseen')
    .map(({ text = 0 }) => new Query([`select ${text}`]));
  const first = new Query(['select 0']);
  hookQueries(Query.prototype, first);
  first.handle();
  const connections = Array.from({ length: CONNECTIONS }, () => new DriverConnection());
  for (const [index, { on, kind, text = 0, isPushed = false }] of steps.entries()) {
    const connection = connections[on];
    const request = index + 1;
    if (kind === 'flush') connection?.flush();
    else if (kind === 'cut' || kind === 'cut late') connection?.connect(kind === 'cut late');
    else {
      const query = kind === 'unseen' ? unseen.shift() : seen(Query, text, request);
      if (query !== undefined) connection?.execute(query, request, isPushed);
    }
  }
  for (const connection of connections) connection.flush();
  return connections.reduce((sum, { right }) => sum + right, 0);
}

function seen(Query: QueryClass, text: number, request: number): DriverQuery {
  const context = new Context(request, 0);
  return runInContext(context, () => new Query([`select ${text}`]), undefined, []) as DriverQuery;
}

test('a query that was not seen, written after one that was and could not be told apart then, is not taken for it', () => {
  const steps: readonly Step[] = [
    { on: 0, kind: 'unseen' },
    { on: 0, kind: 'seen' },
    { on: 0, kind: 'flush' },
    { on: 0, kind: 'unseen' },
    { on: 0, kind: 'flush' },
  ];
  assert.equal(play(steps), 0);
});

test('what is left over from a socket that was cut is not taken for a query that it had before', () => {
  const steps: readonly Step[] = [
    { on: 0, kind: 'unseen' },
    { on: 0, kind: 'seen' },
    { on: 0, kind: 'flush' },
    { on: 0, kind: 'unseen' },
    { on: 0, kind: 'cut late' },
  ];
  assert.equal(play(steps), 0);
});

test('once a write could be told, all are', () => {
  const steps: readonly Step[] = [
    { on: 0, kind: 'unseen' },
    { on: 0, kind: 'seen' },
    { on: 0, kind: 'flush' },
    { on: 0, kind: 'seen' },
    { on: 0, kind: 'flush' },
    { on: 0, kind: 'seen', text: 1 },
    { on: 0, kind: 'seen' },
  ];
  assert.equal(play(steps), 3);
});

test("what is asked while rows are read is hidden: the code runs in the request that opened the connection, and is another's", () => {
  const Query = queryClass();
  const first = new Query(['select 0']);
  hookQueries(Query.prototype, first);
  first.handle();
  const connection = new DriverConnection();
  const previous = replaceReading(new ConnectionState(0, Role.client, 0));
  const query = seen(Query, 1, 2);
  replaceReading(previous);
  connection.execute(query, 1, false);
  connection.flush();
  assert.equal(connection.right, 0);
});

const step: fc.Arbitrary<Step> = fc.record({
  on: fc.nat(CONNECTIONS - 1),
  kind: fc.constantFrom('seen', 'seen', 'seen', 'unseen', 'unseen', 'flush', 'flush', 'cut', 'cut late'),
  isPushed: fc.boolean(),
  text: fc.nat(1),
});

test('in any order of queries, writes and cuts no operation is given to another request', () => {
  let right = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
      right += play(steps);
    }),
    { numRuns: 300 },
  );
  assert.ok(right > 300, `${right} were told`);
});
