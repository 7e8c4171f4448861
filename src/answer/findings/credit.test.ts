import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Credit } from './credit.ts';

test('what was saved up may be spent at once; then only a share of the time', async () => {
  let clock = 0;
  const credit = new Credit(0.01, 3000, () => clock);
  const work = (ms: number) => credit.spend(async () => (clock += ms));
  assert.equal(await work(2000), 2000);
  assert.equal(await work(2000), 4000, 'a piece that has begun is done');
  assert.equal(await work(1), undefined);
  clock += 96_000;
  assert.equal(await work(1), undefined, '3000 + 1 % of 100 s is not yet 4000');
  clock += 1000;
  assert.equal(await work(1), 101_001);
});
