import assert from 'node:assert/strict';
import { it } from 'node:test';
import { HelperLines } from './helper-lines.ts';

it('is a helper from the third statement on', () => {
  const lines = new HelperLines();
  for (const statement of ['GET', 'SET']) lines.note('cache.js:7', statement);
  assert.equal(lines.has('cache.js:7'), false);
  lines.note('cache.js:7', 'DEL');
  assert.equal(lines.has('cache.js:7'), true);
});

it('is none for asking one path for many things, before the path is learnt', () => {
  const lines = new HelperLines();
  for (const parcel of ['C1', 'C20', 'C300', 'C4000']) lines.note('labels.js:9', `GET /v1/labels/${parcel}`);
  assert.equal(lines.has('labels.js:9'), false);
});

it('is none for asking for keys whose pattern is not learnt yet', () => {
  const lines = new HelperLines();
  for (const region of ['r1', 'r2', 'r3', 'r4']) lines.note('eta.js:13', `GET eta:${region}:?`);
  assert.equal(lines.has('eta.js:13'), false);
});
