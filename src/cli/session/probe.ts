// Does the agent work here? In: the agent's file. Out: what a tiny traced program made known through a private collector.
// The program asks itself over HTTP once, so one process, one request and one operation must arrive.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startCollector } from '../../collector/collector.ts';
import { CountingStore } from '../doctor/counting-store.ts';
import { agentVariables } from '../process/agent-environment.ts';
import { createSocketPlace } from './socket-path.ts';

export interface ProbeResult {
  readonly processes: number;
  readonly requests: number;
  readonly operations: number;
  /** What the program and Node wrote to stderr. */
  readonly complaint: string;
}

const PROGRAM = `
const http = require('node:http');
const server = http.createServer((request, response) => response.end('hello'));
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  http.get({ host: '127.0.0.1', port, path: '/wiretime-doctor', agent: false }, (response) => {
    response.resume();
    response.on('end', () => server.close());
  });
});
`;

/** Starting Node and one request take well under a second; slow disks get more. */
const TIMEOUT_MS = 10_000;

export async function probeAgent(agentFile: string, node: string = process.execPath): Promise<ProbeResult> {
  const folder = mkdtempSync(join(tmpdir(), 'wiretime-doctor-'));
  const place = createSocketPlace();
  const store = new CountingStore();
  try {
    const collector = await startCollector({ store, socketPath: place.path });
    const complaint = await runProgram(
      folder,
      node,
      agentVariables({ agentFile, socketPath: place.path }, {}),
    );
    await collector.stop();
    return { ...store.counts(), complaint };
  } finally {
    place.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

function runProgram(
  folder: string,
  node: string,
  variables: Readonly<Record<string, string>>,
): Promise<string> {
  const file = join(folder, 'hello.cjs');
  writeFileSync(file, PROGRAM);
  return new Promise((resolve) => {
    const child = spawn(node, [file], {
      cwd: folder,
      // Another check says that it is switched off.
      env: { ...process.env, ...variables, WIRETIME_DISABLED: '' },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: TIMEOUT_MS,
    });
    let complaint = '';
    child.stderr.on('data', (bytes: Buffer) => (complaint = (complaint + bytes.toString()).slice(-2000)));
    child.once('error', (error) => resolve(error.message));
    child.once('close', () => resolve(complaint.trim()));
  });
}
