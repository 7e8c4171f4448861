// `npm run test:drivers [-- --only pg --node 20,22 --json FILE --resume --write]`: is every operation given to the right request, under contention,
// for every driver, version and Node, and however the program is started? In: the agent's sources, real servers. Out: a table on the
// terminal (with --write also in docs/attribution.md, with --json in a file; --resume: what that file says was well is not measured again);
// exit 1 when anything is wrong, hidden, or was not measured.

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startServers } from '../../scripts/servers.ts';
import { measureWays } from '../ways/measure-ways.ts';
import { WAYS } from '../ways/ways.ts';
import { buildAgent } from './agent.ts';
import { startBackend } from './backend.ts';
import { startBrokers } from './brokers.ts';
import type { Case } from './case.ts';
import { CASES } from './cases.ts';
import { missesMistakes } from './control.ts';
import { plain, wellMeasured } from './earlier-rows.ts';
import { measure, notMeasured, type Row } from './measure.ts';
import { nodeBinary } from './nodes.ts';
import { CERTIFICATE, startSecure } from './secure.ts';
import { printRow, printSummary, writeTable } from './table.ts';

const { values } = parseArgs({
  options: {
    node: { type: 'string', default: '20,22,24,26' },
    only: { type: 'string', default: '' },
    requests: { type: 'string', default: '100' },
    json: { type: 'string' },
    resume: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

/** `--only pg 8.23,run as`: parts of `driver workload`. */
const parts = values.only.split(',');
const isAsked = (driver: string, workload: string): boolean =>
  parts.some((part) => `${driver} ${workload}`.includes(part));
const nodes = values.node.split(',');
const chosen = CASES.map((one) => ({
  ...one,
  workloads: one.workloads.filter((workload) => isAsked(one.driver, workload)),
})).filter(({ workloads }) => workloads.length > 0);
const ways = WAYS.filter(({ name }) => isAsked('run as', name));
const rows: Row[] = values.resume ? wellMeasured(values.json) : [];
const known = new Set(rows.map(({ node, driver, workload }) => `${node} ${driver} ${workload}`));
const runs = nodes
  .flatMap((version) => chosen.filter((one) => runsOn(one, version)))
  .flatMap(({ workloads }) => workloads);
const total = runs.length + ways.length * nodes.length;

const databases = await startServers(
  ['postgres', 'redis', 'mariadb'],
  (line) => console.error(line),
  CERTIFICATE,
);
const brokers = await startBrokers(new Set(chosen.flatMap(({ brokers: names = [] }) => names)));
// The databases end with this process however it ends; these do not.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void brokers.stop().finally(() => process.exit(130)));
const { rabbit, mongo } = brokers.ports;
const secure = await startSecure({ redis: databases.redis.port, rabbit, mongo });
const servers = { ...databases, http: await startBackend(), secure, ...brokers.ports };
const agent = await buildAgent(true);

const control = CASES.find(({ driver }) => driver === 'pg 8.23');
const blindness = control && (await missesMistakes(control, 'pg pool.query', servers));
if (blindness !== undefined) throw new Error(blindness);

const done = (row: Row): void => {
  rows.push(row);
  printRow(row, `${rows.length}/${total}`);
  // After each: a run of an hour that is broken off has measured what it has measured.
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(rows.map(plain), undefined, 1));
};
for (const version of nodes) {
  const around = { node: nodeBinary(version), version, agent, requests: Number(values.requests), servers };
  for (const one of chosen.filter((one) => runsOn(one, version)))
    for (const workload of one.workloads) {
      if (known.has(`${version} ${one.driver} ${workload}`)) continue;
      const missing = missingFor(one);
      const asked = { ...one, workload };
      done(missing === undefined ? await measure(asked, around) : notMeasured(asked, version, missing));
    }
  const left = ways.filter(({ name }) => !known.has(`${version} run as ${name}`));
  await measureWays(left, { ...around, database: databases.postgres.url }, done);
}

printSummary(rows);
if (values.write) writeTable(rows);
await brokers.stop();
await databases.stop();
process.exit(rows.some(({ problems }) => problems.length > 0) || rows.length === 0 ? 1 : 0);

function runsOn({ sinceNode = 0 }: Case, version: string): boolean {
  return Number(version) >= sinceNode;
}

/** Why a case cannot be measured here. */
function missingFor({ brokers: names = [] }: Case): string | undefined {
  const name = names.find((name) => brokers.missing.has(name));
  return name === undefined ? undefined : `no ${name}: ${brokers.missing.get(name)}`;
}
