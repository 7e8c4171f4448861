// The store's thread: the only one that touches DuckDB, so that neither appending nor asking holds up the collector.
// In: calls (messages.ts). Out: replies, in whatever order they are ready.

import { parentPort, workerData } from 'node:worker_threads';
import { ensure } from '../../base/assert.ts';
import { appendTables } from './append.ts';
import { compactMinute } from './compact.ts';
import { Database } from './database.ts';
import type { EncodedTable } from './encode.ts';
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
  async append(tables) {
    await opened().write((connection) => appendTables(connection, tables));
    compactPassed(newestMinute(tables.rollups));
  },
  ask: (query) => opened().ask(query),
  lastIds: () => opened().lastIds(),
  expire: (limits) => expire(opened(), limits),
  sizeBytes: () => Promise.resolve(opened().sizeBytes()),
  close: async () => {
    compactPassed(Number.POSITIVE_INFINITY);
    const closing = database;
    // From here on nothing more is asked of it.
    database = undefined;
    await closing?.close();
  },
};

function opened(): Database {
  return ensure(database, 'open database');
}

/** The newest minute of the recording so far; its sums are still growing. */
let growingMinute = 0;

/** The minute before is complete: its sums are merged, after the append is acknowledged. */
function compactPassed(minute: number): void {
  if (minute <= growingMinute) return;
  const passed = growingMinute;
  growingMinute = minute;
  // A failure leaves the sums unmerged, and every answer the same.
  if (passed > 0)
    opened()
      .write((connection) => compactMinute(connection, passed))
      .catch(() => undefined);
}

/** 0 when there are no sums. The minute is the first column. */
function newestMinute({ numbers, rows }: EncodedTable): number {
  return numbers.subarray(0, rows).reduce((newest, minute) => Math.max(newest, minute), 0);
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
