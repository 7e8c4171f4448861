import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CATEGORY_COUNT } from '../../model/category.ts';
import type { SampledBlock, SampledRequest } from './request-tree.ts';
import { makeSample, weightOf } from './sample.ts';

/** Request number `id` of a process, a second after the one before. */
const request = (id: number, process: number, route = '/a'): SampledRequest => ({
  id,
  traceId: String(id),
  parentOperation: 0,
  service: 'shop',
  process,
  method: 'GET',
  route,
  isError: false,
  atUs: id * 1e6,
  durationUs: 1000,
  ownCategories: Array.from({ length: CATEGORY_COUNT }, () => 0),
});

const block = (...requests: readonly SampledRequest[]): SampledBlock => ({ requests, operations: [] });

/** Two blocks of a recording in which each of them stands for many. */
function sampleOf(starts: ReadonlyMap<number, number>) {
  const blocks = [
    block(request(1, 1), request(2, 1, '/b'), request(3, 2), request(4, 1)),
    block(request(101, 1), request(102, 3), request(103, 3), request(104, 4)),
  ];
  const totals = ['/a', '/b'].map((route) => ({
    service: 'shop',
    method: 'GET',
    route,
    requests: route === '/a' ? 107 : 1,
    totalUs: 1,
  }));
  return makeSample(blocks, totals, { starts });
}

const firsts = (starts: ReadonlyMap<number, number>): number[] =>
  [...sampleOf(starts).firsts].map(({ request: { id } }) => id);

test('the first of each endpoint in each process, where everything since its start is there', () => {
  // The third process was started within the second block, the fourth some time before it.
  const starts = new Map([
    [1, 0.5e6],
    [2, 0.5e6],
    [3, 101.5e6],
    [4, 50e6],
  ]);
  assert.deepEqual(firsts(starts), [1, 2, 3, 102]);
  assert.deepEqual(firsts(new Map()), []);
});

test('a first one stands for itself, and all others for the rest', () => {
  const sample = sampleOf(new Map([[1, 0]]));
  const weights = sample.nodes.map((node) => weightOf(sample, node));
  // 107 of /a: one first one, and six others for 106 of them.
  assert.deepEqual(
    weights.map((each) => Math.round(each * 1000) / 1000),
    [1, 1, ...Array(6).fill(17.667)],
  );
  assert.equal(Math.round(weights.reduce((sum, each) => sum + each, 0)), 108);
});
