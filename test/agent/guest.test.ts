// The agent is a guest in programs of every kind: what they see, print and end with is the same with it as without. In: the programs of
// apps/guest/, each run twice. Out: their output compared, and the agent still at work at the end, without an error of its own.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { AGENT, appPath, NODE, runApp, TestCollector, until, type Ended } from './harness.ts';

const DEADLINE_MS = 60_000;
const AT_ONCE = 2;
const MAJOR = Number(execFileSync(NODE, ['-p', 'process.versions.node'], { encoding: 'utf8' }).split('.')[0]);

/** Flags of Node that make it stricter, and a program that runs with them. */
const FLAGS: readonly (readonly string[])[] = [
  ['--frozen-intrinsics'],
  ['--disallow-code-generation-from-strings'],
  ['--disable-proto=throw'],
  ['--disable-proto=delete'],
  ['--throw-deprecation', '--pending-deprecation'],
  ['--trace-warnings', '--trace-uncaught'],
  ['--enable-source-maps'],
  ['--stack-trace-limit=0'],
  ['--no-deprecation', '--no-warnings'],
  [MAJOR < 22 ? '--experimental-permission' : '--permission', '--allow-fs-read=*', ...allowed(MAJOR)],
];

function allowed(major: number): readonly string[] {
  return major < 25 ? [] : ['--allow-net'];
}

/** The names of a program's cases, as it tells them. */
function casesOf(app: string): readonly string[] {
  const text = execFileSync(process.execPath, [appPath(`guest/${app}`), '--list'], { encoding: 'utf8' });
  return text.trim().split('\n');
}

interface Pair {
  readonly bare: Ended;
  readonly traced: Ended;
  readonly collector: TestCollector;
}

/** With the agent and without, at the same time. */
async function pairOf(app: string, name: string, nodeArgs: readonly string[] = []): Promise<Pair> {
  const options = { args: [name], nodeArgs };
  const collector = await new TestCollector().listen();
  const [bare, traced] = await Promise.all([
    runApp(appPath(`guest/${app}`), { ...options, isBare: true }),
    runApp(appPath(`guest/${app}`), { ...options, collector }),
  ]);
  await until('the streams end', () => collector.closedStreams === collector.streams.length);
  await collector.close();
  return { bare, traced, collector };
}

function assertGuest({ bare, traced, collector }: Pair): void {
  assert.deepEqual(shown(traced), shown(bare));
  assert.equal(collector.brokenStreams, 0);
  const errors = collector.of('goodbye').map(({ payload }) => payload['error']);
  assert.deepEqual(errors.filter(Boolean), [], 'the agent has switched itself off');
}

/** Without what differs from run to run, and without the frames of the agent in the middle of a stack. */
function shown({ code, signal, stdout, stderr }: Ended): object {
  return { code, signal, stdout: plain(stdout), stderr: stderr.split('\n').filter(isForeign).map(plain) };
}

function isForeign(line: string): boolean {
  return (
    !line.includes(AGENT) && !/^ {4}at (?:Reflect\.apply|AsyncLocalStorage\.run|.*async_hooks)/.test(line)
  );
}

function plain(text: string): string {
  return text.replaceAll(/\d{4,}|(?<=[:(#])\d+|(?<=async_id_symbol\)\]?: )\d+/g, 'N');
}

for (const app of ['odd.cjs', 'threads.cjs', 'peers.cjs', 'http2.cjs'])
  describe(`as without the agent, ${app}`, { concurrency: AT_ONCE }, () => {
    for (const name of casesOf(app))
      test(name, { timeout: DEADLINE_MS }, async () => assertGuest(await pairOf(app, name)));
  });

describe('as without the agent, with flags', { concurrency: AT_ONCE }, () => {
  for (const flags of FLAGS)
    test(flags.join(' '), { timeout: DEADLINE_MS }, async () => {
      const pair = await pairOf('peers.cjs', 'events of a request, in order', flags);
      assertGuest(pair);
      assert.ok(pair.collector.of('requestStart').length > 0, 'it did take notes');
    });
});

describe('as without the agent, failures.cjs', { concurrency: AT_ONCE }, () => {
  for (const name of casesOf('failures.cjs'))
    test(name, { timeout: DEADLINE_MS }, async () => {
      const pair = await pairOf('failures.cjs', name);
      assertGuest(pair);
      if (name.startsWith('a pool')) assert.ok(pair.collector.of('call').length >= 2, 'the pool is watched');
    });
});

test('where functions do not tell their text, the application starts without the agent', async () => {
  const isLoaded = async (...files: readonly string[]): Promise<string> => {
    const options = files.map((file) => `--require ${file}`).join(' ');
    const env = { NODE_OPTIONS: options, WIRETIME_SOCKET: '/nowhere/wiretime.sock' };
    const { stdout } = await runApp('-p', { args: ["Symbol.for('wiretime.agent') in process"], env });
    return stdout.trim();
  };
  assert.equal(await isLoaded(appPath('guest/no-text.cjs'), AGENT), 'false');
  assert.equal(await isLoaded(AGENT), 'true');
});

/** Modules of Node that applications know, loaded for the agent in a program that only uses `net`. More would cost memory and start-up. */
const LOADED: ReadonlySet<string> = new Set(['os', 'perf_hooks']);

test('the agent loads next to nothing of Node', async () => {
  const { bare, traced } = await pairOf('modules.cjs', '');
  const without = new Set(JSON.parse(bare.stdout) as readonly string[]);
  const more = (JSON.parse(traced.stdout) as readonly string[]).filter((name) => !without.has(name));
  assert.deepEqual(
    more.filter((name) => !LOADED.has(name)),
    [],
  );
});

interface Looks {
  readonly looks: Readonly<Record<string, unknown>>;
  readonly sources: Readonly<Record<string, string>>;
}

describe('looks as without the agent', { concurrency: AT_ONCE }, () => {
  for (const name of casesOf('looks.cjs'))
    test(name, { timeout: DEADLINE_MS }, async () => {
      const pair = await pairOf('looks.cjs', name);
      if (!pair.bare.stdout.includes('"sources"')) return assertGuest(pair);
      const bare = JSON.parse(pair.bare.stdout) as Looks;
      const traced = JSON.parse(pair.traced.stdout) as Looks;
      assert.deepEqual(traced.looks, bare.looks);
      const patched = Object.keys(bare.sources).filter((key) => traced.sources[key] !== bare.sources[key]);
      assert.ok(patched.length > 0, 'nothing was patched');
    });
});
