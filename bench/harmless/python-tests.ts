// `npm run bench:harmless-python-tests -- [--python PATH]… [--only NAME]… [--json FILE]`: CPython's own tests with and without the agent. In: interpreters
// with their `test` package. Out: for each module how many tests ended alike, and each that did not. A test that differs is run again, three times
// on both sides, alone. Exit 1 when one always passes without the agent and never with it.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const MODULES = [
  'test_socket',
  'test_ssl',
  'test_asyncio',
  'test_httplib',
  'test_httpservers',
  'test_xmlrpc',
  'test_smtplib',
  'test_ftplib',
  'test_selectors',
  'test_threading',
  'test_wsgiref',
];
const TEST_LIMIT_S = 60;
/** Waits for ever in virtual machines that have a device for it and nobody on the other end. */
const LEFT_OUT = ['*VSOCK*'];
const RETRIES = 3;
/** Of one module on one side: one that hangs when its tests have ended would hang for ever. */
const MODULE_LIMIT_MS = 200_000;

const { values: options } = parseArgs({
  options: {
    python: { type: 'string', multiple: true, default: ['python3'] },
    only: { type: 'string', multiple: true, default: MODULES },
    json: { type: 'string' },
  },
});

const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => child.kill()));

type Outcomes = ReadonlyMap<string, string>;

interface Side {
  readonly outcomes: Outcomes;
  /** Bytes of records that the collector got. */
  readonly reported: number;
}

interface Judged {
  readonly python: string;
  readonly module: string;
  readonly tests: number;
  readonly traced: boolean;
  readonly differs: readonly string[];
  readonly flaky: readonly string[];
}

async function side(
  python: string,
  module: string,
  isTraced: boolean,
  match: readonly string[] = [],
): Promise<Side> {
  const folder = mkdtempSync(join(tmpdir(), 'wt-'));
  const path = join(folder, 'c.sock');
  let reported = 0;
  const server = createServer((socket) => {
    socket.on('data', (chunk) => (reported += chunk.length));
    socket.on('error', () => undefined);
  }).listen(path);
  const agent = isTraced ? { PYTHONPATH: resolve('python/boot'), WIRETIME_SOCKET: path } : {};
  const text = await output(python, [module, ...match.flatMap((name) => ['-m', name])], folder, agent);
  server.close();
  rmSync(folder, { recursive: true, force: true });
  return { outcomes: outcomesIn(text), reported };
}

function output(
  python: string,
  what: readonly string[],
  folder: string,
  agent: NodeJS.ProcessEnv,
): Promise<string> {
  const { PYTHONPATH: _path, ...environment } = process.env;
  const args = [
    '-m',
    'test',
    '-v',
    '--timeout',
    String(TEST_LIMIT_S),
    ...LEFT_OUT.flatMap((name) => ['-i', name]),
    ...what,
  ];
  const child = spawn(python, args, {
    cwd: folder,
    env: { ...environment, TMPDIR: folder, ...agent },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: MODULE_LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  running.add(child);
  child.once('close', () => running.delete(child));
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  return new Promise((done) => child.once('close', () => done(text)));
}

/** `test_name (place.of.it) ... ok`, perhaps with lines of its own between. */
function outcomesIn(text: string): Outcomes {
  const outcomes = new Map<string, string>();
  let current = '';
  for (const line of text.split('\n')) {
    const named = /^(\w+) \(([\w.]+)\)/.exec(line);
    if (named !== null) {
      const [, name = '', place = ''] = named;
      current = place.endsWith(`.${name}`) ? place : `${place}.${name}`;
    }
    const ended = /(?:^|\.\.\. )(ok|FAIL|ERROR|skipped|expected failure|unexpected success)\b/.exec(
      line,
    )?.[1];
    if (ended !== undefined && current !== '') {
      outcomes.set(current, ended);
      current = '';
    }
  }
  return outcomes;
}

async function judge(python: string, module: string): Promise<Judged> {
  const bare = await side(python, module, false);
  const traced = await side(python, module, true);
  const names = new Set([...bare.outcomes.keys(), ...traced.outcomes.keys()]);
  const suspects = [...names].filter((name) => bare.outcomes.get(name) !== traced.outcomes.get(name));
  const differs: string[] = [];
  const flaky: string[] = [];
  for (const name of suspects) {
    const ways = { bare: [bare.outcomes.get(name)], traced: [traced.outcomes.get(name)] };
    for (let times = 0; times < RETRIES; times++) {
      ways.bare.push((await side(python, module, false, [name])).outcomes.get(name));
      ways.traced.push((await side(python, module, true, [name])).outcomes.get(name));
    }
    const isOurs = !ways.traced.some((way) => ways.bare.includes(way));
    (isOurs ? differs : flaky).push(`${name}: ${ways.bare.join(' ')} without, ${ways.traced.join(' ')} with`);
  }
  return { python, module, tests: names.size, traced: traced.reported > 0, differs, flaky };
}

const judged: Judged[] = [];
for (const python of options.python)
  for (const module of options.only) {
    const one = await judge(python, module);
    judged.push(one);
    console.log(
      `${python} ${module.padEnd(17)} ${one.tests} tests, ${one.differs.length} differ, ${one.flaky.length} flaky` +
        (one.traced ? '' : ', the agent took no notes'),
    );
    for (const line of [...one.differs, ...one.flaky]) console.log(`    ${line}`);
    if (one.differs.length > 0 || one.tests === 0) process.exitCode = 1;
  }
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(judged, undefined, 2)}\n`);
