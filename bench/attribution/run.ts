// `tsx bench/attribution/run.ts [--node 20,22] [--driver pg] [--requests 300] [--write]`: is every operation given to the right request,
// under contention, for every driver, version and Node? In: the agent as built, real servers. Out: a table; exit 1 when anything is wrong.

import { parseArgs } from 'node:util';
import { startBackend } from './backend.ts';
import { CASES } from './cases.ts';
import { startServers } from '../../scripts/servers.ts';
import { measure, type Row } from './measure.ts';
import { nodeBinary } from './nodes.ts';
import { printRow, writeTable } from './table.ts';

const { values } = parseArgs({
  options: {
    node: { type: 'string', default: '20,22,24,26' },
    driver: { type: 'string', default: '' },
    workload: { type: 'string', default: '' },
    agent: { type: 'string', default: 'dist/agent.cjs' },
    requests: { type: 'string', default: '200' },
    write: { type: 'boolean', default: false },
  },
});

const databases = await startServers(['postgres', 'redis', 'mariadb'], (line) => console.error(line));
const http = await startBackend();
const rows: Row[] = [];
for (const version of values.node.split(',')) {
  const node = nodeBinary(version);
  for (const one of CASES.filter(
    ({ driver, sinceNode = 0 }) => driver.includes(values.driver) && Number(version) >= sinceNode,
  ))
    for (const workload of one.workloads.filter((name) => name.includes(values.workload))) {
      const row = await measure(
        { ...one, workload },
        {
          node,
          version,
          agent: values.agent,
          requests: Number(values.requests),
          servers: { ...databases, http },
        },
      );
      rows.push(row);
      printRow(row);
    }
}
if (values.write) writeTable(rows);
await databases.stop();
const bad = rows.filter((row) => row.problems.length > 0);
console.log(`${rows.length} runs, ${bad.length} with problems`);
process.exit(bad.length > 0 || rows.length === 0 ? 1 : 0);
