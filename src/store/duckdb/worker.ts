// The store's thread: the only one that touches DuckDB, so that neither appending nor asking holds up the collector.
// In: calls (messages.ts). Out: replies, in whatever order they are ready.

import { parentPort, workerData } from 'node:worker_threads';
import { ensure } from '../../base/assert.ts';
import { appendTables } from './append.ts';
import { Database } from './database.ts';
import { expire } from './expire.ts';
import { failureOf } from './failure.ts';
import type { Call, CallName, Calls, Reply, WorkerOptions } from './messages.ts';

const port = ensure(parentPort ?? undefined, 'parent of the store worker');
const options = workerData as WorkerOptions;
let database: Database | undefined;

type Handlers = { readonly [N in CallName]: (input: Calls[N]['in']) => Promise<Calls[N]['out']> };

const handlers: Handlers = {
  async open() {
    database = await Database.open(options);
    return database.dictionaries();
  },
  append: (tables) =>
    opened()
      .write((connection) => appendTables(connection, tables))
      .then(() => undefined),
  ask: (query) => opened().ask(query),
  lastIds: () => opened().lastIds(),
  expire: (limits) => expire(opened(), limits),
  sizeBytes: () => Promise.resolve(opened().sizeBytes()),
  close: async () => {
    await database?.close();
    database = undefined;
  },
};

function opened(): Database {
  return ensure(database, 'open database');
}

async function answer<N extends CallName>(call: Call<N>): Promise<Reply> {
  try {
    return { number: call.number, output: await handlers[call.name](call.input) };
  } catch (error) {
    return { number: call.number, failure: failureOf(error, options.file) };
  }
}

port.on('message', (call: Call) => {
  void answer(call).then((reply) => {
    port.postMessage(reply);
    if (call.name === 'close') port.close();
  });
});
