import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queueRoute } from './queue-name.ts';
import { RouteLearner } from './route-learner.ts';

const CASES: readonly (readonly [name: string, route: string])[] = [
  ['orders', 'orders'],
  ['orders.created', 'orders.created'],
  ['orders.4711.created', 'orders.?.created'],
  ['tenant:0b7b4b1c-8f07-4f4c-9d6e-2f0f8c8a1f11/mail', 'tenant:?/mail'],
  ['orders.*.created', 'orders.*.created'],
  ['orders.>', 'orders.>'],
  ['amq.gen-JzTY20BRgKO-HjmUJj0wLg', 'amq.gen-?'],
  ['', ''],
  ['what?#', 'what__'],
];

for (const [name, route] of CASES)
  test(`the route of ${JSON.stringify(name)} is ${JSON.stringify(route)}`, () => {
    assert.equal(queueRoute(new RouteLearner(), 'shop', 'CONSUME', name), route);
  });

test('a part that is ever new is data', () => {
  const routes = new RouteLearner();
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  const names = Array.from(
    { length: 300 },
    (_, index) => `mail.${letters[index % 26]}${letters[(index * 7) % 25]}${letters[index % 23]}son.sent`,
  );
  const learnt = names.map((name) => queueRoute(routes, 'shop', 'CONSUME', name));
  assert.equal(learnt.at(-1), 'mail.?.sent');
});
