// The first line of the home page, by what takes the time.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CATEGORIES } from '../model/category.ts';
import type { CategoryKey } from '../model/category.ts';
import { homeSentence } from './sentence.ts';

const DETAIL = {
  dependency: '',
  dependencyShare: 0,
  operations: 0,
  statement: '',
  callSite: '',
  statementShare: 0,
};

/** Of 10 s: the rest is own code. */
function said(key: CategoryKey, share: number, coreWaitUs: number): string {
  const totals = CATEGORIES.map((category) => {
    const part = category.key === key ? share : category.key === 'own' ? 1 - share : 0;
    return { key: category.key, us: part * 1e7, share: part };
  });
  return homeSentence(totals, () => DETAIL, 18, [], coreWaitUs)
    .map(({ text }) => text)
    .join('');
}

it('says that processes had no core, when most is time in which nothing is known to have happened', () => {
  assert.equal(
    said('other', 0.6, 3e6),
    'Your backend spends 60% of its time neither running nor waiting for the network; its processes waited 3.00\u202fs for a processor core.',
  );
});

it('does not when that explains less than half of it, or when something else takes the time', () => {
  assert.match(
    said('other', 0.6, 2.9e6),
    /60% of its time in work that was not seen, spread over 18 endpoints/,
  );
  assert.match(said('db', 0.6, 9e6), /60% of its time in the database/);
});
