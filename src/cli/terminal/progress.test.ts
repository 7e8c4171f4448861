import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

/** A process of its own: what is tested is what it writes to its stderr, which is no terminal. */
async function waited(ms: number): Promise<string> {
  const script = `
    import { whileWaiting } from './src/cli/terminal/progress.ts';
    const { setTimeout: delay } = await import('node:timers/promises');
    process.stdout.write(await whileWaiting('Opening x', delay(${ms}, 'done')));`;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
  assert.equal(stdout, 'done');
  return stderr;
}

test('work that is done at once says nothing', async () => assert.equal(await waited(0), ''));

test('whoever waits without a terminal reads once what for', async () =>
  assert.equal(await waited(2500), 'Opening x\n'));
