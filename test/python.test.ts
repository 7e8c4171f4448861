// The Python agent, as far as Python and its standard library can test it: `npm run test:python` does the rest.
// In: python/tests. Out: pass or fail; skipped where there is no Python.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const python = process.env['WIRETIME_TEST_PYTHON'] ?? 'python3';
const FILES = [
  'record',
  'bytes',
  'requests',
  'exchange',
  'ends',
  'guard',
  'start',
  'propagation',
  'rough',
  'call_sites',
];

const found = spawnSync(python, ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))']);
const skip = found.status === 0 ? false : 'needs Python 3.9 or newer';

for (const name of FILES)
  test(`python/tests/test_${name}.py`, { skip }, () => {
    const { status, stderr } = spawnSync(python, ['-W', 'ignore', `python/tests/test_${name}.py`], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
  });
