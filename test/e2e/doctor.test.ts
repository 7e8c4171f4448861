// `wiretime doctor` on set-ups that are really broken. In: programs that lose the agent in every way we know. Out: what it says, as JSON.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
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

  test('requests over a Unix socket are seen', async () => {
    const { processes, isWell } = await examine(['node', 'unix.cjs'], { seconds: 15 });
    assert.ok(isWell);
    assert.equal(processes[0]?.requests, 1);
  });
});

describe('what is not seen, and why', { concurrency: 3 }, () => {
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
