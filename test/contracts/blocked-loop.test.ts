// Code that blocks the event loop in requests that ask nobody for anything: there is no operation to name.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CodeLine } from '../../src/analysis/sample/sample.ts';
import { allFindings } from './detector.ts';
import { Recording } from './recorded-requests.ts';

/** Tiles that are only computed, one in `few` quicker than usual, and a look-up that waits for each. */
function computed(ownUs: (index: number) => number): Recording {
  const recording = new Recording();
  for (let index = 0; index < 60; index++) {
    const atUs = 1_000_000 + index * 300_000;
    recording.add({ atUs, route: '/tiles/:tile', operations: [], tailUs: ownUs(index) });
    recording.add({
      atUs: atUs + 500,
      operations: [{ statement: 'SELECT b FROM other WHERE id = $1' }],
      tailUs: ownUs(index) + 1000,
      loopUs: ownUs(index),
    });
  }
  return recording;
}

function blockedIn(recording: Recording) {
  return allFindings(recording.sample()).findings.filter(({ kind }) => kind === 'blocked-loop');
}

test('an endpoint without operations is told, without a line', () => {
  const [found, ...others] = blockedIn(computed(() => 60_000));
  assert.deepEqual(others, []);
  assert.equal(found?.endpoint?.route, '/tiles/:tile');
  assert.equal(found.callSite, '');
  assert.equal(found.statement, '');
  assert.equal(found.dependency, '');
});

test('where the service had no core for most of the time, it blocks for less long than it seems', () => {
  const found = (share: number) => {
    const sample = { ...computed(() => 20_000).sample(), coreShares: new Map([['shop', share]]) };
    return allFindings(sample).findings.filter(({ kind }) => kind === 'blocked-loop').length;
  };
  assert.equal(found(0.49), 0);
  assert.equal(found(0.5), 1);
});

/** What a profiler saw of it, ms by line. */
function profiled(recording: Recording, lines: Readonly<Record<string, number>>, looksPerMs = 0.2) {
  const seen = Object.entries(lines).map(([line, ms]): CodeLine => {
    const [callSite = '', name = '', called = '', callers = ''] = line.split(' | ');
    return { callSite, name, called, callers, blockedUs: ms * 1000, looks: ms * looksPerMs };
  });
  const sample = { ...recording.sample(), codeLines: new Map([['shop\nGET\n/tiles/:tile', seen]]) };
  const [found, ...others] = allFindings(sample).findings.filter(({ kind }) => kind === 'blocked-loop');
  assert.deepEqual(others, []);
  assert.ok(found);
  return found;
}

const tiles = computed(() => 60_000);

test('where a profiler looked it is the line most often seen, with its share', () => {
  const found = profiled(tiles, {
    'src/tile.js:31:9 | blend': 800,
    'src/tile.js:12:3 | draw': 100,
    ' |  | (garbage collector)': 500,
  });
  assert.equal(found.callSite, 'src/tile.js:31');
  assert.match(found.fix, /^89% of it runs in blend \(tile\.js:31\)\. Use the asynchronous/);
});

test('a line that calls a package is named with what it calls, however many columns it was seen at', () => {
  const found = profiled(tiles, {
    'src/auth.js:9:3 | check | hashSync of bcryptjs': 300,
    'src/auth.js:9:14 | check | bcrypt of bcryptjs': 200,
    'src/auth.js:4:1 | user': 100,
  });
  assert.equal(found.callSite, 'src/auth.js:9');
  assert.match(found.fix, /^83% of it runs in check \(auth\.js:9, hashSync of bcryptjs\)\./);
});

test('who called it is said when it usually is the same', () => {
  const from = (handler: number) =>
    profiled(tiles, {
      'src/clone.js:4:1 | clone |  | src/tiles.js:41:9 show': handler,
      'src/clone.js:4:1 | clone |  | src/list.js:7:2 list\nsrc/app.js:1:1': 1000 - handler,
    }).fix;
  assert.match(from(500), /in clone \(clone\.js:4\), called from (tiles\.js:41|list\.js:7)\. /);
  assert.match(from(501), /in clone \(clone\.js:4\), called from tiles\.js:41\. /);
  assert.match(from(300), /called from list\.js:7\. /);
});

test('lines of one function are its place together; several functions are told as several', () => {
  const inOne = profiled(tiles, {
    'a.js:3:1 | mix': 240,
    'a.js:4:1 | mix': 250,
    'a.js:5:1 | mix': 260,
    'b.js:1:1 | sum': 250,
  });
  assert.equal(inOne.callSite, 'a.js:5');
  assert.match(inOne.fix, /^75% of it runs in mix \(a\.js:5\) and lines around it\./);
  const inSeveral = profiled(tiles, { 'a.js:3:1 | mix': 400, 'b.js:1:1 | sum': 300, 'c.js:1:1 | top': 300 });
  assert.equal(inSeveral.callSite, 'a.js:3');
  assert.match(inSeveral.fix, /^It runs in several places: 40% in mix \(a\.js:3\), 30% in sum \(b\.js:1\)\./);
});

test('code of a package that nothing of the application called has no line', () => {
  const found = profiled(tiles, { ' |  | parse of body-parser': 900, 'a.js:1:1 | go': 100 });
  assert.equal(found.callSite, '');
  assert.match(found.fix, /^90% of it runs in parse of body-parser\./);
});

test('too few looks, and too many places, say nothing: it stays with the calls around it', () => {
  const line = { 'src/tile.js:31:9 | blend': 20 };
  assert.equal(profiled(tiles, line).callSite, '', 'four looks');
  assert.equal(profiled(tiles, line, 0.25).callSite, 'src/tile.js:31', 'five');
  const spread = (share: number): Record<string, number> => ({
    'a.js:1:1 | most': share,
    ...Object.fromEntries(
      Array.from({ length: 50 }, (_, at) => [`b.js:${at}:1 | f${at}`, (1000 - share) / 50]),
    ),
  });
  assert.equal(profiled(tiles, spread(199)).callSite, '');
  assert.equal(profiled(tiles, spread(200)).callSite, 'a.js:1');
});

test('what usually takes long need not take long each time', () => {
  assert.equal(blockedIn(computed((index) => (index % 5 === 0 ? 8000 : 14_000))).length, 1);
  assert.equal(blockedIn(computed((index) => (index % 5 === 0 ? 1000 : 14_000))).length, 0);
});
