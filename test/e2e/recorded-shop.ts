// The shop for a few seconds under the built product. In: which faults are fixed. Out: what the customers counted, what was
// stored, and the report; the recording is removed with `close()`.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Report } from '../../src/answer/api.ts';
import { createDatabase } from '../../scripts/servers/database.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { testServers } from '../servers.ts';

/** What load.js counted. */
export interface Counts {
  readonly sent: number;
  readonly unanswered: number;
  /** Endpoint ("GET /api/cart/:id") → status → how many. */
  readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Endpoint → how long the customers waited. */
  readonly latencyMs: Readonly<Record<string, { readonly total: number }>>;
  /** Cart → how often it was loaded. */
  readonly cartLoads: Readonly<Record<string, number>>;
}

export interface RecordedShop {
  readonly counts: Counts;
  readonly report: Report;
  readonly store: Store;
  /** Cart → lines in it. */
  readonly cartLines: ReadonlyMap<string, number>;
  /** What the program and wiretime printed. */
  readonly printed: string;
  close(): Promise<void>;
}

/** Under a minute, also on a busy machine. */
const LIMIT_MS = 90_000;

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}

async function linesOfCarts(databaseUrl: string): Promise<Map<string, number>> {
  const client = new Client(databaseUrl);
  await client.connect();
  const { rows } = await client.query<{ cart_id: number; lines: string }>(
    'SELECT cart_id, count(*) AS lines FROM shop.cart_items GROUP BY cart_id',
  );
  await client.end();
  return new Map(rows.map(({ cart_id, lines }) => [String(cart_id), Number(lines)]));
}

async function runProduct(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  assert.ok(existsSync('dist/cli.js'), 'dist/cli.js is missing: npm run build');
  const child = spawn(process.execPath, ['dist/cli.js', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    timeout: LIMIT_MS,
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  assert.equal(code, 0, printed);
  return printed;
}

export interface ShopOptions {
  readonly seconds: number;
  /** Customers' requests per second. */
  readonly rate: number;
  /** Faults to switch off. */
  readonly fixed?: readonly string[];
}

/** Records the shop for a while. Without Python: that is not traced yet. */
export async function recordShop({ seconds, rate, fixed = [] }: ShopOptions): Promise<RecordedShop> {
  const servers = await testServers(['postgres', 'redis']);
  const database = await createDatabase(servers.postgres.url, `shop_${randomBytes(4).toString('hex')}`);
  const folder = mkdtempSync(join(tmpdir(), 'wiretime-shop-'));
  const file = (name: string) => join(folder, name);
  const shop = ['examples/shop/start.js', '--no-python', `--seconds=${seconds}`, `--rate=${rate}`];
  const options = ['--no-ui', '--data', file('data'), '--json', file('report.json')];
  const printed = await runProduct(
    ['run', ...options, '--', 'node', ...shop, '--counts', file('counts'), ...fixed.flatMap(asOption)],
    { DATABASE_URL: database, REDIS_URL: servers.redis.url, NO_COLOR: '1' },
  );
  const store = await openStore(file('data'), { readOnly: true });
  return {
    counts: readJson<Counts>(file('counts')),
    report: readJson<Report>(file('report.json')),
    store,
    cartLines: await linesOfCarts(database),
    printed,
    async close() {
      await store.close();
      await servers.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function asOption(name: string): string[] {
  return ['--fixed', name];
}
