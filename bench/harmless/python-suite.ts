// `npx tsx bench/harmless/python-suite.ts --python PATH --folder DIR [-- PYTEST-ARGUMENTS]`: a library's own tests with and without the Python agent. In: its
// checkout, and an interpreter that has it and pytest. Out: how many ended alike, and each that did not. Exit 1 when one did not, or the agent took no notes.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const TEST_LIMIT_S = 60;

const { values: options, positionals } = parseArgs({
  options: { python: { type: 'string', default: 'python3' }, folder: { type: 'string', default: '.' } },
  allowPositionals: true,
});

const scratch = mkdtempSync(join(tmpdir(), 'wt-suite-'));
let reported = 0;
const server = createServer((socket) => {
  socket.on('data', (chunk) => (reported += chunk.length));
  socket.on('error', () => undefined);
}).listen(join(scratch, 'c.sock'));

type Outcomes = ReadonlyMap<string, string>;

async function side(name: string, agent: NodeJS.ProcessEnv): Promise<Outcomes> {
  const { PYTHONPATH: _path, ...environment } = process.env;
  const results = join(scratch, `${name}.xml`);
  // Some suites ask for pytest's cache: a fresh one for each side.
  const cache = `cache_dir=${join(scratch, `${name}-cache`)}`;
  const pytest = ['-m', 'pytest', '-q', '-o', cache, '--timeout', String(TEST_LIMIT_S)];
  const child = spawn(options.python, [...pytest, '--junitxml', results, ...positionals], {
    cwd: options.folder,
    env: { ...environment, ...agent },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await new Promise((done) => child.once('close', done));
  return outcomesIn(readFileSync(results, 'utf8'));
}

/** Of JUnit's format, as pytest writes it: what is inside of a test case says how it ended. */
function outcomesIn(xml: string): Outcomes {
  const outcomes = new Map<string, string>();
  for (const [, attributes = '', body = ''] of xml.matchAll(
    /<testcase ([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs,
  )) {
    const name = ['classname', 'name'].map(
      (key) => new RegExp(` ?\\b${key}="([^"]*)"`).exec(attributes)?.[1],
    );
    outcomes.set(name.join('.'), /<(failure|error|skipped)\b/.exec(body)?.[1] ?? 'passed');
  }
  return outcomes;
}

function summary(outcomes: Outcomes): string {
  const counts = new Map<string, number>();
  for (const outcome of outcomes.values()) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
}

const bare = await side('bare', {});
const traced = await side('traced', {
  PYTHONPATH: resolve('python/boot'),
  WIRETIME_SOCKET: join(scratch, 'c.sock'),
});
const names = [...new Set([...bare.keys(), ...traced.keys()])];
const differs = names.filter((name) => bare.get(name) !== traced.get(name));
console.log(
  `without: ${summary(bare)}; with: ${summary(traced)}; ${differs.length} differ; ${reported} bytes of notes`,
);
for (const name of differs) console.log(`  ${name}: ${bare.get(name)} without, ${traced.get(name)} with`);
if (differs.length > 0 || names.length === 0 || reported === 0) process.exitCode = 1;
server.close();
rmSync(scratch, { recursive: true, force: true });
