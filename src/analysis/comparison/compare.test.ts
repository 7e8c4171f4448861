// Comparisons of requests made by hand and by a seeded generator.

import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { CATEGORY_COUNT } from '../../model/category.ts';
import { seededRandom } from '../statistics/chances.ts';
import { compareLatencies } from './compare.ts';
import { meanChange } from './mean-change.ts';
import type { EndpointSample } from './sample.ts';

/** 60 s at 10 a second, log-normal around `us`; a share of `slow` takes three times as long. */
function sample(seed: number, us: number, slow = 0, seconds = 60): EndpointSample {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const at = Array.from({ length: seconds * 10 }, (_, index) => index * 100_000);
  const durationsUs = at.map(() => Math.round(us * Math.exp(0.3 * normal()) * (random() < slow ? 3 : 1)));
  return {
    at,
    durationsUs,
    signatures: at.map(() => ''),
    categories: durationsUs.map((duration) => [duration, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
  };
}

function verdictOf(a: EndpointSample, b: EndpointSample): string {
  const [change] = compareLatencies([{ a, b }]);
  return change?.kind === 'compared' ? change.verdict : (change?.reason ?? '');
}

test('30 % slower is seen, and its interval holds it', () => {
  const [change] = compareLatencies([{ a: sample(1, 10_000), b: sample(2, 13_000) }]);
  ok(change?.kind === 'compared');
  equal(change.verdict, 'slower');
  ok(change.median.low < 1.3 && change.median.high > 1.3 && change.median.low > 1.15);
});

test('faster is faster; the same is no change', () => {
  equal(verdictOf(sample(1, 13_000), sample(2, 10_000)), 'faster');
  equal(verdictOf(sample(1, 10_000), sample(2, 10_000)), 'no-change');
});

test('a tail that grows is slower, though the median stays', () => {
  equal(verdictOf(sample(1, 10_000), sample(2, 10_000, 0.12)), 'slower');
});

test('fewer than 12 requests in a block: medians are compared, and no tails, which grow with their number', () => {
  const sparse = ({ at, durationsUs, signatures, categories }: EndpointSample): EndpointSample => {
    const each = <T>(values: readonly T[]): T[] => values.filter((_, index) => index % 10 === 0);
    return {
      at: each(at),
      durationsUs: each(durationsUs),
      signatures: each(signatures),
      categories: each(categories),
    };
  };
  equal(verdictOf(sparse(sample(1, 10_000)), sparse(sample(2, 20_000))), 'slower');
  equal(verdictOf(sparse(sample(1, 10_000)), sample(2, 10_000)), 'no-change');
  equal(verdictOf(sparse(sample(1, 10_000)), sample(2, 10_000, 0.12)), 'no-change');
});

test('significant but too small to matter', () => {
  equal(verdictOf(sample(1, 100), sample(2, 130)), 'no-change');
  equal(verdictOf(sample(1, 10_000, 0, 600), sample(2, 10_300, 0, 600)), 'no-change');
});

test('too little is refused, and says which side', () => {
  equal(verdictOf(sample(1, 10_000), sample(2, 20_000, 0, 4)), 'B: 40 requests, 48 are needed');
  equal(verdictOf(sample(1, 10_000, 0, 0), sample(2, 20_000)), 'A: 0 requests, 48 are needed');
});

test('200 endpoints in which nothing changed: none is called slower or faster', () => {
  const pairs = Array.from({ length: 200 }, (_, index) => ({
    a: sample(2 * index, 10_000),
    b: sample(2 * index + 1, 10_000),
  }));
  const alarms = compareLatencies(pairs).filter(
    (change) => change.kind === 'compared' && change.verdict !== 'no-change',
  );
  equal(alarms.length, 0);
});

test('times that go up and down slowly are refused', () => {
  const slow = sample(1, 10_000);
  const swinging = slow.durationsUs.map((us, index) => us * (1 + 0.8 * Math.sin(index / 100)));
  equal(verdictOf(slow, { ...slow, durationsUs: swinging }).slice(0, 31), 'its times go up and down slowly');
});

const request = fc.record({
  signature: fc.constantFrom('hit', 'miss', 'error'),
  parts: fc.array(fc.nat(100_000), { minLength: CATEGORY_COUNT, maxLength: CATEGORY_COUNT }),
});
const anySample = fc.array(request, { minLength: 1, maxLength: 30 }).map((requests) => ({
  at: requests.map((_, index) => index),
  durationsUs: requests.map(({ parts }) => parts.reduce((sum, each) => sum + each, 0)),
  signatures: requests.map(({ signature }) => signature),
  categories: requests.map(({ parts }) => parts),
}));

test('both parts together are the change of the mean', () => {
  fc.assert(
    fc.property(anySample, anySample, (a, b) => {
      const { sameWorkUs, otherWorkUs } = meanChange(a, b);
      const mean = ({ durationsUs }: EndpointSample) =>
        durationsUs.reduce((sum, each) => sum + each, 0) / durationsUs.length;
      const total = [...sameWorkUs, ...otherWorkUs].reduce((sum, each) => sum + each, 0);
      ok(Math.abs(total - (mean(b) - mean(a))) < 1e-3);
    }),
  );
});

test('more misses are other work; slower misses are the same work', () => {
  const of = (hits: number, misses: number, missUs: number): EndpointSample => {
    const durationsUs = [
      ...Array.from({ length: hits }, () => 1000),
      ...Array.from({ length: misses }, () => missUs),
    ];
    return {
      at: durationsUs.map((_, index) => index),
      durationsUs,
      signatures: durationsUs.map((_, index) => (index < hits ? 'hit' : 'miss')),
      categories: durationsUs.map((us) => [us, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    };
  };
  const mix = meanChange(of(90, 10, 11_000), of(50, 50, 11_000));
  equal(Math.round(mix.sameWorkUs[0] ?? 0), 0);
  equal(Math.round(mix.otherWorkUs[0] ?? 0), 4000);
  const slower = meanChange(of(90, 10, 11_000), of(90, 10, 21_000));
  equal(Math.round(slower.sameWorkUs[0] ?? 0), 1000);
  equal(Math.round(slower.otherWorkUs[0] ?? 0), 0);
});
