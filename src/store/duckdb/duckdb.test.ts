// DuckDB keeps the contract of stores, and says plainly what is wrong with its file.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { DuckDBInstance } from '@duckdb/node-api';
import { countOf } from '../../../test/contracts/store-reading.ts';
import { batchOf, NOON_US, operation, request, rollup } from '../../../test/contracts/store-rows.ts';
import { storeContract } from '../../../test/contracts/store.ts';
import { DATA_FILE, openStore } from '../open.ts';
import { columns, count, max, numbersOf, sum, textsOf } from '../query.ts';
import type { Store, StoreError } from '../store.ts';

const root = mkdtempSync(join(tmpdir(), 'wiretime-store-'));
let folders = 0;
const newFolder = (): string => join(root, String(++folders));

after(() => rmSync(root, { recursive: true, force: true }));

storeContract('duckdb', () => {
  let folder = '';
  return {
    openEmpty: () => openStore((folder = newFolder())),
    async reopen(store) {
      await store.close();
      return openStore(folder);
    },
    remove: async () => {},
  };
});

async function codeAndMessage(opening: Promise<Store>): Promise<[string, string]> {
  const error = await opening.then(
    async (store) => {
      await store.close();
      throw new Error('it opened');
    },
    (reason: StoreError) => reason,
  );
  return [error.code, error.message];
}

async function recording(rows = 1): Promise<string> {
  const folder = newFolder();
  const store = await openStore(folder);
  await store.append(
    batchOf({ requests: Array.from({ length: rows }, (_, index) => request({ id: index + 1 })) }),
  );
  await store.close();
  return folder;
}

/** A process that appends batches of 100 requests and as many operations until it is killed, saying each that is kept. */
function startAppending(folder: string): ChildProcess {
  const script = join(import.meta.dirname, '../../../test/contracts/append-until-killed.ts');
  return spawn(process.execPath, ['--import', 'tsx', script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** The number of the last batch that was acknowledged, once there are `wanted`. */
async function acknowledged(child: ChildProcess, wanted: number): Promise<() => number> {
  ok(child.stdout);
  let last = 0;
  const lines = createInterface({ input: child.stdout });
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the appending process ended')));
    lines.on('line', (line) => {
      last = Number(line);
      if (last >= wanted) resolve();
    });
  });
  return () => last;
}

test('loses nothing that was acknowledged when it is killed, and reads its log when opened again', async () => {
  const folder = newFolder();
  for (const wanted of [3, 40]) {
    const child = startAppending(folder);
    const exited = once(child, 'exit');
    const last = await acknowledged(child, wanted);
    child.kill('SIGKILL');
    await exited;
    ok(existsSync(join(folder, `${DATA_FILE}.wal`)), 'there is a log to be read');
    await checkWholeBatches(folder, last());
  }
});

async function checkWholeBatches(folder: string, acknowledgedBatch: number): Promise<void> {
  const store = await openStore(folder);
  for (const from of ['requests', 'operations'] as const) {
    const table = await store.ask({ from, select: { n: count(), last: max('id') } });
    const n = numbersOf(table, 'n')[0] ?? 0;
    equal(n % 100, 0);
    equal(n, numbersOf(table, 'last')[0]);
    ok(n >= acknowledgedBatch * 100, `${n} ${from} of ${acknowledgedBatch} batches`);
  }
  await store.close();
}

test('a recording that another process holds: says which', async () => {
  const folder = newFolder();
  const child = startAppending(folder);
  const exited = once(child, 'exit');
  await acknowledged(child, 1);
  for (const readOnly of [false, true]) {
    const [code, message] = await codeAndMessage(openStore(folder, { readOnly }));
    equal(code, 'held');
    match(message, new RegExp(`${child.pid}`));
  }
  child.kill('SIGKILL');
  await exited;
});

test('a recording that this process has open already is held, too', async () => {
  const folder = newFolder();
  const store = await openStore(folder);
  equal((await codeAndMessage(openStore(folder)))[0], 'held');
  await store.close();
  await (await openStore(folder)).close();
});

test('two may look at a recording at the same time from one folder each', async () => {
  const [first, second] = [await recording(2), await recording(3)];
  const stores = await Promise.all([
    openStore(first, { readOnly: true }),
    openStore(`file://${second}`, { readOnly: true }),
  ]);
  const counts = await Promise.all(
    stores.map((store) => store.ask({ from: 'requests', select: { n: count() } })),
  );
  equal(counts.map((table) => numbersOf(table, 'n')[0]).join(), '2,3');
  await Promise.all(stores.map((store) => store.close()));
});

test('looking only at what is not there makes nothing', async () => {
  const folder = newFolder();
  equal((await codeAndMessage(openStore(folder, { readOnly: true })))[0], 'not-found');
  ok(!existsSync(folder));
});

test('looking only refuses to append', async () => {
  const store = await openStore(await recording(), { readOnly: true });
  await rejects(store.append(batchOf({ requests: [request({ id: 2 })] })), { name: 'StoreError' });
  await store.close();
});

test('a place that cannot be written', async () => {
  const file = join(root, 'a-file');
  writeFileSync(file, '');
  const [code, message] = await codeAndMessage(openStore(join(file, 'below')));
  equal(code, 'not-writable');
  match(message, /cannot be written/);
});

test('a file that is something else is damaged, in one sentence', async () => {
  const folder = newFolder();
  mkdirSync(folder);
  writeFileSync(
    join(folder, DATA_FILE),
    'this is not a database, but it is long enough to look like one. '.repeat(500),
  );
  const [code, message] = await codeAndMessage(openStore(folder));
  equal(code, 'damaged');
  match(message, /is damaged and cannot be read\. Move it away/);
});

test('a file that was cut short is damaged', async () => {
  const folder = await recording(5000);
  const file = join(folder, DATA_FILE);
  truncateSync(file, Math.floor(statSync(file).size / 3));
  equal((await codeAndMessage(openStore(folder)))[0], 'damaged');
});

test('a file whose bytes were changed is damaged', async () => {
  const folder = await recording(5000);
  const file = join(folder, DATA_FILE);
  const noise = Buffer.alloc(64 * 1024, 0x5a);
  const handle = openSync(file, 'r+');
  for (let at = 12 * 1024; at < statSync(file).size; at += noise.length)
    writeSync(handle, noise, 0, noise.length, at);
  equal((await codeAndMessage(openStore(folder)))[0], 'damaged');
});

test('a recording of a newer wiretime is refused', async () => {
  const folder = await recording();
  const instance = await DuckDBInstance.create(join(folder, DATA_FILE));
  const connection = await instance.connect();
  await connection.run('UPDATE meta SET schema_version = 999');
  connection.closeSync();
  instance.closeSync();
  match((await codeAndMessage(openStore(folder)))[1], /newer wiretime/);
});

const CODE_LINE = {
  minute: Math.floor(NOON_US / 60_000_000),
  service: 'shop',
  method: 'GET',
  route: '/cart/:id',
  callSite: 'views/cart.js:33:5',
  name: 'renderCart',
  called: '',
  callers: 'routes.js:8:3 show',
  us: 120_000,
  blockedUs: 90_000,
  looks: 24,
};

test('an older recording is read as it is; when it is written, it gets the tables that came later', async () => {
  const folder = await recording();
  const instance = await DuckDBInstance.create(join(folder, DATA_FILE));
  const connection = await instance.connect();
  await connection.run('DROP TABLE closings');
  await connection.run('DROP TABLE codeLines');
  await connection.run('UPDATE meta SET schema_version = 3');
  connection.closeSync();
  instance.closeSync();
  const closings = { from: 'closings', select: columns('connection', 'atUs') } as const;
  const read = await openStore(folder, { readOnly: true });
  equal((await read.ask(closings)).rowCount, 0);
  const codeLines = { from: 'codeLines', select: columns('minute', 'route', 'callSite', 'us') } as const;
  equal((await read.ask(codeLines)).rowCount, 0);
  ok((await countOf(read, 'requests')) > 0);
  await read.close();
  const store = await openStore(folder);
  await store.append(batchOf({ closings: [{ connection: 3, atUs: NOON_US }], codeLines: [CODE_LINE] }));
  deepEqual([...numbersOf(await store.ask(closings), 'connection')], [3]);
  const lines = await store.ask(codeLines);
  deepEqual(
    [textsOf(lines, 'route'), textsOf(lines, 'callSite'), [...numbersOf(lines, 'us')]],
    [[CODE_LINE.route], [CODE_LINE.callSite], [CODE_LINE.us]],
  );
  await store.close();
});

test('texts of any length, also of rows that repeat them, come back as they are', async () => {
  const folder = newFolder();
  const store = await openStore(folder);
  // DuckDB keeps up to 12 bytes in the row and points to longer ones; a vector has 2048 rows.
  const texts = [
    '',
    'a',
    'GET x',
    'twelve bytes',
    'thirteen bytes',
    'ü'.repeat(6),
    'ü'.repeat(7),
    'SELECT '.repeat(400),
  ];
  const rows = Array.from({ length: 5000 }, (_, id) =>
    operation({
      id: id + 1,
      statement: texts[(id * id) % texts.length] ?? '',
      callSite: `file-${id % 1500}.ts:${id}:1`,
    }),
  );
  await store.append(batchOf({ operations: rows }));
  const table = await store.ask({
    from: 'operations',
    select: columns('id', 'statement', 'callSite'),
    orderBy: [{ by: 'id' }],
  });
  deepEqual(
    textsOf(table, 'statement'),
    rows.map(({ statement }) => statement),
  );
  deepEqual(
    textsOf(table, 'callSite'),
    rows.map(({ callSite }) => callSite),
  );
  await store.close();
});

test('a scheme without an engine is refused', async () => {
  match((await codeAndMessage(openStore('clickhouse://localhost/wiretime')))[1], /no store for clickhouse/);
});

test('room of what was forgotten is given back or used again', async () => {
  const folder = newFolder();
  const store = await openStore(folder);
  const day = 86_400_000_000;
  const fill = async (dayNumber: number): Promise<void> => {
    for (let batch = 0; batch < 15; batch++)
      await store.append(
        batchOf({ operations: manyOperations(dayNumber * 150_000 + batch * 10_000, dayNumber * day) }),
      );
  };
  const limits = (days: number) => ({
    now: days * 86_400_000,
    maxAgeDays: 1,
    maxBytes: 2 ** 40,
    rollupMaxAgeDays: 1,
  });
  await fill(1);
  await store.expire(limits(2));
  const one = await store.sizeBytes();
  for (const dayNumber of [4, 8, 12]) {
    await fill(dayNumber);
    equal((await store.expire(limits(dayNumber + 1))).operations, 150_000);
  }
  const four = await store.sizeBytes();
  await store.close();
  ok(four < one * 1.7, `${one} bytes for one day, ${four} after three more that replaced it`);
});

test('sums of a minute that has passed become one row', async () => {
  const store = await openStore(newFolder());
  const minutes = [10, 10, 10, 11, 10, 12];
  for (const minute of minutes) await store.append(batchOf({ rollups: [rollup({ minute })] }));
  // Merging is a write of its own, after the append was acknowledged; the next write waits for it.
  await store.append(batchOf({}));
  for (const from of ['rollups', 'histograms'] as const) {
    const table = await store.ask({ from, select: { n: count(), sum: sum('count') } });
    equal(numbersOf(table, 'sum')[0], minutes.length);
    equal(numbersOf(table, 'n')[0], 3);
  }
  await store.close();
});

function manyOperations(lastId: number, atUs: number) {
  return Array.from({ length: 10_000 }, (_, index) => {
    const id = lastId + index + 1;
    return operation({ id, atUs: atUs + index * 97, durationUs: (id * 2_654_435_761) % 100_000 });
  });
}
