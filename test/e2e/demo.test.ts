// `npm run demo` as a newcomer runs it: it says where the page is, ends by itself, and prints the summary.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);

test('the demo runs to its end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wiretime-demo-'));
  try {
    const args = ['scripts/demo.ts', '--seconds=2', '--no-python', '--data', join(folder, 'data')];
    const { stderr } = await run(process.execPath, ['--import', 'tsx', ...args], { timeout: 90_000 });
    assert.match(stderr, /^wiretime {2}http:\/\/localhost:\d+$/m);
    assert.match(stderr, /^customers: \d+ requests$/m);
    assert.match(stderr, /^Where the time goes/m);
    assert.ok(existsSync(join(folder, 'data')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
