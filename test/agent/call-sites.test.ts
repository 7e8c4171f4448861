// Where in the code an operation was asked for. Real processes in folders that look like an installation.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { runApp, TestCollector, until } from './harness.ts';

/** A driver that nobody knows, called by an application; both in files of their own. */
const DRIVER = `
const net = require('node:net');
exports.ask = (port) => new Promise((resolve) => {
  const socket = net.connect(port, '127.0.0.1');
  socket.write('ask');
  socket.on('data', () => resolve(socket.destroy()));
});`;
const APPLICATION = `
const { ask } = require('driver');
(async () => { for (let times = 0; times < 4; times++) await ask(Number(process.argv[2])); })();`;

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'wiretime-sites-')));
const upstream = createServer((socket) => socket.on('data', () => socket.write('answer')));

before(async () => {
  await new Promise<void>((resolve) => upstream.listen(0, '0.0.0.0', resolve));
});
after(() => {
  upstream.close();
  rmSync(folder, { recursive: true });
});

function install(file: string, content: string): string {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** The files of the innermost frames of the call sites that a program reported, each once. */
async function sitesOf(program: string): Promise<readonly string[]> {
  const collector = await new TestCollector().listen();
  const { port } = upstream.address() as AddressInfo;
  const { stderr } = await runApp(program, { collector, args: [String(port)] });
  await until('goodbye', () => collector.of('goodbye').length === 1);
  await collector.close();
  assert.equal(stderr, '');
  return [...new Set(collector.of('callSite').map(({ stack }) => stack.split(/:\d+:/)[0] ?? ''))];
}

test('the application is what is not in node_modules', async () => {
  install('own/node_modules/driver/index.js', DRIVER);
  const program = install('own/main.js', APPLICATION);
  assert.deepEqual(await sitesOf(program), [program]);
});

test('an application that is itself in node_modules is the package of the main script', async () => {
  install('all/node_modules/driver/index.js', DRIVER);
  const program = install('all/node_modules/@some/server/bin/main.js', APPLICATION);
  const link = join(folder, 'all/node_modules/.bin/server');
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(program, link);
  assert.deepEqual(await sitesOf(link), [program]);
});

test('a runner in node_modules does not hide the application; what it asks by itself has its own line', async () => {
  install('both/node_modules/driver/index.js', DRIVER);
  const own = install('both/main.js', APPLICATION);
  const runner = `
    require('../../main.js');
    ${APPLICATION.replace('(async () => {', '(async () => { await new Promise((resolve) => setTimeout(resolve, 200));')}`;
  const program = install('both/node_modules/runner/main.js', runner);
  assert.deepEqual(await sitesOf(program), [own, program]);
});

test('an application in node_modules that a file of somebody else starts, with a go-between or a helper before its driver', async () => {
  install('thin/node_modules/driver/index.js', DRIVER);
  install('thin/node_modules/helper/index.js', `exports.ask = async (port) => require('driver').ask(port);`);
  install('thin/node_modules/knex/index.js', `exports.ask = async (port) => require('driver').ask(port);`);
  const server = install(
    'thin/node_modules/@some/server/index.js',
    `
    const { ask } = require('knex');
    exports.start = async (port) => {
      await new Promise((resolve) => setImmediate(resolve));
      for (let times = 0; times < 4; times++) await ask(port);
      await require('helper').ask(port);
    };`,
  );
  const program = install(
    'thin/main.js',
    `
    const port = Number(process.argv[2]);
    require('driver').ask(port).then(() => setImmediate(() => require('@some/server').start(port)));`,
  );
  assert.deepEqual(await sitesOf(program), [program, server]);
});

test('statements that never end leave the second line of one that is known its turn', async () => {
  install(
    'endless/node_modules/driver/index.js',
    `
const net = require('node:net');
exports.ask = (port, host) => new Promise((resolve) => {
  const socket = net.connect(port, host);
  socket.write('ask');
  socket.on('data', () => resolve(socket.destroy()));
});`,
  );
  const program = install(
    'endless/main.js',
    `
const { ask } = require('driver');
const port = Number(process.argv[2]);
const first = () => ask(port, '127.0.0.1');
const second = () => ask(port, '127.0.0.1');
(async () => {
  for (let times = 0; times < 20; times++) await first();
  // A target of its own each: more than the whole budget.
  for (let host = 2; host < 252; host++) for (const b of [1, 2, 3]) await ask(port, \`127.0.\${b}.\${host}\`);
  for (let times = 0; times < 20; times++) await second();
})();`,
  );
  const collector = await new TestCollector().listen();
  const { port } = upstream.address() as AddressInfo;
  const { stderr } = await runApp(program, { collector, args: [String(port)] });
  await until('goodbye', () => collector.of('goodbye').length === 1);
  await collector.close();
  assert.equal(stderr, '');
  const lines = collector.of('callSite').map(({ stack }) => /main\.js:(\d+)/.exec(stack)?.[1]);
  assert.ok(lines.includes('5'), String(lines));
});
