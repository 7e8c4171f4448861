import assert from 'node:assert/strict';
import { it } from 'node:test';
import { HelperLines } from './helper-lines.ts';

it('is a helper from the third statement on', () => {
  const lines = new HelperLines();
  for (const statement of ['GET', 'SET']) lines.note('cache.js:7', `${statement}.js:1`, statement);
  assert.equal(lines.has('cache.js:7'), false);
  lines.note('cache.js:7', 'DEL.js:1', 'DEL');
  assert.equal(lines.has('cache.js:7'), true);
});

it('is none when only one line calls it, whose keys have a word that differs', () => {
  const lines = new HelperLines();
  for (const country of ['de', 'fr', 'it', 'es'])
    lines.note('rates.js:9', 'routes.js:4', `GET rates:${country}:?`);
  lines.note('rates.js:9', '', 'GET rates:pl:?');
  assert.equal(lines.has('rates.js:9'), false);
});

it('is one when the only line that calls it is one', () => {
  const lines = new HelperLines();
  for (const name of ['users', 'orders', 'items']) {
    lines.note('send.js:3', 'run.js:5', `SELECT … FROM ${name}`);
    lines.note('run.js:5', `${name}.js:8`, `SELECT … FROM ${name}`);
  }
  assert.equal(lines.has('send.js:3'), true);
  assert.equal(lines.has('run.js:5'), true);
});

it('ends where a line calls itself', () => {
  const lines = new HelperLines();
  for (const name of ['users', 'orders', 'items'])
    lines.note('walk.js:3', 'walk.js:3', `SELECT … FROM ${name}`);
  assert.equal(lines.has('walk.js:3'), false);
});

it('is none for asking one path for many things, before the path is learnt', () => {
  const lines = new HelperLines();
  for (const parcel of ['C1', 'C20', 'C300', 'C4000'])
    lines.note('labels.js:9', `routes.js:${parcel}`, `GET /v1/labels/${parcel}`);
  assert.equal(lines.has('labels.js:9'), false);
});

it('is none for asking for keys whose pattern is not learnt yet', () => {
  const lines = new HelperLines();
  for (const region of ['r1', 'r2', 'r3', 'r4'])
    lines.note('eta.js:13', `routes.js:${region}`, `GET eta:${region}:?`);
  assert.equal(lines.has('eta.js:13'), false);
});
