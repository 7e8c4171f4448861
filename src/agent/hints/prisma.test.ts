import assert from 'node:assert/strict';
import { test } from 'node:test';
import { carriedSite, runCarrying } from '../calls/carried-site.ts';
import { installPrisma } from './prisma.ts';

interface Helper {
  isEnabled(): boolean;
  dispatchEngineSpans(parent: unknown, spans: unknown, dispatch: (span: unknown) => void): void;
  runInChildSpan(span: unknown, callback: () => unknown): unknown;
}

const NAME = 'V7_PRISMA_INSTRUMENTATION';
const OPERATION = { name: 'operation', attributes: { name: 'Guest.findUnique' } };

installPrisma();

function helperNow(): Helper | undefined {
  const holder: unknown = Reflect.get(globalThis, NAME);
  assert.ok(typeof holder === 'object' && holder !== null);
  return Reflect.get(holder, 'helper') as Helper | undefined;
}

test('what Prisma runs gives what it gave, once, at once', async () => {
  const helper = helperNow();
  assert.ok(helper !== undefined);
  let calls = 0;
  const running = helper.runInChildSpan(OPERATION, () => Promise.resolve(++calls));
  assert.equal(calls, 1);
  assert.equal(await running, 1);
  const failure = new Error('no such guest');
  await assert.rejects(
    async () => helper.runInChildSpan(OPERATION, () => Promise.reject(failure)),
    (error) => error === failure,
  );
  assert.equal(
    helper.runInChildSpan(OPERATION, () => 'no promise'),
    'no promise',
  );
  assert.throws(() =>
    helper.runInChildSpan(OPERATION, () => {
      throw failure;
    }),
  );
  assert.equal(
    helper.runInChildSpan('serialize', () => 1),
    1,
  );
  assert.equal(helper.isEnabled(), false);
  const seen: unknown[] = [];
  helper.dispatchEngineSpans(undefined, ['a', 'b'], (span) => seen.push(span));
  assert.deepEqual(seen, ['a', 'b']);
});

test('who lists globals does not meet it, and whoever traces Prisma takes its place', () => {
  assert.ok(!Object.keys(globalThis).includes(NAME));
  Reflect.set(globalThis, 'PRISMA_INSTRUMENTATION', { helper: {} });
  assert.equal(helperNow(), undefined);
  Reflect.deleteProperty(globalThis, 'PRISMA_INSTRUMENTATION');
  assert.ok(helperNow() !== undefined);
  const before: unknown = Reflect.get(globalThis, NAME);
  Reflect.set(globalThis, NAME, { helper: 'theirs' });
  installPrisma();
  assert.deepEqual(Reflect.get(globalThis, NAME), { helper: 'theirs' });
  Reflect.set(globalThis, NAME, before);
});

test('a call site that is found later is carried over turns', async () => {
  assert.equal(carriedSite(), 0);
  const carried = { callSite: 0 };
  const later = runCarrying(
    carried,
    () => new Promise((resolve) => setImmediate(() => resolve(carriedSite()))),
  );
  carried.callSite = 7;
  assert.equal(await later, 7);
  assert.equal(carriedSite(), 0);
});
