// The commands on a real terminal (a pty): no line is longer than it, top obeys its keys, and gives the terminal back however it ends.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify, stripVTControlCharacters } from 'node:util';

import { startServer, type RunningServer } from '../../src/server/server.ts';
import { printable, widthOf } from '../../src/cli/terminal/text.ts';
import { LOOP_ID } from '../pages/shop-findings.ts';
import { CART_ID, shopAnswers, shopHome } from '../pages/shop.ts';
import { formatCount, formatDuration } from '../../src/base/numbers.ts';
import { sampleReport } from './sample-answers.ts';

const folder = mkdtempSync(join(tmpdir(), 'wiretime-terminal-'));
let server: RunningServer;

before(async () => {
  const answers = shopAnswers({ report: async () => sampleReport, connections: async () => connections() });
  server = await startServer({ answers, port: 0 });
});
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

function connections() {
  const pool = {
    service: 'cart',
    dependency: 'Postgres',
    protocol: 'postgres',
    category: 'db',
    calls: 9000,
    waited: 1500,
    p95WaitUs: 10_300,
    poolUs: 4_000_000,
    setupUs: 0,
    connections: 3,
    newConnections: 0,
    verdict: 'starved',
  } as const;
  return { window: shopHome().window, pools: [pool] };
}

interface Step {
  readonly wait: string;
  readonly send?: string;
  readonly size?: readonly [number, number];
  readonly signal?: string;
}

interface Ended {
  readonly output: string;
  readonly code: number;
  readonly isCanonical: boolean;
  readonly left: readonly Step[];
}

async function onTerminal(
  args: readonly string[],
  columns: number,
  steps: readonly Step[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const argv = [
    process.execPath,
    '--import',
    'tsx',
    resolve('src/cli/main.ts'),
    ...args,
    '--url',
    server.url,
  ];
  const { stdout } = await promisify(execFile)(
    'python3',
    ['test/cli/terminal.py', JSON.stringify({ columns, rows: 30, argv, steps })],
    {
      env: { PATH: process.env['PATH'], LANG: 'C.UTF-8', TERM: 'xterm-256color', HOME: folder, ...env },
      maxBuffer: 64e6,
    },
  );
  const ended = JSON.parse(stdout) as Ended;
  assert.deepEqual(ended.left, [], `not everything was waited for:\n${ended.output}`);
  return ended;
}

/** Lines, and frames, which begin at the top without a new line. */
function assertFits(text: string, columns: number): void {
  // oxlint-disable-next-line no-control-regex -- what a frame begins with
  for (const line of text.split(/[\r\n]+|\u001b\[H/)) {
    const shown = stripVTControlCharacters(line);
    assert.ok(widthOf(shown) <= columns, `${widthOf(shown)} columns: ${shown}`);
  }
}

const COMMANDS = [
  ['findings', '--state', 'all'],
  ['findings', 'show', LOOP_ID],
  ['trace', CART_ID],
] as const;

for (const args of COMMANDS)
  for (const columns of [80, 120])
    test(`wiretime ${args[0]} ${args[1]} fits ${columns} columns`, async () => {
      const { output, code } = await onTerminal(args, columns);
      assert.equal(code, 0, output);
      assert.ok(output.split('\n').length > 10, output);
      // oxlint-disable-next-line no-control-regex -- colours
      assert.match(output, /\u001b\[38;5;/);
      assertFits(output, columns);
    });

const READY = { wait: String.raw`req/min[\s\S]*\x1b\[J` };

for (const columns of [80, 120])
  test(`wiretime top at ${columns} columns: keys, and the terminal is given back`, async () => {
    const { output, code, isCanonical } = await onTerminal(['top'], columns, [
      { ...READY, send: 'j' },
      { wait: '>', send: 'e' },
      { wait: String.raw`Endpoint \(`, send: 'c' },
      { wait: 'cart → Postgres', send: '\r' },
      { wait: 'Waited in line', send: 'q' },
    ]);
    assert.equal(code, 0, output);
    assert.ok(isCanonical);
    // oxlint-disable-next-line no-control-regex -- what a terminal gets
    assert.match(output, /\u001b\[\?1049h[\s\S]*\u001b\[\?1049l\s*$/);
    assertFits(output, columns);
    const { requests, window } = shopHome();
    const rate = printable(`${formatCount((requests * 60) / window.seconds)} req/min`, true);
    assert.ok(output.includes(rate), `${rate} is not there`);
    const percentiles = printable(`p50 ${formatDuration(46_200)}  p95 ${formatDuration(272_000)}`, true);
    assert.ok(output.includes(percentiles), `${percentiles} is not there`);
  });

const ENDINGS: readonly (readonly [string, Step, number])[] = [
  ['Ctrl-C', { ...READY, send: '\u0003' }, 0],
  ['SIGTERM', { ...READY, signal: 'SIGTERM' }, 143],
  ['SIGINT', { ...READY, signal: 'SIGINT' }, 130],
];

for (const [name, step, wanted] of ENDINGS)
  test(`wiretime top gives the terminal back after ${name}`, async () => {
    const { output, code, isCanonical } = await onTerminal(['top'], 80, [step]);
    // A SIGINT in the foreground of a terminal is passed on as one: -2 is death by it.
    assert.ok(code === wanted || (wanted === 130 && code === -2), `${code}\n${output}`);
    assert.ok(isCanonical);
    // oxlint-disable-next-line no-control-regex -- what a terminal gets
    assert.match(output, /\u001b\[\?25h\u001b\[\?1049l\s*$/);
  });

test('wiretime top follows the size, and says when there is too little', async () => {
  const { output } = await onTerminal(['top'], 120, [
    { ...READY, size: [60, 10] },
    { wait: 'needs 80 x 20', size: [100, 25] },
    { wait: 'req/min', send: 'q' },
  ]);
  assertFits(output, 120);
});

test('wiretime top without colours and without UTF-8 is plain ASCII', async () => {
  const { output } = await onTerminal(['top'], 80, [{ ...READY, send: 'q' }], { NO_COLOR: '1', LC_ALL: 'C' });
  // oxlint-disable-next-line no-control-regex -- all of ASCII
  assert.match(output, /^[\u0000-\u007f]*$/);
  // oxlint-disable-next-line no-control-regex -- what a terminal gets
  assert.doesNotMatch(output, /\u001b\[[0-9;]*m/);
});

test('wiretime top without a terminal ends with 2, and prints one frame with --once', async () => {
  const run = (args: readonly string[]) =>
    promisify(execFile)(process.execPath, [
      '--import',
      'tsx',
      'src/cli/main.ts',
      'top',
      '--url',
      server.url,
      ...args,
    ]);
  await assert.rejects(run([]), (error: { code?: number; stderr?: string }) => {
    assert.equal(error.code, 2);
    return /needs a terminal/.test(error.stderr ?? '');
  });
  const { stdout } = await run(['--once']);
  assert.match(stdout, /req\/min/);
  // oxlint-disable-next-line no-control-regex -- nothing that a file should not hold
  assert.doesNotMatch(stdout, /\u001b/);
});
