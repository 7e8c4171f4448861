// Every operation belongs to the right request, with the drivers that this project installs; a fast part of bench/attribution.
// Real servers, 50 requests at once, pools of 5. The full run has all versions of drivers and Node.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { buildAgent } from '../../bench/attribution/agent.ts';
import { startBackend } from '../../bench/attribution/backend.ts';
import type { Case } from '../../bench/attribution/case.ts';
import { missesMistakes } from '../../bench/attribution/control.ts';
import type { Style } from '../../bench/attribution/entry.ts';
import { measure } from '../../bench/attribution/measure.ts';
import { testServers } from '../servers.ts';

const CASES: readonly (readonly [module: string, style: Style, workloads: readonly string[]])[] = [
  ['pg', 'cjs', ['pg pool.query', 'pg pool.connect, await', 'pg client with a queue', 'pg pool of 1']],
  ['pg', 'bundle', ['pg pool.query']],
  ['mysql2', 'cjs', ['mysql2 promise pool.execute', 'mysql2 connection with a queue', 'mysql2 pool of 1']],
  ['mariadb', 'cjs', ['mariadb pool.query', 'mariadb getConnection of 1']],
  ['knex', 'cjs', ['knex select, pg', 'knex pool of 1, mysql2']],
  ['sequelize', 'cjs', ['sequelize pool of 1, pg']],
  ['ioredis', 'esm', ['ioredis auto-pipelining', 'ioredis multi']],
  ['redis', 'cjs', ['node-redis, some aborted', 'node-redis pool']],
  ['undici', 'cjs', ['undici Pool of 2, pipelining', 'undici fetch with 2', 'undici HTTP/2']],
  ['node:http', 'cjs', ['fetch', 'http.Agent with 2']],
  ['node:http2', 'cjs', ['http2 cold, TLS']],
  ['@grpc/grpc-js node:http2', 'cjs', ['grpc, nested callbacks', 'grpc streams', 'grpc and http2']],
  ['@grpc/grpc-js', 'bundle', ['grpc unary']],
  ['postgres', 'esm', ['postgres.js, many at once', 'postgres.js cold']],
];

const REQUESTS = 60;

const databases = await testServers(['postgres', 'redis', 'mariadb']);
const servers = { ...databases, http: await startBackend() };
const agent = await buildAgent(true);
after(() => databases.stop());

/** The driver, and what else the workload needs, are those in the project's own node_modules. */
function caseOf(modules: string, style: Style): Case {
  return { driver: modules, packages: [], modules: modules.split(' '), workloads: [], style };
}

test('without hints operations are given to wrong requests, and that is noticed', async () => {
  assert.equal(await missesMistakes(caseOf('pg', 'cjs'), 'pg pool.query', servers), undefined);
});

for (const [module, style, workloads] of CASES)
  for (const workload of workloads)
    test(`${workload} (${style})`, async () => {
      const around = {
        node: process.execPath,
        version: process.versions.node,
        agent,
        requests: REQUESTS,
        servers,
      };
      const row = await measure({ ...caseOf(module, style), workload }, around);
      assert.deepEqual(row.problems, []);
      assert.ok(row.right > 0);
    });
