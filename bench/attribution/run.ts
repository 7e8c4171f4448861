// `tsx bench/attribution/run.ts [--node 20,22] [--driver pg] [--workload pool] [--requests 100] [--write]`: is every operation given to the
// right request, under contention, for every driver, version and Node? In: the agent's sources, real servers. Out: a table on the terminal
// (with --write also in docs/attribution.md); exit 1 when anything is wrong, hidden, or was not measured.

import { parseArgs } from 'node:util';
import { startServers } from '../../scripts/servers.ts';
import { buildAgent } from './agent.ts';
import { startBackend } from './backend.ts';
import { startBrokers } from './brokers.ts';
import type { Case } from './case.ts';
import { CASES } from './cases.ts';
import { missesMistakes } from './control.ts';
import { measure, type Row } from './measure.ts';
import { nodeBinary } from './nodes.ts';
import { printRow, writeTable } from './table.ts';

const { values } = parseArgs({
  options: {
    node: { type: 'string', default: '20,22,24,26' },
    driver: { type: 'string', default: '' },
    workload: { type: 'string', default: '' },
    requests: { type: 'string', default: '100' },
    write: { type: 'boolean', default: false },
  },
});

const databases = await startServers(['postgres', 'redis', 'mariadb'], (line) => console.error(line));
const chosen = CASES.filter(({ driver }) => driver.includes(values.driver));
const brokers = await startBrokers(new Set(chosen.flatMap(({ brokers = [] }) => brokers)));
const servers = { ...databases, http: await startBackend(), ...brokers.ports };
const agent = await buildAgent(true);
const requests = Number(values.requests);

const control = CASES.find(({ driver }) => driver === 'pg 8.23');
const blindness = control && (await missesMistakes(control, 'pg pool.query', servers));
if (blindness !== undefined) throw new Error(blindness);

const rows: Row[] = [];
for (const version of values.node.split(',')) {
  const around = { node: nodeBinary(version), version, agent, requests, servers };
  for (const one of CASES.filter((one) => isWanted(one, version)))
    for (const workload of one.workloads.filter((name) => name.includes(values.workload))) {
      const row = await measure({ ...one, workload }, around);
      rows.push(row);
      printRow(row);
    }
}

if (values.write) writeTable(rows);
await brokers.stop();
await databases.stop();
const bad = rows.filter((row) => row.problems.length > 0);
console.log(`${rows.length} runs, ${bad.length} with problems`);
process.exit(bad.length > 0 || rows.length === 0 ? 1 : 0);

function isWanted({ driver, sinceNode = 0 }: Case, version: string): boolean {
  return driver.includes(values.driver) && Number(version) >= sinceNode;
}
