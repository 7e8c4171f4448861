// A program sees the same drivers with the agent as without: names, lengths, keys, listeners, results, errors. Real drivers, real servers.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { buildAgent } from '../../bench/attribution/agent.ts';
import { testServers } from '../servers.ts';

const PROGRAM = new URL('driver-looks.cjs', import.meta.url).pathname;

const servers = await testServers(['postgres', 'redis', 'mariadb']);
after(() => servers.stop());

interface Looks {
  readonly hasAgent: boolean;
  readonly description: object;
}

async function looks(more: NodeJS.ProcessEnv): Promise<Looks> {
  const env = { ...process.env, ...more, WIRETIME_TEST_SERVERS: JSON.stringify(servers) };
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM], { env });
  return JSON.parse(stdout) as Looks;
}

test('drivers look the same with the agent', async () => {
  const agent = await buildAgent(true);
  const without = await looks({});
  const withAgent = await looks({ NODE_OPTIONS: `--require ${agent}`, WIRETIME_SOCKET: '/nowhere.sock' });
  assert.deepEqual([without.hasAgent, withAgent.hasAgent], [false, true]);
  assert.deepEqual(withAgent.description, without.description);
});
