// `wiretime doctor` on set-ups that are really broken. In: programs that lose the agent in every way we know. Out: what it says, as JSON.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Diagnosis } from '../../src/cli/doctor/explain.ts';
import type { Check } from '../../src/cli/terminal/doctor.ts';
import { Workplace } from './command.ts';

const place = new Workplace();
after(() => place.remove());

const SERVER = "require('node:http').createServer((q, r) => r.end('hi')).listen(0, '127.0.0.1')";
const CHILD = "require('node:child_process')";
const PYTHON = ['-c', 'import socket, time; s = socket.create_server(("127.0.0.1", 0)); time.sleep(60)'];
const isRoot = process.getuid?.() === 0;

/** Where scripts/nodes.ts keeps another version of Node; `undefined` when it was not fetched. */
function nodeOf(major: number): string | undefined {
  const file = resolve(`node_modules/.cache/wiretime/node-${major}/package/bin/node`);
  return existsSync(file) ? file : undefined;
}

function missingNode(major: number): string | false {
  return nodeOf(major) === undefined && `Node ${major} is not in the cache (npm run test:nodes)`;
}

interface Answer {
  readonly isWell: boolean;
  readonly checks: readonly Check[];
  readonly processes: readonly Diagnosis[];
}

async function examine(
  command: readonly string[],
  { seconds = 3, env = {} }: { seconds?: number; env?: Record<string, string> } = {},
): Promise<Answer> {
  const { code, stdout, stderr } = await place.run(
    ['doctor', '--json', '--seconds', String(seconds), '--', ...command],
    env,
  );
  assert.ok(stdout.startsWith('{'), stderr);
  const answer = JSON.parse(stdout) as Answer;
  assert.equal(code, answer.isWell ? 0 : 1);
  return answer;
}

/** Ids of the problems, those of the same kind once. */
function problemsOf({ processes }: Answer): readonly string[] {
  return [...new Set(processes.flatMap(({ problem }) => problem?.id ?? []))];
}

function failedOf({ checks }: Answer): readonly string[] {
  return checks.filter(({ result }) => result === 'failed').map(({ name }) => name);
}

const LISTENING = `#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
int main(void) {
  int server = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  bind(server, (struct sockaddr *)&address, sizeof address);
  listen(server, 1);
  return sleep(60);
}
`;

const COMPILER = 'cc';

function hasCompiler(): boolean {
  try {
    execFileSync(COMPILER, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

before(() => {
  writeFileSync(place.path('server.cjs'), SERVER);
  writeFileSync(
    place.path('custom-env.cjs'),
    `${CHILD}.spawn(process.execPath, ['server.cjs'], { env: { PATH: process.env.PATH }, stdio: 'inherit' })`,
  );
  writeFileSync(place.path('forks.cjs'), `${CHILD}.fork('server.cjs', { env: { A: '1' } })`);
  writeFileSync(
    place.path('worker.cjs'),
    `new (require('node:worker_threads').Worker)('./server.cjs', { env: { A: '1' } })`,
  );
  writeFileSync(
    place.path('unix.cjs'),
    `const http = require('node:http');
     http.createServer((q, r) => r.end('hi')).listen('unix.sock', () => http.get({ socketPath: 'unix.sock' }, (r) => r.resume()))`,
  );
  writeFileSync(
    place.path('snapshot.cjs'),
    `require('node:v8').startupSnapshot.setDeserializeMainFunction(() => {
       process.getBuiltinModule('node:http').createServer((q, r) => r.end('hi')).listen(0, '127.0.0.1');
     })`,
  );
});

describe('what is in order', { concurrency: 3 }, () => {
  test('a server is seen, also behind npm, and a snapshot', async () => {
    writeFileSync(place.path('package.json'), '{"scripts":{"start":"node server.cjs"}}');
    const blob = ['--snapshot-blob', 'blob', '--build-snapshot', 'snapshot.cjs'];
    execFileSync(process.execPath, blob, { cwd: place.folder, stdio: 'ignore' });
    const node = process.execPath;
    for (const command of [
      [node, 'server.cjs'],
      ['npm', 'start'],
      [node, '--snapshot-blob', 'blob'],
    ]) {
      const answer = await examine(command, { seconds: 15 });
      assert.deepEqual(failedOf(answer), []);
      assert.equal(answer.processes.filter(({ state }) => state === 'seen').length, 1);
      assert.ok(answer.isWell);
    }
  });

  test('a server in a PID namespace of its own is seen', { skip: !isRoot && 'needs root' }, async () => {
    const answer = await examine(['unshare', '--pid', '--fork', 'node', 'server.cjs'], { seconds: 15 });
    assert.deepEqual(failedOf(answer), []);
    assert.equal(answer.processes.find(({ runtime }) => runtime === 'node')?.state, 'seen');
  });

  test('requests over a Unix socket are seen', async () => {
    const { processes, isWell } = await examine(['node', 'unix.cjs'], { seconds: 15 });
    assert.ok(isWell);
    assert.equal(processes[0]?.requests, 1);
  });
});

describe('other ways to run Node', { concurrency: 2 }, () => {
  for (const major of [22, 24, 26])
    test(
      `the permission model of Node ${major} lets the agent in`,
      { skip: missingNode(major) },
      async () => {
        const program = place.path('server.cjs');
        const flags = ['--permission', `--allow-fs-read=${program}`, ...(major < 25 ? [] : ['--allow-net'])];
        const answer = await examine([nodeOf(major) ?? '', ...flags, program], { seconds: 15 });
        assert.deepEqual(failedOf(answer), []);
        assert.deepEqual(
          answer.processes.map(({ state }) => state),
          ['seen'],
        );
      },
    );

  test('a single executable is seen', { skip: missingNode(26) }, async () => {
    const config = { main: 'server.cjs', output: 'single', disableExperimentalSEAWarning: true };
    writeFileSync(place.path('sea.json'), JSON.stringify(config));
    execFileSync(nodeOf(26) ?? '', ['--build-sea', 'sea.json'], { cwd: place.folder, stdio: 'ignore' });
    const answer = await examine(['./single'], { seconds: 15 });
    assert.deepEqual(failedOf(answer), []);
    assert.deepEqual(
      answer.processes.map(({ state }) => state),
      ['seen'],
    );
  });
});

describe('what is not seen, and why', { concurrency: 3 }, () => {
  test('a Node.js that is too old', { skip: missingNode(18) }, async () => {
    const answer = await examine([nodeOf(18) ?? '', 'server.cjs']);
    assert.deepEqual(problemsOf(answer), ['node-version']);
    assert.match(answer.processes[0]?.problem?.what ?? '', /Node\.js v18\./);
  });

  test('a program that is linked statically', { skip: !hasCompiler() && 'no C compiler' }, async () => {
    writeFileSync(place.path('orders.c'), LISTENING);
    execFileSync(COMPILER, ['-static', '-o', 'orders', 'orders.c'], { cwd: place.folder, stdio: 'ignore' });
    const answer = await examine(['./orders']);
    assert.deepEqual(problemsOf(answer), ['other-runtime']);
    assert.match(answer.processes[0]?.problem?.what ?? '', /runs on orders/);
  });

  test('a package.json whose script sets NODE_OPTIONS anew', async () => {
    mkdirSync(place.path('scripted'), { recursive: true });
    const scripts = { start: 'NODE_OPTIONS=--enable-source-maps node ../server.cjs' };
    writeFileSync(place.path('scripted/package.json'), JSON.stringify({ scripts }));
    const answer = await examine(['npm', '--prefix', 'scripted', 'start'], { seconds: 6 });
    assert.deepEqual(problemsOf(answer), ['node-options']);
  });

  test('an .npmrc that sets NODE_OPTIONS anew', async () => {
    mkdirSync(place.path('configured'), { recursive: true });
    writeFileSync(place.path('configured/package.json'), '{"scripts":{"start":"node ../server.cjs"}}');
    const options = '--max-old-space-size=500';
    const inFolder = [
      'npm',
      '--prefix',
      'configured',
      '--userconfig',
      place.path('configured/npmrc'),
      'start',
    ];
    writeFileSync(place.path('configured/npmrc'), `node-options=${options}`);
    assert.deepEqual(problemsOf(await examine(inFolder, { seconds: 6 })), ['node-options']);
    writeFileSync(place.path('configured/npmrc'), `node-options=\${NODE_OPTIONS} ${options}`);
    assert.deepEqual(problemsOf(await examine(inFolder, { seconds: 15 })), []);
  });

  const node = 'node';
  const cases: Readonly<Record<string, { readonly command: readonly string[]; readonly id: string }>> = {
    'spawn with an environment of its own': { command: [node, 'custom-env.cjs'], id: 'environment' },
    'fork with an environment of its own': { command: [node, 'forks.cjs'], id: 'environment' },
    'a Worker with an environment of its own': { command: [node, 'worker.cjs'], id: 'options-ignored' },
    'env -i': { command: ['env', '-i', process.execPath, 'server.cjs'], id: 'environment' },
    'NODE_OPTIONS replaced by a script': {
      command: ['sh', '-c', 'NODE_OPTIONS=--max-old-space-size=500 node server.cjs; true'],
      id: 'node-options',
    },
    'the agent of another installation': {
      command: ['sh', '-c', 'touch agent.cjs; NODE_OPTIONS="--require=$PWD/agent.cjs" node server.cjs; true'],
      id: 'other-agent',
    },
    'the agent switched off': {
      command: ['env', 'WIRETIME_DISABLED=1', node, 'server.cjs'],
      id: 'disabled',
    },
    'a collector that is gone': {
      command: ['env', 'WIRETIME_SOCKET=/nowhere/wiretime.sock', node, 'server.cjs'],
      id: 'collector-gone',
    },
    'python -I': { command: ['python3', '-I', ...PYTHON], id: 'python-isolated' },
    'python -E': { command: ['python3', '-E', ...PYTHON], id: 'python-isolated' },
    'python -S': { command: ['python3', '-uS', ...PYTHON], id: 'python-isolated' },
    'PYTHONPATH replaced': { command: ['env', 'PYTHONPATH=/lib', 'python3', ...PYTHON], id: 'python-path' },
  };
  for (const [name, { command, id }] of Object.entries(cases))
    test(name, async () => {
      const answer = await examine(command);
      assert.deepEqual(problemsOf(answer), [id]);
      assert.ok(!answer.isWell);
    });

  test('programs of other runtimes and of containers, known by the file that runs', async () => {
    mkdirSync(place.path('bin'), { recursive: true });
    copyFileSync(realpathSync('/usr/bin/python3'), place.path('bin/bun'));
    copyFileSync(realpathSync('/bin/sleep'), place.path('bin/docker'));
    assert.deepEqual(problemsOf(await examine(['bin/bun', ...PYTHON])), ['other-runtime']);
    assert.deepEqual(problemsOf(await examine(['bin/docker', '60'], { seconds: 1 })), ['container']);
    copyFileSync(realpathSync('/usr/bin/python3'), place.path('bin/payments'));
    const { processes } = await examine(['bin/payments', ...PYTHON]);
    assert.match(processes[0]?.problem?.what ?? '', /payments/);
  });

  test('a native driver is named, although its process is seen', async () => {
    const driver = JSON.stringify(resolve('node_modules/@duckdb/node-bindings'));
    writeFileSync(place.path('native.cjs'), `require(${driver}); ${SERVER}`);
    const { processes } = await examine([node, 'native.cjs'], { seconds: 15 });
    assert.deepEqual(
      processes.map(({ state, notVisible }) => [state, notVisible]),
      [['seen', ['DuckDB']]],
    );
  });

  test('another user, who may not open the socket', { skip: !isRoot && 'needs root' }, async () => {
    const program = "require('node:net').createServer().listen(0, '127.0.0.1')";
    // Without the agent, whose file that user may not read either: Node would end at once.
    const asNobody = ['setpriv', '--reuid=65534', '--clear-groups', 'env', 'NODE_OPTIONS='];
    const command = [...asNobody, process.execPath, '-e', program];
    assert.deepEqual(problemsOf(await examine(command)), ['socket-permission']);
  });
});

describe('what is wrong before', { concurrency: 3 }, () => {
  test('nothing listens', async () => {
    const answer = await examine(['node', '-e', 'setTimeout(() => undefined, 60_000)']);
    assert.deepEqual(failedOf(answer), ['Takes requests', 'Its processes']);
  });

  test('the port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    writeFileSync(place.path('taken.cjs'), SERVER.replace('listen(0', `listen(${port}`));
    const answer = await examine(['node', 'taken.cjs']);
    taken.close();
    const said = answer.checks.find(({ name }) => name === 'The command')?.detail ?? '';
    assert.match(
      said,
      /^ended with 1\. It said: Error: listen EADDRINUSE: [^}]* Something listens there already/,
    );
  });

  test('the command goes into the background', async () => {
    const answer = await examine(['sh', '-c', 'node server.cjs &'], { seconds: 15 });
    const check = answer.checks.find(({ name }) => name === 'The command');
    assert.equal(check?.result, 'failed');
    assert.match(check.detail, /^ended, and left what it started running \(process \d+\)/);
    assert.equal(answer.processes.filter(({ state }) => state === 'seen').length, 1);
  });

  test('no such command', async () => {
    const answer = await examine(['no-such-command']);
    assert.ok(failedOf(answer).includes('The command'));
  });

  test('Node.js 20 may not read the agent', { skip: !process.version.startsWith('v20.') }, async () => {
    const program = place.path('server.cjs');
    const answer = await examine([
      'node',
      '--experimental-permission',
      `--allow-fs-read=${program}`,
      program,
    ]);
    const check = answer.checks.find(({ name }) => name === 'The command');
    assert.equal(check?.result, 'failed');
    assert.match(check?.detail ?? '', /--allow-fs-read/);
  });

  test('the shell has joined a wiretime that is gone, or switched agents off', async () => {
    const gone = await place.run(['doctor'], { WIRETIME_SOCKET: '/nowhere/wiretime.sock' });
    assert.equal(gone.code, 1);
    assert.match(gone.stdout, /^✕ This shell [^✓]*there is no\s+socket/m);
    const off = await place.run(['doctor'], { WIRETIME_DISABLED: '1' });
    assert.equal(off.code, 1);
    assert.match(off.stdout, /^✕ This shell +WIRETIME_DISABLED=1 is set/m);
  });
});

test('a running serve: who joined it, and who of its children did not', async () => {
  const serve = place.start(['serve']);
  await serve.prints(/wiretime {2}http/);
  const script = `eval "$(${process.execPath} ${process.cwd()}/dist/cli.js env)"; exec node custom-env.cjs`;
  const program = place.startProgram('sh', ['-c', script]);
  let answer: Answer = { isWell: true, checks: [], processes: [] };
  for (let attempt = 0; attempt < 20 && answer.isWell; attempt++)
    answer = JSON.parse((await place.run(['doctor', '--json'])).stdout) as Answer;
  assert.deepEqual(problemsOf(answer), ['environment']);
  program.child.kill();
  serve.child.kill();
  await serve.ended;
});
