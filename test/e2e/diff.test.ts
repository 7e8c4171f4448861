// Comparisons as a CI job makes them: the built product over recordings whose requests are known, and over two real ones.

import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';

import { seededRandom } from '../../src/analysis/statistics/chances.ts';
import type { DiffReport } from '../../src/answer/traces/compare.ts';
import { widthOf } from '../../src/cli/terminal/text.ts';
import { openStore } from '../../src/store/open.ts';
import { batchOf, categories, NOON_US, phases, request, rollup } from '../contracts/store-rows.ts';
import { Workplace } from './command.ts';

const SERVER = resolve('test/e2e/budget-server.cjs');
const RUN = ['run', '--no-ui', '--summary', 'none', '--data'];
const SECONDS = 60;

let place: Workplace;
before(async () => {
  place = new Workplace();
  await record('before', { cartUs: 10_000, calls: 1, seed: 1 });
  await record('again', { cartUs: 10_000, calls: 1, seed: 2 });
  await record('after', { cartUs: 15_000, calls: 8, seed: 3 });
});
after(() => place.remove());

interface Shape {
  readonly cartUs: number;
  readonly calls: number;
  readonly seed: number;
}

/** A minute of GET /cart and GET /order, five each a second; and an endpoint of its own for each recording. */
async function record(name: string, { cartUs, calls, seed }: Shape): Promise<void> {
  const random = seededRandom(seed);
  const spread = (us: number) => Math.round(us * Math.exp(0.5 * (random() + random() - 1)));
  const requests = Array.from({ length: SECONDS * 10 }, (_, index) => {
    const isCart = index % 2 === 0;
    const durationUs = spread(isCart ? cartUs : 5000);
    return request({
      id: index + 1,
      atUs: NOON_US + index * 100_000,
      route: isCart ? '/cart' : '/order',
      durationUs,
      categories: categories({ own: 1000, db: durationUs - 1000 }),
      operationCount: isCart ? calls : 1,
      treeOperationCount: isCart ? calls : 1,
    });
  });
  const only = request({ id: 9001, route: `/only/${name}`, atUs: NOON_US });
  const sums = rollup({
    route: '/cart',
    statement: 'SELECT 2',
    count: calls * SECONDS * 5,
    phases: phases({ wait: 1 }),
  });
  const store = await openStore(place.path(name));
  await store.append(batchOf({ requests: [...requests, only], rollups: [sums] }));
  await store.close();
}

const diff = (...args: readonly string[]) => place.run(['diff', ...args]);

async function reportOf(...args: readonly string[]): Promise<DiffReport> {
  const { stdout, stderr } = await diff(...args, '--json');
  // On a busy machine this takes long, and says so.
  assert.match(stderr, /^((Opening the recording in|Looking at) .*\n)*$/);
  return JSON.parse(stdout) as DiffReport;
}

const verdictsOf = ({ endpoints }: DiffReport) =>
  Object.fromEntries(endpoints.map(({ route, verdict }) => [route, verdict]));

test('what is slower, the same, new and gone', async () => {
  const report = await reportOf('before', 'after');
  assert.deepEqual(verdictsOf(report), {
    '/cart': 'slower',
    '/only/after': 'new',
    '/only/before': 'gone',
    '/order': 'no-change',
  });
  const [cart] = report.endpoints;
  assert.ok(cart?.latency);
  const { ratio, low, high } = cart.latency.p50;
  assert.ok(low < 1.5 && high > 1.5 && low > 1.3, `${low} ${ratio} ${high}`);
  assert.deepEqual(cart.operationsPerRequest, { a: 1, b: 8 });
  assert.deepEqual(cart.statements, [
    { statement: 'SELECT 2', dependency: 'Postgres', perRequest: { a: 1, b: 8 } },
  ]);
});

test('the parts of the mean add up to its change', async () => {
  const { endpoints } = await reportOf('before', 'after');
  for (const { categories: parts, meanMs, verdict } of endpoints) {
    if (verdict === 'new' || verdict === 'gone') continue;
    const sum = parts.reduce((total, { sameWorkMs, otherWorkMs }) => total + sameWorkMs + otherWorkMs, 0);
    assert.ok(Math.abs(sum - (meanMs.b - meanMs.a)) < 0.02, `${sum} ${meanMs.a} ${meanMs.b}`);
  }
});

test('nothing has changed', async () => {
  const verdicts = verdictsOf(await reportOf('before', 'again'));
  assert.deepEqual([verdicts['/cart'], verdicts['/order']], ['no-change', 'no-change']);
});

test('exit codes', async () => {
  const codeOf = async (...args: readonly string[]) => (await diff(...args)).code;
  assert.equal(await codeOf('before', 'after'), 0);
  assert.equal(await codeOf('before', 'after', '--fail-on', 'slower'), 1);
  assert.equal(await codeOf('before', 'again', '--fail-on', 'any'), 0);
  assert.equal(await codeOf('after', 'before', '--fail-on', 'slower'), 0);
  assert.equal(await codeOf('before', 'before'), 2);
  assert.equal(await codeOf('before', 'after@noon..14:00'), 2);
  assert.equal(await codeOf('before', 'missing'), 1);
  assert.equal(await codeOf('before@..-50s', 'after@..-50s'), 3);
});

test('two times of one recording', async () => {
  const report = await reportOf('@-30s..', '@..-30s', '--data', 'before');
  const [a, b] = [report.sides.a, report.sides.b];
  assert.equal(a.requests + b.requests, SECONDS * 10 + 1);
  assert.ok(b.to < a.from);
});

test('Markdown: a table of what changed', async () => {
  const { stdout } = await diff('before', 'after', '--markdown');
  assert.match(stdout, /^## What changed\n/);
  assert.match(stdout, /\| \*\*slower\*\* \| `GET \/cart` \| \d+\.\d+.ms → 15\.\d.ms, \+/);
});

for (const width of [80, 120])
  for (const locale of ['C.UTF-8', 'C'])
    test(`a terminal of ${width} columns, ${locale}`, async () => {
      const command = `stty cols ${width}; ${process.execPath} ${resolve('dist/cli.js')} diff before after`;
      const running = place.startProgram('script', ['-qec', command, '/dev/null'], {
        LC_ALL: locale,
        TERM: 'dumb',
      });
      const { stdout, code } = await running.ended;
      assert.equal(code, 0, stdout);
      assert.match(stdout, locale === 'C' ? /x slower +GET \/cart/ : /✕ slower +GET \/cart/);
      // What is said while a recording opens, and taken back.
      const parts = stdout.split('\r').map((part) => part.split('\u001b[K').at(-1) ?? '');
      for (const line of parts.join('').split('\n')) assert.ok(widthOf(line) <= width, line);
    });

test('two real recordings: too little for times, enough for counts', async () => {
  for (const [folder, calls] of [
    ['one', '1'],
    ['three', '3'],
  ] as const)
    await place.run([...RUN, folder, '--', 'node', SERVER, calls, '20']);
  const { code, stdout } = await diff('one', 'three');
  assert.equal(code, 3, stdout);
  assert.match(stdout, /\? cannot tell +GET \/cart +20 → 20 requests\n +A: 20 requests, 48 are needed/);
  assert.match(stdout, /operations 1\.00 → 3\.00 per request/);
});
