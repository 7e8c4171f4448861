import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentCostSentence, collectionSentence } from './told-cpu.ts';

const shop = {
  service: 'shop',
  gcCount: 5,
  gcPausedUs: 5000,
  gcBusyUs: 100_000,
  agentUs: 70,
  processUs: 1000,
};

test('collections are told from a share on, and when there were some', () => {
  assert.match(
    collectionSentence([shop]),
    /^Garbage collection stopped shop for 5\.0% of the time it was busy/,
  );
  assert.equal(collectionSentence([{ ...shop, gcPausedUs: 4999 }]), '');
  assert.equal(collectionSentence([{ ...shop, gcCount: 4 }]), '');
});

test('the cost of agents, of those that told', () => {
  assert.match(agentCostSentence([shop]), /^The agent takes about 7\.0% of the CPU of shop: /);
  assert.equal(agentCostSentence([{ ...shop, agentUs: 0 }]), '');
});
