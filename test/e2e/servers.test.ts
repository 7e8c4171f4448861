// The servers of tests and demo end with the process that started them, also when it is killed.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startServers, freePort } from '../../scripts/servers.ts';

const OWNER = `
import { startServers } from './scripts/servers.ts';
const { redis } = await startServers(['redis']);
console.log(JSON.stringify(redis));
setInterval(() => {}, 1000);
`;

interface Address {
  readonly port: number;
  readonly socket: string;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await isTrue())) {
    assert.ok(performance.now() < deadline, 'not within 10 s');
    await delay(20);
  }
}

test('a killed owner leaves no server and no files', async () => {
  const owner = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', OWNER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(owner.stdout, 'data')) as [Buffer];
  const redis = JSON.parse(line.toString()) as Address;
  assert.equal(await isListening(redis.port), true);
  owner.kill('SIGKILL');
  await until(async () => !(await isListening(redis.port)));
  await until(() => !existsSync(dirname(dirname(redis.socket))));
});

test('stop() ends the servers and removes their files', async () => {
  const servers = await startServers(['redis']);
  assert.equal(await isListening(servers.redis.port), true);
  await servers.stop();
  assert.equal(await isListening(servers.redis.port), false);
  assert.equal(existsSync(dirname(servers.redis.socket ?? '')), false);
});

test('two sets of servers do not meet', async () => {
  const [first, second] = await Promise.all([startServers(['redis']), startServers(['redis'])]);
  assert.notEqual(first.redis.port, second.redis.port);
  await first.stop();
  assert.equal(await isListening(second.redis.port), true);
  await second.stop();
});

test('a free port is nobody’s', async () => {
  assert.equal(await isListening(await freePort()), false);
});
