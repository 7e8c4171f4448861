// Places of a profiler, as agents tell them: the application's line, its function, and the name of what ran in it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codePlaceOf } from './code-place.ts';

test('code that ran itself', () => {
  assert.deepEqual(codePlaceOf('/app/views/cart.js:33:0 renderCart\n/app/routes.js:8:20 show', '', '/app'), {
    callSite: 'views/cart.js:33:1',
    name: 'renderCart',
    called: '',
    callers: 'routes.js:8:20 show',
  });
});

test('code of a package, of Node, and native code that it had called', () => {
  const called = (text: string): string => codePlaceOf('/app/a.js:3:4 check', text, '/app').called;
  assert.equal(called('/app/node_modules/bcryptjs/dist/bcrypt.js:1300:10 hashSync'), 'hashSync of bcryptjs');
  assert.equal(
    called('/app/node_modules/@hapi/iron/lib/index.js:1:10 exports.seal'),
    'exports.seal of @hapi/iron',
  );
  assert.equal(called('node:internal/crypto/pbkdf2:62:20 pbkdf2Sync'), 'pbkdf2Sync');
  assert.equal(called('readdir'), 'readdir');
  assert.equal(
    called('/venv/lib/python3.12/site-packages/yaml/reader.py:90:0 Reader.prefix'),
    'Reader.prefix of yaml',
  );
});

test('the line of a call is exact where it has no column', () => {
  const place = codePlaceOf(
    '/app/users.py:40:0 sign_up',
    '/usr/lib/python3.12/hashlib.py:9:0 pbkdf2',
    '/app',
  );
  assert.deepEqual(place, {
    callSite: 'users.py:40:1',
    name: 'sign_up',
    called: 'pbkdf2',
    callers: '',
  });
});

test('callers up to a package, exact where they have no column, each function once', () => {
  const frames = ['/app/a.py:3:0 deep', '/app/b.py:7:0 walk', '/app/b.py:9:0 walk', '/app/c.py:1:0 main'];
  const callers = (...more: string[]): string =>
    codePlaceOf([...frames, ...more].join('\n'), '', '/app').callers;
  assert.equal(callers(), 'b.py:7:1 walk\nc.py:1:1 main');
  assert.equal(
    codePlaceOf([frames[0], '/app/node_modules/x/i.js:1:1 run', frames[3]].join('\n'), '', '/app').callers,
    '',
  );
});

test('nothing of the application', () => {
  assert.deepEqual(codePlaceOf('', '(garbage collector)', '/app'), {
    callSite: '',
    name: '',
    called: '(garbage collector)',
    callers: '',
  });
});
