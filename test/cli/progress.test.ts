// Progress on a real terminal (a pty): the line follows its width, and nothing is left of it, at the end or after Ctrl-C.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify, stripVTControlCharacters } from 'node:util';
import { barLine } from '../../src/cli/terminal/progress.ts';
import { widthOf } from '../../src/cli/terminal/text.ts';

interface Ended {
  readonly output: string;
  readonly code: number;
  readonly left: readonly unknown[];
}

/** A line that grows until a key is pressed. */
const WORK = `
  import { startProgress } from './src/cli/terminal/progress.ts';
  const progress = startProgress('Exporting requests');
  let done = 0;
  let isOver = false;
  process.stdin.once('data', () => (isOver = true));
  const timer = setInterval(() => {
    done = isOver ? 100_000 : Math.min(99_000, done + 100);
    progress.step(done, 100_000);
    if (!isOver) return;
    clearInterval(timer);
    progress.end();
    process.stdout.write('done');
    process.stdin.unref();
  }, 10);`;

async function onTerminal(
  columns: number,
  steps: readonly object[],
  term = 'xterm-256color',
): Promise<Ended> {
  const argv = [process.execPath, '--import', 'tsx', '--input-type=module', '--eval', WORK];
  const job = JSON.stringify({ columns, rows: 24, argv, steps });
  const env = { ...process.env, LC_ALL: 'C.UTF-8', TERM: term };
  const { stdout } = await promisify(execFile)('python3', ['test/cli/terminal.py', job], { env });
  return JSON.parse(stdout) as Ended;
}

/** Each time the line was drawn. */
function drawn({ output }: Ended): readonly string[] {
  return output
    .split('\r')
    .map((line) => stripVTControlCharacters(line).trimEnd())
    .filter((line) => line.startsWith('Exporting'));
}

const ERASED = '\r\u001b[K';

test('a bar that follows the width of the terminal, and is gone at the end', async () => {
  const steps = [
    { wait: 'requests  █*░+  [\\d\\u202f ]+ of 100 000', size: [40, 24] },
    { wait: 'Exporting requests  [\\d ]+ of 100 000', send: '\n' },
  ];
  const ended = await onTerminal(80, steps);
  assert.deepEqual([ended.code, ended.left], [0, []]);
  const lines = drawn(ended);
  assert.ok(lines.every((line) => widthOf(line) < 80));
  assert.ok(lines.some((line) => widthOf(line) > 60));
  assert.ok(ended.output.endsWith(`${ERASED}done`), JSON.stringify(ended.output.slice(-80)));
});

test('Ctrl-C in the middle ends it as it ends any program, and leaves an empty line', async () => {
  const ended = await onTerminal(120, [{ wait: 'Exporting requests', send: '\u0003' }]);
  // Python tells the number of the signal as a negative one.
  assert.deepEqual([ended.code, ended.left], [-2, []]);
  assert.ok(ended.output.endsWith(ERASED), JSON.stringify(ended.output.slice(-80)));
});

test('a terminal that cannot write over a line gets one now and then', async () => {
  const ended = await onTerminal(
    80,
    [{ wait: 'Exporting requests: [\\d\\u202f ]+ of 100', send: '\n' }],
    'dumb',
  );
  assert.deepEqual([ended.code, ended.left], [0, []]);
  assert.ok(!ended.output.includes('\u001b'), JSON.stringify(ended.output));
});

test('the bar gives way to the numbers, and they to the end of the line', () => {
  const plain = (columns: number) =>
    barLine('Exporting requests', 41_000, 100_000, columns).replaceAll('\u202f', ' ');
  assert.equal(plain(120), `Exporting requests  ${'█'.repeat(12)}${'░'.repeat(18)}  41 000 of 100 000  41%`);
  assert.equal(plain(60), `Exporting requests  ${'█'.repeat(7)}${'░'.repeat(9)}  41 000 of 100 000  41%`);
  assert.equal(plain(50), 'Exporting requests  41 000 of 100 000  41%');
  assert.equal(plain(20), 'Exporting requests…');
  for (let columns = 1; columns < 130; columns++)
    assert.ok(widthOf(barLine('Exporting requests', 1, 3, columns)) <= columns);
  assert.match(barLine('x', 0, 0, 80), /0%$/);
});
