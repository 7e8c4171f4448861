// The commands as a user types them: the built product, real programs, real signals, real ports.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { HomeAnswer, Report } from '../../src/answer/api.ts';
import { Workplace, type Running } from './command.ts';

const HELLO = resolve('test/e2e/hello-server.cjs');
const QUIET = ['--no-ui', '--summary', 'none'];

let place: Workplace;
beforeEach(() => (place = new Workplace()));
afterEach(() => place.remove());

function leftovers(): readonly string[] {
  return readdirSync(place.folder).filter((name) => name.startsWith('wiretime-'));
}

async function get(url: string): Promise<Response> {
  return fetch(url, { headers: { connection: 'close' } });
}

/** Asks the traced server of a running command, once it listens. */
async function askHello(running: Running, times: number): Promise<void> {
  const [, port = ''] = await running.prints(/listening on (\d+)/);
  for (let number = 0; number < times; number++) await (await get(`http://127.0.0.1:${port}/hello`)).text();
}

async function pagesOf(running: Running): Promise<string> {
  const [, url = ''] = await running.prints(/wiretime {2}(http:\S+)/);
  return url;
}

test('run: the program keeps its stdout and its exit code', async () => {
  const program = 'process.stdout.write("mine"); process.exit(7)';
  const { code, stdout, stderr } = await place.run(['run', ...QUIET, '--', 'node', '-e', program]);
  assert.equal(stdout, 'mine');
  assert.equal(stderr, '');
  assert.equal(code, 7);
  assert.deepEqual(leftovers(), []);
  assert.ok(!existsSync(place.path('.wiretime', 'wiretime.json')));
});

test('run: the program gets our stdin', async () => {
  const running = place.start(['run', ...QUIET, '--', 'cat']);
  running.child.stdin?.end('from above');
  assert.equal((await running.ended).stdout, 'from above');
});

test('run: a program that a signal ends gives 128 + n', async () => {
  for (const name of ['TERM', 'KILL', 'INT'] as const) {
    const { code } = await place.run(['run', ...QUIET, '--', 'sh', '-c', `kill -${name} $$`]);
    assert.equal(code, 128 + constants.signals[`SIG${name}`], name);
  }
});

test('run: a command that is not there is 127, one that cannot be executed 126, each in one sentence', async () => {
  const missing = await place.run(['run', '--', 'no-such-command']);
  assert.equal(missing.code, 127);
  assert.equal(
    missing.stderr,
    'wiretime: The command no-such-command was not found. Check its name, or give its path.\n',
  );
  writeFileSync(place.path('plain.txt'), 'text', { mode: 0o644 });
  const plain = await place.run(['run', '--', './plain.txt']);
  assert.equal(plain.code, 126);
  assert.match(plain.stderr, /^wiretime: \.\/plain\.txt cannot be executed \(EACCES\)\. .+\n$/);
  assert.deepEqual(leftovers(), []);
});

test('run: says what it saw, and where to look at it', async () => {
  const { code, stdout, stderr } = await place.run([
    'run',
    '--json',
    'out.json',
    '--',
    'node',
    HELLO,
    'once',
  ]);
  assert.equal(code, 0);
  assert.match(stdout, /^listening on \d+\n$/);
  assert.match(stderr, /^wiretime {2}http:\/\/localhost:\d+\n/);
  assert.match(stderr, /, 3 requests\n/);
  assert.match(stderr, /^Where the time goes +\d.* in total$/m);
  assert.match(stderr, /^ {2}GET {2}\/hello\//m);
  assert.match(stderr, /^Open the report: wiretime open {3}saved in \.wiretime\/ \(.* [KM]B\)$/m);
  const report = JSON.parse(readFileSync(place.path('out.json'), 'utf8')) as Report;
  assert.equal(report.schema, 'wiretime.report/1');
  assert.equal(report.coverage.requests, 3);
});

test('run: no request is no reason for numbers', async () => {
  const { code, stderr } = await place.run(['run', '--no-ui', '--', 'node', '-e', '0']);
  assert.equal(code, 0);
  assert.match(stderr, /^wiretime saw no requests\. Is the server listening, and did you send one\?\n/);
});

test('run: SIGTERM reaches the program, and what it did is stored before the end', async () => {
  const running = place.start(['run', ...QUIET, '--json', '-', '--', 'node', HELLO]);
  await askHello(running, 5);
  running.child.kill('SIGTERM');
  const { code, stdout } = await running.ended;
  assert.equal(code, 3);
  assert.match(stdout, /\nterminate\n/);
  const report = JSON.parse(stdout.slice(stdout.indexOf('{'))) as Report;
  assert.equal(report.coverage.requests, 5);
});

test('run: SIGTERM kills a program that does not listen to it, after its agent had time to send', async () => {
  const program =
    "const s = require('http').createServer((q, r) => r.end('hello')).listen(0, () => console.log('listening on ' + s.address().port))";
  const running = place.start(['run', ...QUIET, '--json', 'report.json', '--', 'node', '-e', program]);
  await askHello(running, 20);
  running.child.kill('SIGTERM');
  assert.equal((await running.ended).code, 143);
  const report = JSON.parse(readFileSync(place.path('report.json'), 'utf8')) as Report;
  assert.equal(report.coverage.requests, 20);
});

test('run: without a terminal SIGINT is handed on, once', async () => {
  const running = place.start(['run', ...QUIET, '--', 'node', HELLO]);
  await running.prints(/listening/);
  running.child.kill('SIGINT');
  const { code, stdout } = await running.ended;
  assert.match(stdout, /interrupt 1\n$/);
  assert.equal(code, 31);
});

test('run: in a terminal Ctrl-C arrives once, by the terminal', async () => {
  const command = `exec ${process.execPath} ${resolve('dist/cli.js')} run --no-ui --summary none -- node ${HELLO}`;
  const running = place.startProgram('script', ['-qec', command, '/dev/null'], { TERM: 'xterm' });
  await running.prints(/listening/);
  running.child.stdin?.write('\u0003');
  const { code, stdout } = await running.ended;
  assert.match(stdout, /interrupt 1/);
  assert.doesNotMatch(stdout, /interrupt 2/);
  assert.equal(code, 31);
});

test('run: the second interrupt ends a program that will not', async () => {
  const running = place.start(['run', ...QUIET, '--', 'node', HELLO, 'stubborn']);
  await running.prints(/listening/);
  running.child.kill('SIGINT');
  await running.prints(/interrupt 1/);
  running.child.kill('SIGINT');
  assert.equal((await running.ended).code, 137);
});

test('run: what npm and a shell start is recorded, too', async () => {
  writeFileSync(
    place.path('package.json'),
    JSON.stringify({ name: 'shop', scripts: { start: `node ${HELLO} once` } }),
  );
  const { code, stderr } = await place.run(['run', '--no-ui', '--', 'npm', 'start']);
  assert.equal(code, 0);
  assert.match(stderr, /, 3 requests\n/);
});

test('run: a descendant that outlives the program is named, and not waited for', async () => {
  const script = `node ${HELLO} stay & echo "left $!"; sleep 1`;
  const running = place.start(['run', ...QUIET, '--', 'sh', '-c', script]);
  const [, pid = ''] = await running.prints(/left (\d+)/);
  await running.prints(/listening/);
  await running.prints(/is still running/);
  process.kill(Number(pid), 'SIGKILL');
  const { code, stderr } = await running.ended;
  assert.equal(code, 0);
  assert.ok(stderr.includes(`(process ${pid}) is still running; what it does from now on is not recorded.`));
});

/** Each must say what is wrong before the program starts. */
async function refuses(args: readonly string[], sentence: RegExp): Promise<void> {
  const { code, stderr } = await place.run([
    ...args,
    '--',
    'node',
    '-e',
    'require("fs").writeFileSync("ran", "")',
  ]);
  assert.match(stderr, sentence);
  assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  assert.equal(code, 1);
  assert.ok(!existsSync(place.path('ran')), 'the program was started');
  assert.deepEqual(leftovers(), []);
}

async function taken(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return { server, port: address.port };
}

test('run: a port that was asked for and is taken', async () => {
  const { server, port } = await taken();
  try {
    const sentence = new RegExp(`^wiretime: Port ${port} is taken by another program\\. `);
    await refuses(['run', '--port', String(port)], sentence);
  } finally {
    server.close();
  }
});

test('run: a data folder that cannot be made', async () => {
  writeFileSync(place.path('file'), '');
  await refuses(['run', '--no-ui', '--data', 'file/data'], /^wiretime: .*file\/data\/.*(--data DIR|folder)/);
});

test('run: a damaged recording', async () => {
  mkdirSync(place.path('.wiretime'));
  writeFileSync(place.path('.wiretime', 'wiretime.duckdb'), 'this is no database'.repeat(1000));
  await refuses(
    ['run', '--no-ui'],
    /^wiretime: The recording in \.wiretime\/ is damaged and cannot be read\. Move /,
  );
});

test('run: a folder that another wiretime holds', async () => {
  const first = place.start(['run', ...QUIET, '--', 'node', HELLO]);
  await first.prints(/listening/);
  const sentence = new RegExp(
    `^wiretime: \\.wiretime/ is in use by wiretime run \\(process ${first.child.pid}\\)`,
  );
  await refusesWhileRunning(sentence);
  first.child.kill('SIGTERM');
  assert.equal((await first.ended).code, 3);
});

async function refusesWhileRunning(sentence: RegExp): Promise<void> {
  const { code, stderr } = await place.run(['run', '--no-ui', '--', 'node', '-e', '0']);
  assert.match(stderr, sentence);
  assert.equal(code, 1);
}

test('run: a full disk is said at once and at the end, and changes nothing for the program', async () => {
  // Files end at 20 KB (40 in a shell that counts in KB), with an error instead of a signal, as on a full disk.
  const cli = `exec ${process.execPath} ${resolve('dist/cli.js')} run --no-ui --summary none`;
  const script = `trap '' XFSZ; ulimit -f 40; ${cli} -- node ${HELLO} stay`;
  const running = place.startProgram('sh', ['-c', script]);
  const [, port = ''] = await running.prints(/listening on (\d+)/);
  await until(async () => {
    await Promise.all(Array.from({ length: 50 }, () => get(`http://127.0.0.1:${port}/${'x'.repeat(200)}`)));
    return running.stderr.includes('cannot be saved');
  }, 0);
  running.child.kill('SIGTERM');
  const { code, stderr } = await running.ended;
  assert.equal(code, 3);
  assert.match(stderr, /^wiretime: The recording cannot be saved: .+ Your program keeps running; .+\n/);
  assert.match(
    stderr,
    /\nwiretime: \d+ requests and \d+ operations could not be saved: the numbers are too small\.\n$/,
  );
});

test('run: --keep-open serves the pages until a signal', async () => {
  const running = place.start(['run', '--keep-open', '--', 'node', HELLO, 'once']);
  const url = await pagesOf(running);
  await running.prints(/The pages stay open/);
  const home = (await (await get(`${url}/api/home`)).json()) as HomeAnswer;
  assert.equal(home.requests, 3);
  running.child.kill('SIGINT');
  assert.equal((await running.ended).code, 0);
});

test('run: --open opens the pages in the browser', { skip: process.platform !== 'linux' }, async () => {
  const opened = place.path('opened');
  mkdirSync(place.path('bin'), { recursive: true });
  writeFileSync(
    place.path('bin', 'xdg-open'),
    `#!/bin/sh\nprintf %s "$1" > '${opened}.part' && mv '${opened}.part' '${opened}'\n`,
    {
      mode: 0o755,
    },
  );
  const PATH = `${place.path('bin')}:${process.env['PATH']}`;
  const running = place.start(['run', '--open', '--', 'node', HELLO], { PATH, DISPLAY: ':9' });
  const url = await pagesOf(running);
  await until(async () => existsSync(opened));
  assert.equal(readFileSync(opened, 'utf8'), url);
  running.child.kill('SIGTERM');
  await running.ended;
});

test('report: while the recording runs and after it has ended, in three formats', async () => {
  const running = place.start(['run', '--summary', 'none', '--', 'node', HELLO]);
  await askHello(running, 4);
  await until(async () => (await report()).coverage.requests === 4);
  running.child.kill('SIGTERM');
  await running.ended;
  assert.equal((await report()).coverage.requests, 4);
  assert.match((await place.run(['report'])).stdout, /^wiretime {2}.*, 4 requests\n/);
  assert.match((await place.run(['report', '--format', 'markdown'])).stdout, /^\| `GET \/hello` \|/m);
  const future = await place.run(['report', '--format', 'json', '--from', '2200-01-01']);
  assert.equal((JSON.parse(future.stdout) as Report).coverage.requests, 0);
});

async function report(): Promise<Report> {
  const { code, stdout, stderr } = await place.run(['report', '--format', 'json']);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Report;
}

async function until(condition: () => Promise<boolean>, pauseMs = 100): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, 'it never became true');
    await sleep(pauseMs);
  }
}

test('report: no recording is one sentence, and makes no folder', async () => {
  const { code, stderr } = await place.run(['report']);
  assert.equal(stderr, 'wiretime: There is no recording in .wiretime/. Make one: wiretime run -- COMMAND\n');
  assert.equal(code, 1);
  assert.ok(!existsSync(place.path('.wiretime')));
});

test('open: the pages over a recording, until a signal', async () => {
  await place.run(['run', ...QUIET, '--data', 'kept', '--', 'node', HELLO, 'once']);
  const running = place.start(['open', 'kept', '--no-browser']);
  const url = await pagesOf(running);
  const home = (await (await get(`${url}/api/home`)).json()) as HomeAnswer;
  assert.equal(home.requests, 3);
  const second = await place.run(['open', 'kept', '--no-browser']);
  assert.equal(second.code, 0);
  assert.ok(second.stderr.includes(url));
  running.child.kill('SIGTERM');
  assert.equal((await running.ended).code, 0);
  assert.ok(!existsSync(place.path('kept', 'wiretime.json')));
});

test('serve and env: a program joins from another folder, under its own name', async () => {
  const serve = place.start(['serve', '--data', 'served', '--token', 'let me in']);
  const { origin, searchParams } = new URL(await pagesOf(serve));
  assert.equal(searchParams.get('token'), 'let me in');
  assert.equal((await get(`${origin}/api/home`)).status, 401);
  mkdirSync(place.path('elsewhere'));
  const cli = `${process.execPath} ${resolve('dist/cli.js')}`;
  const script = `cd elsewhere && eval "$(${cli} env --service "my shop")" && node ${HELLO} once`;
  const joined = await place.startProgram('sh', ['-ec', script]).ended;
  assert.equal(joined.code, 0, joined.stderr);
  await until(async () => {
    const { stdout } = await place.run(['report', '--data', 'served', '--format', 'json']);
    const { services, coverage } = JSON.parse(stdout) as Report;
    return services.some(({ name }) => name === 'my shop') && coverage.requests === 3;
  });
  serve.child.kill('SIGTERM');
  assert.equal((await serve.ended).code, 0);
  assert.deepEqual(leftovers(), []);
  const after = await place.run(['env']);
  assert.equal(after.code, 1);
  assert.match(after.stderr, /^wiretime: No wiretime serve is running/);
});

test('doctor: everything in place is 0, and a traced hello arrives', async () => {
  await place.run(['run', ...QUIET, '--', 'node', HELLO, 'once']);
  const { code, stdout } = await place.run(['doctor']);
  assert.match(stdout, /^✓ A traced hello +1 process, 1 request, 1 operation arrived$/m);
  assert.match(stdout, /^ {2}\d+ operations? = \d+ of a request \+ \d+ of none \+ \d+ not visible {2}✓$/m);
  assert.equal(code, 0, stdout);
});

test('options are also variables, and wrong ones are refused with 2', async () => {
  const env = { WIRETIME_DATA: 'by-variable', WIRETIME_NO_UI: '1', WIRETIME_SUMMARY: 'none' };
  const { code, stderr } = await place.run(['run', '--', 'node', '-e', '0'], env);
  assert.equal(code, 0);
  assert.equal(stderr, '');
  assert.ok(existsSync(place.path('by-variable')));
  for (const args of [
    ['run'],
    ['run', '--port', '70000', '--', 'true'],
    ['nonsense'],
    ['report', '--from', 'x'],
  ])
    assert.equal((await place.run(args)).code, 2, args.join(' '));
});

test('--version and --help', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  assert.equal((await place.run(['--version'])).stdout, `${version}\n`);
  const help = await place.run(['--help']);
  assert.equal(help.code, 0);
  for (const name of ['run', 'open', 'report', 'serve', 'env', 'doctor'])
    assert.match(help.stdout, new RegExp(`^ {2}${name}\\b`, 'm'));
});
