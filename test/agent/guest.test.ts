// The agent is a guest in programs of every kind: what they see, print and end with is the same with it as without. In: the programs of
// apps/guest/, each run twice. Out: their output compared, and the agent still at work at the end, without an error of its own.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { AGENT, appPath, runApp, TestCollector, until, type Ended } from './harness.ts';

const DEADLINE_MS = 60_000;

/** The names of a program's cases, as it tells them. */
function casesOf(app: string): readonly string[] {
  const text = execFileSync(process.execPath, [appPath(`guest/${app}`), '--list'], { encoding: 'utf8' });
  return text.trim().split('\n');
}

for (const app of ['odd.cjs'])
  for (const name of casesOf(app))
    test(`${app}: ${name}`, { timeout: DEADLINE_MS }, async () => {
      const options = { args: [name] };
      const collector = await new TestCollector().listen();
      const [bare, traced] = await Promise.all([
        runApp(appPath(`guest/${app}`), { ...options, isBare: true }),
        runApp(appPath(`guest/${app}`), { ...options, collector }),
      ]);
      await until('the streams end', () => collector.closedStreams === collector.streams.length);
      await collector.close();
      assert.deepEqual(shown(traced), shown(bare));
      assert.equal(collector.brokenStreams, 0);
      assert.deepEqual(
        collector
          .of('goodbye')
          .map(({ payload }) => payload['error'])
          .filter(Boolean),
        [],
        'the agent has switched itself off',
      );
    });

/** Without what differs from run to run, and without the frames of the agent in the middle of a stack. */
function shown({ code, signal, stdout, stderr }: Ended): object {
  return { code, signal, stdout, stderr: stderr.split('\n').filter(isForeign).map(plain) };
}

function isForeign(line: string): boolean {
  return (
    !line.includes(AGENT) && !/^ {4}at (?:Reflect\.apply|AsyncLocalStorage\.run|.*async_hooks)/.test(line)
  );
}

function plain(line: string): string {
  return line.replaceAll(/\d+/g, 'N');
}
