// `npm run test:nodes`: the agent's tests with every supported Node, and that programs run on older ones as without it. Fetches the binaries of Node from npm once, into node_modules/.cache.
// The test runner itself stays on this Node; the traced programs run on the others (WIRETIME_TEST_NODE).

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { agentOptions } from './build-agent.ts';

const MAJORS = ['22', '24', '26'];
const TESTS = ['test/agent'];
const cache = resolve('node_modules/.cache/wiretime');

/** Path of the binary of a major version, fetched when it is not there. */
function binaryOf(major: string): string {
  const folder = join(cache, `node-${major}`);
  const binary = join(folder, 'package/bin/node');
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  const name = `node-${process.platform}-${process.arch}@${major}`;
  const packed = execFileSync('npm', ['pack', '--silent', name], { cwd: folder, encoding: 'utf8' });
  const file = packed.trim().split('\n').at(-1) ?? '';
  execFileSync('tar', ['xzf', file], { cwd: folder });
  return binary;
}

function testFiles(): string[] {
  return TESTS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => join(folder, name)),
  );
}

function run(major: string): boolean {
  const binary = binaryOf(major);
  const version = execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim();
  console.log(`nodes: ${version}`);
  const { status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--test', '--test-concurrency=1', ...testFiles()],
    { stdio: 'inherit', env: { ...process.env, WIRETIME_TEST_NODE: binary } },
  );
  return status === 0;
}

/** The agent stays out of these: a program that was given it runs, and prints what it prints without. */
const OLD_MAJORS = ['12', '14', '16', '18'];
const PROGRAM = `
const http = require('http');
const server = http.createServer((q, s) => s.end(q.url)).listen(0, '127.0.0.1', () =>
  http.get({ port: server.address().port, path: '/asked' }, (answer) => {
    answer.on('data', (text) => console.log(String(text), require('net').Socket.prototype.write.name));
    server.close();
  }));`;

async function runsAsWithout(major: string): Promise<boolean> {
  const agent = join(cache, 'agent-for-old-nodes.cjs');
  await build(agentOptions(agent));
  const binary = binaryOf(major);
  const env = { ...process.env, WIRETIME_SOCKET: '/nowhere/wiretime.sock' };
  const [bare, traced] = [[], ['--require', agent]].map((options) =>
    spawnSync(binary, [...options, '-e', PROGRAM], { encoding: 'utf8', env }),
  );
  const isSame = traced?.stdout === bare?.stdout && traced?.status === bare?.status && traced?.stderr === '';
  console.log(`nodes: ${major}: ${isSame ? 'as without the agent' : `not as without it: ${traced?.stderr}`}`);
  return isSame;
}

const asked = process.argv.slice(2);
const failed = (asked.length > 0 ? asked : MAJORS)
  .filter((major) => !OLD_MAJORS.includes(major))
  .filter((major) => !run(major));
for (const major of OLD_MAJORS)
  if ((asked.length === 0 || asked.includes(major)) && !(await runsAsWithout(major))) failed.push(major);
if (failed.length > 0) {
  console.error(`nodes: failed on ${failed.join(', ')}`);
  process.exit(1);
}
