// However a program is started: every request seen once, every operation right, no tools, the same exit code. A fast part of bench/ways, with
// what the project itself has installed.

import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { after, test } from 'node:test';
import { buildAgent } from '../../bench/attribution/agent.ts';
import { measureWays } from '../../bench/ways/measure-ways.ts';
import { QUICK_WAYS, WAYS } from '../../bench/ways/ways.ts';
import { testServers } from '../servers.ts';

const servers = await testServers(['postgres']);
const agent = await buildAgent(true);
after(() => servers.stop());

for (const way of WAYS.filter(({ name }) => QUICK_WAYS.has(name)))
  test(`started as ${way.name}`, async () => {
    const around = {
      node: process.execPath,
      version: process.versions.node,
      agent,
      database: servers.postgres.url,
    };
    let problems: readonly string[] = ['not measured'];
    await measureWays([way], around, (row) => (problems = row.problems), resolve('node_modules'));
    assert.deepEqual(problems, []);
  });
