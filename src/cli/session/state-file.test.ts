import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { readState, removeState, stateFileIn, writeState, type RunningState } from './state-file.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'wiretime-state-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const ours: RunningState = { pid: process.pid, command: 'run', dataFolder: '/d', url: 'http://localhost:1' };

test('what was written is read, by this user only', () => {
  const file = stateFileIn(folder);
  writeFileSync(file, 'old', { mode: 0o644 });
  writeState(file, ours);
  assert.deepEqual(readState(file), ours);
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('a process that is gone left a stale file: nobody runs there', () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  writeState(stateFileIn(folder), { ...ours, pid });
  assert.equal(readState(stateFileIn(folder)), undefined);
});

test('only our own file is removed', () => {
  const file = stateFileIn(folder);
  writeState(file, { ...ours, pid: process.ppid });
  removeState(file);
  assert.ok(existsSync(file));
  writeState(file, ours);
  removeState(file);
  assert.ok(!existsSync(file));
});

test('a damaged file is no running wiretime', () => {
  for (const text of ['', '{', '{"pid":"x"}', 'null']) {
    writeFileSync(stateFileIn(folder), text);
    assert.equal(readState(stateFileIn(folder)), undefined);
  }
});
