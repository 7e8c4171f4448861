// Where a program makes its connection pools: told with the agent's reports about itself.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appPath, startApp, TestCollector, until } from './harness.ts';

test('pools of pg and mysql2 are told with the line that makes them', async () => {
  const collector = await new TestCollector().listen();
  const app = await startApp(appPath('pools.cjs'), { collector });
  await until('a report', () => collector.of('stats').length > 0);
  app.child.kill();
  await app.ended;
  await collector.close();
  const pools = collector.of('stats').at(-1)?.payload['pools'];
  assert.ok(Array.isArray(pools));
  const told = pools.map(({ library, callSite }: { library: string; callSite: number }) => {
    const stack = collector.of('callSite').find((record) => record.callSite === callSite)?.stack ?? '';
    return `${library} ${/pools\.cjs:\d+/.exec(stack)?.[0]}`;
  });
  assert.deepEqual(told, ['pg pools.cjs:7', 'mysql2 pools.cjs:10']);
});
