// A Redis Cluster of three nodes. In: nothing. Out: the port of one of them, once they know each other.

import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort, startProgram, type Server } from '../../test/captures/servers.ts';

/** Fewer the program that joins them refuses. */
const NODES = 3;
const LIMIT_MS = 30_000;
const POLL_MS = 50;

export async function startRedisCluster(): Promise<Server> {
  const nodes = await Promise.all(Array.from({ length: NODES }, startNode));
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  execFileSync('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes'], { stdio: 'ignore' });
  const deadline = Date.now() + LIMIT_MS;
  while (!nodes.every(({ port }) => isReady(port))) {
    if (Date.now() > deadline) throw new Error('the nodes of Redis Cluster do not find each other');
    await delay(POLL_MS);
  }
  const [first] = nodes;
  if (first === undefined) throw new Error('no nodes');
  const stop = async (): Promise<void> => void (await Promise.all(nodes.map((node) => node.stop())));
  return { port: first.port, version: first.version, stop };
}

/** The nodes talk to each other on a port of their own, by default 10000 above, where there may be none. */
async function startNode(): Promise<Server> {
  const busPort = await freePort();
  const settings = [
    '--cluster-enabled',
    'yes',
    '--cluster-port',
    String(busPort),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
  ];
  return startProgram(
    'redis-server',
    (port, folder) => ['--port', String(port), '--dir', folder, ...settings],
    ['--version'],
  );
}

function isReady(port: number): boolean {
  const info = execFileSync('redis-cli', ['-p', String(port), 'cluster', 'info'], { encoding: 'utf8' });
  return info.includes('cluster_state:ok');
}
