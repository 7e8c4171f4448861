// Bluebird itself, with requests that put their callbacks into its queue at the same time.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import Bluebird from 'bluebird';
import { activate } from '../guard.ts';
import { Context, currentContext, runInContext } from '../requests/context.ts';
import { hookBluebird } from './bluebird.ts';

const REQUESTS = [1, 2, 3, 4, 5];

activate((error) => {
  throw error;
});

/** Whose context runs in each step of `work`, which all requests begin in one turn of the loop. */
async function seenBy(
  work: (library: typeof Bluebird, see: () => number) => PromiseLike<unknown>,
  library = Bluebird,
) {
  const seen = REQUESTS.map((request) => {
    const requests: number[] = [];
    const see = (): number => requests.push(currentContext().request);
    const done = runInContext(new Context(request, 0), () => work(library, see), undefined, []);
    return (done as PromiseLike<unknown>).then(() => [...new Set(requests)]);
  });
  return Promise.all(seen);
}

const OWN = REQUESTS.map((request) => [request]);

/** As knex has them: it begins when somebody waits for it. */
function builder(begin: () => number): unknown {
  const thenable = {};
  Reflect.set(thenable, 'then', (done: (value: number) => void) => done(begin()));
  return thenable;
}

const WORKS: Readonly<Record<string, Parameters<typeof seenBy>[0]>> = {
  'a chain': (library, see) => library.resolve(1).then(see).then(see),
  'catch and finally': (library, see) => library.reject(new Error('no')).catch(see).finally(see),
  'tap and return': (library, see) => library.resolve(1).tap(see).return(2).then(see),
  'a builder that a callback answers with': (library, see) =>
    library
      .resolve(1)
      .then(() => builder(see))
      .then(see),
  map: (library, see) => library.resolve([1, 2]).map(see),
  'map of the library': (library, see) => library.map([library.delay(1, 1), 2], see),
  'each, reduce and filter': (library, see) =>
    library
      .each([1, 2], see)
      .filter(() => see() > 0)
      .reduce(() => see(), 0)
      .then(see),
  'a promise that is settled later': (library, see) => library.delay(2).then(see).delay(1).then(see),
};

it('without a hook one request runs what another has put into the queue', async () => {
  assert.notDeepEqual(await seenBy(WORKS['a chain'] ?? assert.fail()), OWN);
});

for (const [name, work] of Object.entries(WORKS))
  it(`${name}: each request runs its own`, async () => {
    hookBluebird(Bluebird);
    assert.deepEqual(await seenBy(work), OWN);
    assert.deepEqual(await seenBy(work, Bluebird.getNewLibraryCopy() as typeof Bluebird), OWN, 'a copy');
  });

it('answers and failures are as before, and so are cancelled and inspected promises', async () => {
  hookBluebird(Bluebird);
  assert.equal(await Bluebird.resolve(20).then((value) => value + 1), 21);
  assert.deepEqual(await Bluebird.map([1, 2], (value, index) => value * 10 + index), [10, 21]);
  assert.equal(await Bluebird.reduce([1, 2, 3], (sum, value) => sum + value, 0), 6);
  await assert.rejects(Promise.resolve(Bluebird.resolve().then(() => assert.fail('as thrown'))), /as thrown/);
  assert.equal(await Bluebird.reject(new TypeError('x')).caught(TypeError, () => 'caught'), 'caught');
  assert.equal((await Bluebird.reject(new Error('x')).reflect()).isRejected(), true);
  assert.equal(Bluebird.prototype.map.length, 2);
});

it('what is no Bluebird is left alone', () => {
  const other = { prototype: { _then: () => 1 } };
  const { _then: before } = other.prototype;
  hookBluebird(other);
  assert.equal(other.prototype._then, before);
});
