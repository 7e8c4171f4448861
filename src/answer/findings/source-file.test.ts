import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { codePlace, readSource } from './source-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'wiretime-source-'));
const app = join(folder, 'app');
mkdirSync(join(app, 'src'), { recursive: true });
const numbered = Array.from({ length: 100 }, (_, index) => `line ${index + 1}`).join('\n');
writeFileSync(join(app, 'src', 'carts.js'), numbered);
writeFileSync(join(app, '.env'), 'SECRET=1');
writeFileSync(join(app, 'wide.js'), 'x'.repeat(10_000));
writeFileSync(join(app, 'bundle.js'), 'x\n'.repeat(1_500_000));
writeFileSync(join(folder, 'outside.js'), 'const secret = 1;');
symlinkSync(join(folder, 'outside.js'), join(app, 'src', 'link.js'));
symlinkSync(join(app, '.env'), join(app, 'src', 'env.js'));
mkdirSync(join(app, 'folder.js'));
mkdirSync(join(folder, 'app-two'));
writeFileSync(join(folder, 'app-two', 'other.js'), 'other');
after(() => rmSync(folder, { recursive: true }));

test('a call site is a file and a line', () => {
  assert.deepEqual(codePlace('src/carts.js:41:18'), { file: 'src/carts.js', line: 41 });
  assert.deepEqual(codePlace('app.py:34'), { file: 'app.py', line: 34 });
  assert.deepEqual(codePlace('C:/app/a.js:3:1'), { file: 'C:/app/a.js', line: 3 });
  for (const none of ['', 'carts.js', 'carts.js:0', ':1', 'carts.js:x'])
    assert.equal(codePlace(none), undefined, none);
});

test('the lines around it are read from the first folder that has the file', async () => {
  const found = await readSource({ file: 'src/carts.js', line: 41 }, ['/nowhere', app]);
  assert.equal(found?.firstLine, 29);
  assert.equal(found?.lines[41 - 29], 'line 41');
  assert.equal(found?.lines.length, 21);
  assert.ok(found?.absolutePath.endsWith('/app/src/carts.js'));
  const start = await readSource({ file: 'src/carts.js', line: 2 }, [app]);
  assert.deepEqual([start?.firstLine, start?.lines[0]], [1, 'line 1']);
  const wide = await readSource({ file: 'wide.js', line: 1 }, [app]);
  assert.equal(wide?.lines[0]?.length, 240);
});

test('nothing else is read: outside, through a link, of another kind, too large, not a file, not that long', async () => {
  for (const file of [
    '../outside.js',
    'src/../../outside.js',
    'src/link.js',
    'src/env.js',
    '.env',
    'src/.env',
    'bundle.js',
    'folder.js',
    'none.js',
    '../app-two/other.js',
    join(app, 'src', 'carts.js'),
    'src/carts.js\0.js',
  ])
    assert.equal(await readSource({ file, line: 1 }, [app]), undefined, file);
  assert.equal(await readSource({ file: 'src/carts.js', line: 101 }, [app]), undefined);
  assert.equal(
    await readSource({ file: 'src/carts.js', line: 1 }, ['', '.', 'app']),
    undefined,
    'relative folders',
  );
});
