// Budgets as a CI job uses them: the built product, a real program, real files.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';
import type { Log } from 'sarif';

import type { CheckReport } from '../../src/cli/check/check-report.ts';
import { widthOf } from '../../src/cli/terminal/text.ts';
import { Workplace, type Ended } from './command.ts';

/** GET /cart makes 8 calls, GET /order one. */
const SERVER = resolve('test/e2e/budget-server.cjs');
const QUIET = ['run', '--no-ui', '--summary', 'none', '--check'];
const BROKEN = `"*":
  - errors = 0
GET /cart:
  - operations ≤ 6
  - calls of "GET /price*" ≤ 8
GET /order:
  - operations ≤ 1
  - p95 ≤ 1 s
`;

let place: Workplace;
let recorded: Ended;
before(async () => {
  place = new Workplace();
  writeFileSync(place.path('broken.yml'), BROKEN);
  writeFileSync(place.path('kept.yml'), 'GET /cart: operations ≤ 8, new connections ≤ 4\n');
  writeFileSync(place.path('unknown.yml'), 'GET /order: p95 ≤ 1 s\n');
  writeFileSync(place.path('wrong.yml'), '"*":\n  - operations ≤ many\n');
  const program = ['--', 'node', SERVER, '8', '40'];
  const files = ['--junit', 'check.xml', '--sarif', 'check.sarif'];
  recorded = await place.run([...QUIET, 'broken.yml', ...files, ...program]);
});
after(() => place.remove());

const check = (...args: readonly string[]) => place.run(['check', '--budget', ...args]);

test('run --check: a broken budget ends a run that went well with 1, and says what broke', () => {
  assert.equal(recorded.code, 1, recorded.stderr);
  assert.match(
    recorded.stderr,
    /✕ GET \/cart +operations ≤ 6 +8 in one request\n +GET \/price\/:id.*budget-server\.cjs:22/,
  );
});

test('run --check: a program that failed keeps its code', async () => {
  const { code } = await place.run([
    ...QUIET,
    'broken.yml',
    '--data',
    'other',
    '--',
    'node',
    '-e',
    'process.exit(7)',
  ]);
  assert.equal(code, 7);
});

test('run --check: a mistake in the budget is said before the program starts', async () => {
  const { code, stdout, stderr } = await place.run(['run', '--check', 'wrong.yml', '--', 'echo', 'started']);
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /wrong\.yml:2: "many" is not a number/);
});

test('exit codes: kept 0, broken 1, mistake 2, nothing to tell 3; --strict', async () => {
  const codes = await Promise.all(
    [['kept.yml'], ['wrong.yml'], ['missing.yml']].map(async (args) => (await check(...args)).code),
  );
  assert.deepEqual(codes, [0, 2, 2]);
  assert.equal((await check('broken.yml')).code, 1);
  assert.equal((await check('unknown.yml')).code, 3);
  assert.equal((await check('unknown.yml', '--strict')).code, 1);
});

test('--json: every rule with what was measured', async () => {
  const { stdout } = await check('broken.yml', '--json');
  const report = JSON.parse(stdout) as CheckReport;
  assert.equal(report.schema, 'wiretime.check/1');
  const rows = report.results
    .filter(({ route, line }) => route !== '/price/:id' && line > 2)
    .map(({ route, rule, verdict, measured }) => [route, rule, verdict, measured]);
  assert.deepEqual(rows, [
    ['/cart', 'operations ≤ 6', 'broken', 8],
    ['/order', 'p95 ≤ 1 s', 'cannot-tell', null],
    ['/cart', 'calls of "GET /price*" ≤ 8', 'kept', 8],
    ['/order', 'operations ≤ 1', 'kept', 1],
  ]);
});

for (const [locale, sign] of [
  ['C.UTF-8', '≤'],
  ['C', '<='],
] as const)
  test(`text with ${locale}`, async () => {
    const { stdout } = await place.run(['check', '--budget', 'broken.yml'], { LC_ALL: locale });
    assert.ok(stdout.includes(`operations ${sign} 6`), stdout);
    for (const line of stdout.split('\n')) assert.ok(widthOf(line) <= 100, line);
  });

for (const width of [80, 120])
  test(`a terminal of ${width} columns`, async () => {
    const command = `stty cols ${width}; ${process.execPath} ${resolve('dist/cli.js')} check --budget broken.yml`;
    const running = place.startProgram('script', ['-qec', command, '/dev/null'], { TERM: 'dumb' });
    const { stdout, code } = await running.ended;
    assert.equal(code, 1, stdout);
    assert.match(stdout, /8 in one request/);
    for (const line of stdout.split(/\r?\n/)) assert.ok(widthOf(line) <= width, line);
  });

test('--markdown: what broke stands above what was kept', async () => {
  const { stdout } = await check('broken.yml', '--markdown', '-');
  assert.match(stdout, /^## ❌ Network budget\n/);
  assert.ok(stdout.indexOf('operations ≤ 6') < stdout.indexOf('<details>'));
});

test('--junit: as many cases, failures and skipped as the check has', () => {
  const xml = readFileSync(place.path('check.xml'), 'utf8');
  assert.match(xml, /^<\?xml [^>]*\?>\n<testsuites name="wiretime check" tests="7" failures="1" errors="0">/);
  assert.equal(xml.match(/<testcase /g)?.length, 7);
  assert.equal(xml.match(/<failure /g)?.length, 1);
  assert.equal(xml.match(/<skipped /g)?.length, 1);
});

test('--sarif: the broken rule at its call site, the open one in the budget', () => {
  const log = JSON.parse(readFileSync(place.path('check.sarif'), 'utf8')) as Log;
  assert.equal(log.version, '2.1.0');
  const [run] = log.runs;
  const results = run?.results?.map(({ ruleId, ruleIndex = -1, kind, level, locations }) => {
    assert.equal(run.tool.driver.rules?.[ruleIndex]?.id, ruleId);
    const { artifactLocation, region } = locations?.[0]?.physicalLocation ?? {};
    return [ruleId, kind, level, artifactLocation?.uri?.split('/').at(-1), region?.startLine];
  });
  assert.deepEqual(results, [
    ['budget/operations', 'fail', 'error', 'budget-server.cjs', 22],
    ['budget/time', 'open', 'none', 'broken.yml', 8],
  ]);
});
