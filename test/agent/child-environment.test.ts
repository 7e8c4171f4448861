// A child that is started with an environment of its own has no agent: its parent says so.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appPath, startApp, TestCollector, until } from './harness.ts';

test('the parent names a child that loses the agent, and no other', async () => {
  const collector = await new TestCollector().listen();
  const app = await startApp(appPath('spawns.cjs'), { collector });
  await until('it is told', () => collector.of('stats').some(({ payload }) => namesIn(payload).length > 0));
  app.child.kill();
  await app.ended;
  const names = collector.of('stats').flatMap(({ payload }) => namesIn(payload));
  assert.deepEqual([...new Set(names)], ['spawns.cjs (started with an env of its own)']);
  await collector.close();
});

function namesIn({ notVisible }: Readonly<Record<string, unknown>>): readonly unknown[] {
  return Array.isArray(notVisible) ? notVisible : [];
}
