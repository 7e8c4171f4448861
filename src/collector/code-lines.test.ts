// Whose code a profiler saw: looks told later find the request that ran at their time; long stretches of one request are what blocks.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nanos } from '../base/time.ts';
import type { CodeLineRow } from '../model/row.ts';
import { LiveRequest } from '../trace/live-request.ts';
import { CodeLines } from './code-lines.ts';
import { ProcessState } from './process-state.ts';

const MS = 1_000_000;

class Scene {
  readonly state = new ProcessState(1);
  readonly lines = new CodeLines(this.state);

  constructor() {
    this.state.info = { ...this.state.info, service: 'shop', cwd: '/app' };
    this.lines.place(1, '/app/cart.js:33:0 renderCart', '');
    this.lines.place(2, '/app/search.js:7:0 search', '');
  }

  /** A request that keeps the thread from `from` to `to`, ms. */
  request(number: number, route: string, from: number, to: number): this {
    const live = new LiveRequest(1, 'shop', '0'.repeat(32));
    Object.assign(live.request, { method: 'GET', route, start: nanos(from * MS), end: nanos(to * MS) });
    this.state.loop.moment(nanos(from * MS), 0, 0);
    this.state.loop.wake(number);
    this.state.loop.moment(nanos(to * MS), 0, 0);
    this.state.ended.set(number, live);
    return this;
  }

  /** A look every 5 ms. */
  looks(from: number, to: number, place: number): this {
    for (let at = from; at < to; at += 5) this.lines.look(nanos(at * MS), place, 5000);
    return this;
  }

  rows(): Pick<CodeLineRow, 'route' | 'callSite' | 'us' | 'blockedUs' | 'looks'>[] {
    this.lines.end();
    return this.lines
      .take()
      .map(({ route, callSite, us, blockedUs, looks }) => ({ route, callSite, us, blockedUs, looks }));
  }
}

test('each look belongs to the request that ran then, though it is told later', () => {
  const scene = new Scene().request(1, '/cart', 100, 140).request(2, '/search', 140, 145);
  scene.lines.looks(0, false);
  assert.deepEqual(scene.looks(100, 140, 1).looks(140, 145, 2).rows(), [
    { route: '/cart', callSite: 'cart.js:33:1', us: 40_000, blockedUs: 40_000, looks: 8 },
    { route: '/search', callSite: 'search.js:7:1', us: 5000, blockedUs: 0, looks: 1 },
  ]);
});

test('10 ms of one request block; 5 ms do not, and two requests one after the other are not one stretch', () => {
  const scene = new Scene().request(1, '/a', 100, 105).request(2, '/b', 105, 110).request(3, '/c', 200, 210);
  scene.lines.looks(0, false);
  const rows = scene.looks(100, 110, 1).looks(200, 210, 1).rows();
  assert.deepEqual(
    rows.map(({ route, blockedUs }) => [route, blockedUs]),
    [
      ['/a', 0],
      ['/b', 0],
      ['/c', 10_000],
    ],
  );
});

test('what runs after the end of a request, or of no request, is nobody’s', () => {
  const scene = new Scene().request(1, '/cart', 100, 120);
  scene.lines.looks(0, false);
  assert.deepEqual(
    scene
      .looks(150, 200, 1)
      .rows()
      .map(({ route, us }) => [route, us]),
    [['', 50_000]],
  );
});

test('looks at what blocked only say nothing about all that ran', () => {
  const scene = new Scene().request(1, '/cart', 100, 140);
  scene.lines.looks(0, true);
  assert.deepEqual(
    scene
      .looks(100, 140, 1)
      .rows()
      .map(({ us, blockedUs }) => [us, blockedUs]),
    [[0, 40_000]],
  );
});

test('an unknown place and too many looks are no harm', () => {
  const scene = new Scene();
  scene.lines.looks(0, false);
  for (let at = 0; at < 20_000; at++) scene.lines.look(nanos(at), at + 10, 5000);
  const [row] = scene.rows();
  assert.equal(row?.callSite, '');
  assert.equal(row?.looks, 8000);
});
