// Marks of deploys, and comparisons of a recording that is still being made: the built product, a real program that is started anew.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Workplace, type Ended, type Running } from './command.ts';

const SERVER = resolve('test/e2e/budget-server.cjs');
const PATIENCE_MS = 20_000;

let place: Workplace;
let running: Running;

/** GET /cart makes one call, after the next deploy three; each deploy waits until it may. */
const DEPLOYS = ['one 1', 'two 3']
  .map((deploy) => {
    const [name, calls] = deploy.split(' ');
    return `while [ ! -e ${name} ]; do sleep 0.05; done; node ${SERVER} ${calls} 20 && echo ended ${name}`;
  })
  .join('; ');

before(async () => {
  place = new Workplace();
  const command = `${DEPLOYS}; while [ ! -e end ]; do sleep 0.05; done`;
  running = place.start(['run', '--port', '0', '--summary', 'none', '--', 'sh', '-c', command]);
  await running.prints(/localhost:\d+/);
  for (const name of ['one', 'two']) {
    const { code, stdout, stderr } = await place.run(['mark', `v-${name}`]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`is marked v-${name} from \\d{4}-`));
    writeFileSync(place.path(name), '');
    await running.prints(new RegExp(`ended ${name}`));
  }
});

after(async () => {
  writeFileSync(place.path('end'), '');
  await running.ended;
  place.remove();
});

/** What was sent is stored a moment later. */
async function until(args: readonly string[], pattern: RegExp): Promise<Ended> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const ended = await place.run(args);
    if (pattern.test(ended.stdout)) return ended;
    if (performance.now() > deadline) assert.fail(`never ${pattern}:\n${ended.stdout}${ended.stderr}`);
    await sleep(200);
  }
}

test('diff of two deploys while the recording goes on', async () => {
  const { stdout } = await until(['diff', '@v-one', '@v-two'], /GET \/cart +20 → 20 requests/);
  assert.match(stdout, /operations 1\.00 → 3\.00 per request/);
});

test('check of one deploy while the recording goes on', async () => {
  writeFileSync(place.path('budget.yml'), 'GET /cart: operations ≤ 2, calls of "GET /price*" ≤ 2\n');
  const check = (range: string) => ['check', '--budget', 'budget.yml', '--range', range];
  const broken = await until(check('v-two'), /operations ≤ 2 +3 in one request/);
  assert.equal(broken.code, 1);
  assert.match(broken.stdout, /calls of "GET \/price\*" ≤ 2 +3 in one request\n +.*budget-server\.cjs:22/);
  assert.equal((await place.run(check('v-one'))).code, 0);
  assert.equal((await place.run(check('..v-two'))).code, 0);
});

test('names that cannot be marks, and marks that are not there', async () => {
  for (const name of ['a..b', 'a b', '14:05', ''])
    assert.equal((await place.run(['mark', name])).code, 2, name);
  const { code, stderr } = await place.run(['diff', '@v-one', '@v-three']);
  assert.equal(code, 2);
  assert.match(stderr, /no mark "v-three": there are v-one, v-two/);
});
