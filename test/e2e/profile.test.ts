// Which lines of code run, as `wiretime run --profile` sees them: real programs that keep their loop busy in known lines, as they are, through tsx, and
// bundled. And what a profile must not change: programs that nobody asked to be profiled, inspected ones, exit codes, memory.

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import { build } from 'esbuild';
import type { Report } from '../../src/answer/api.ts';
import { Workplace, type Ended } from './command.ts';

const workplace = new Workplace();
after(() => workplace.remove());

const SERVER = `import http from 'node:http';
import { work } from './work.mjs';
const server = http.createServer((request, response) => {
  response.end(String(work[request.url.slice(1)]()).slice(0, 10));
});
server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  for (let round = 0; round < Number(process.env.ROUNDS); round++)
    for (const name of Object.keys(work)) await (await fetch(\`http://127.0.0.1:\${port}/\${name}\`)).text();
  server.close();
  server.closeAllConnections();
  process.exitCode = 7;
});
`;

const WORK = `import { pbkdf2Sync } from 'node:crypto';
import { hashSync } from 'slow-hash';
import { deep } from './deep.mjs';

const list = Array.from({ length: 50_000 }, (_, index) => ({ index, text: 'x'.repeat(30) }));

function password() {
  const salt = 'salt';
  return pbkdf2Sync('secret', salt, 40_000, 64, 'sha512').toString('hex');
}

function expression() {
  const text = 'a'.repeat(22) + 'b';
  const found = /^(a+)+$/.test(text);
  return found;
}

function written() {
  const whole = list;
  return JSON.stringify(whole).length;
}

const packaged = () => {
  const rounds = 8_000_000;
  return hashSync('secret', rounds);
};

export const work = { password, expression, written, packaged, helper: () => deep(3) };
`;

const DEEP = `import { crunch } from './crunch.mjs';

export function deep(levels) {
  if (levels > 0) return deep(levels - 1);
  return crunch();
}
`;

const CRUNCH = `export function crunch() {
  let sum = 0;
  for (let index = 0; index < 20_000_000; index++) {
    sum += (sum ^ index) % 7;
  }
  return sum;
}
`;

const SLOW_HASH = `exports.hashSync = function hashSync(text, rounds) {
  let hash = 0;
  for (let round = 0; round < rounds; round++) hash = (hash * 31 + text.charCodeAt(round % text.length)) | 0;
  return hash;
};
`;

/** Writes the program; with another ending of its files. */
function program(name: string, ending: string): string {
  const folder = workplace.path(name);
  mkdirSync(join(folder, 'node_modules', 'slow-hash'), { recursive: true });
  writeFileSync(join(folder, 'node_modules', 'slow-hash', 'index.js'), SLOW_HASH);
  const files = { server: SERVER, work: WORK, deep: DEEP, crunch: CRUNCH };
  for (const [file, text] of Object.entries(files))
    writeFileSync(join(folder, `${file}${ending}`), text.replaceAll('.mjs', ending));
  return join(folder, `server${ending}`);
}

interface Recorded extends Ended {
  readonly report: Report;
}

async function record(
  name: string,
  options: readonly string[],
  command: readonly string[],
): Promise<Recorded> {
  const json = workplace.path(`${name}.json`);
  const args = [
    'run',
    '--no-ui',
    '--summary',
    'none',
    '--data',
    workplace.path(`${name}.data`),
    '--json',
    json,
  ];
  const ended = await workplace.run([...args, ...options, '--', ...command], { ROUNDS: '12' });
  return { ...ended, report: JSON.parse(readFileSync(json, 'utf8')) as Report };
}

/** The line of each function that ran itself, and of each that was called. */
function linesOf({ ownCode }: Report): Map<string, { readonly line: string; readonly called: string }> {
  const found = new Map<string, { line: string; called: string }>();
  for (const { callSite, name, called } of ownCode[0]?.lines ?? [])
    for (const key of [name, called])
      if (!found.has(key)) found.set(key, { line: basename(callSite).replace(/:\d+$/, ''), called });
  return found;
}

function lineIn(text: string, marker: string): number {
  const at = text.split('\n').findIndex((line) => line.includes(marker));
  assert.ok(at >= 0, marker);
  return at + 1;
}

describe('the lines that run', () => {
  test('of a program as it is: each its own', async () => {
    const { code, stderr, report } = await record(
      'plain',
      ['--profile'],
      [process.execPath, program('plain', '.mjs')],
    );
    assert.equal(code, 7, stderr);
    const lines = linesOf(report);
    const lineOf = (name: string): string | undefined => lines.get(name)?.line;
    assert.equal(lineOf('password'), `work.mjs:${lineIn(WORK, 'return pbkdf2Sync(')}`);
    assert.equal(lines.get('password')?.called, 'pbkdf2Sync');
    assert.equal(lineOf('expression'), `work.mjs:${lineIn(WORK, '.test(text)')}`);
    assert.equal(lineOf('written'), `work.mjs:${lineIn(WORK, 'JSON.stringify')}`);
    assert.equal(lineOf('packaged'), `work.mjs:${lineIn(WORK, 'return hashSync(')}`);
    assert.equal(lines.get('packaged')?.called, 'hashSync of slow-hash');
    const loop = lineIn(CRUNCH, 'sum +=');
    assert.ok(
      [`crunch.mjs:${loop}`, `crunch.mjs:${loop - 1}`].includes(lineOf('crunch') ?? ''),
      lineOf('crunch'),
    );
  });

  // Its own name would be that of a cache that tsx deletes.
  test('through tsx, which writes all in one line: the function, and the call within it', async () => {
    const tsx = resolve('node_modules/tsx/dist/cli.mjs');
    const command = [process.execPath, tsx, program('through-tsx', '.ts')];
    const { stderr, report } = await record('through-tsx', ['--profile'], command);
    const lines = linesOf(report);
    assert.equal(lines.get('crunch')?.line, `crunch.ts:${lineIn(CRUNCH, 'function crunch')}`, stderr);
    assert.equal(lines.get('pbkdf2Sync')?.line, `work.ts:${lineIn(WORK, 'return pbkdf2Sync(')}`);
    assert.equal(lines.get('hashSync of slow-hash')?.line, `work.ts:${lineIn(WORK, 'return hashSync(')}`);
  });

  for (const minify of [false, true])
    test(`of a bundle with a source map${minify ? ', in one line' : ''}: the lines of the source`, async () => {
      const name = minify ? 'minified' : 'bundled';
      const outfile = workplace.path(name, 'out', 'bundle.mjs');
      await build({
        entryPoints: [program(name, '.mjs')],
        outfile,
        bundle: true,
        minify,
        keepNames: true,
        sourcemap: true,
        platform: 'node',
        format: 'esm',
        logLevel: 'error',
        banner: {
          js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);",
        },
      });
      const { stderr, report } = await record(name, ['--profile'], [process.execPath, outfile]);
      const lines = linesOf(report);
      assert.equal(lines.get('pbkdf2Sync')?.line, `work.mjs:${lineIn(WORK, 'return pbkdf2Sync(')}`, stderr);
      // Without its name the call cannot be told from others: where the function begins.
      const packaged = minify ? 'const packaged' : 'return hashSync(';
      const called = minify ? 'slow-hash' : 'hashSync2 of slow-hash';
      assert.equal(lines.get(called)?.line, `work.mjs:${lineIn(WORK, packaged)}`);
      assert.ok([...lines.values()].some(({ line }) => line.startsWith('crunch.mjs:')));
    });
});

/** Told by the agent in its records: what a process is asked about itself. */
const ASKS = `const inspector = require('node:inspector');
let starts = 0;
for (const name of ['profile', 'profileEnd']) {
  const real = inspector.console[name];
  inspector.console[name] = (...args) => (starts++, Reflect.apply(real, inspector.console, args));
}
const http = require('node:http');
const server = http.createServer((request, response) => response.end('well'));
server.listen(0, '127.0.0.1', () => {
  http.get({ port: server.address().port, agent: false }, (response) => {
    response.resume().on('end', () => {
      server.close();
      console.log('profiles ' + starts, 'inspector ' + (inspector.url() !== undefined));
      if (process.env.END === 'throw') throw new Error('on purpose');
      if (process.env.END === 'kill') process.kill(process.pid, 'SIGTERM');
      if (process.env.END === 'exit') process.exit(5);
    });
  });
});
`;

describe('what a profile leaves as it is', () => {
  const file = workplace.path('asks.cjs');
  writeFileSync(file, ASKS);
  const run = (options: readonly string[], command: readonly string[], env: Record<string, string> = {}) =>
    workplace.run(
      ['run', '--no-ui', '--summary', 'none', ...options, '--', process.execPath, ...command],
      env,
    );

  test('a program that nobody asked to be profiled has no profiler', async () => {
    const { code, stdout } = await run([], [file]);
    assert.equal(code, 0);
    assert.match(stdout, /^profiles 0 inspector false$/m);
  });

  test('WIRETIME_PROFILE=0 is off', async () => {
    assert.match((await run([], [file], { WIRETIME_PROFILE: '0' })).stdout, /^profiles 0 /m);
    assert.match((await run([], [file], { WIRETIME_PROFILE: '1' })).stdout, /^profiles 1 /m);
  });

  test('an inspected program, and one with another profiler, are left alone', async () => {
    const inspected = await run(['--profile'], ['--inspect=127.0.0.1:0', file]);
    assert.match(inspected.stdout, /^profiles 0 inspector true$/m);
    const folder = workplace.path('profiles');
    const profiled = await run(['--profile'], ['--cpu-prof', `--cpu-prof-dir=${folder}`, file]);
    assert.equal(profiled.code, 0);
    assert.match(profiled.stdout, /^profiles 0 /m);
    assert.equal(readdirSync(folder).length, 1);
    assert.equal(profiled.stderr, '');
    const covered = await run(['--profile'], [file], { NODE_V8_COVERAGE: workplace.path('coverage') });
    assert.match(covered.stdout, /^profiles 0 /m);
    assert.equal(covered.stderr, '');
  });

  test('exit codes, signals and errors come through', async () => {
    for (const [end, code] of [
      ['', 0],
      ['exit', 5],
      ['kill', 128 + 15],
      ['throw', 1],
    ] as const) {
      const ended = await run(['--profile'], [file], { END: end });
      assert.equal(ended.code, code, `${end}: ${ended.stderr}`);
      assert.match(ended.stdout, /^profiles 1 inspector false$/m);
      assert.equal(/on purpose/.test(ended.stderr), end === 'throw');
    }
  });
});
