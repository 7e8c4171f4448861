// Budget files as people write them, and the mistakes they make: each is named with its line.

import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';

import { Failure } from '../failure.ts';
import { parseBudget } from './budget-file.ts';

const YAML = `# what CI allows
minimum requests:
  latency: 50
"*":
  - findings: none of n-plus-one, duplicate-call
  - errors = 0
GET /cart/:id: operations ≤ 6, calls of "SELECT a, b FROM c" <= 1, findings none of n-plus-one, cacheable
services:
  pricing:
    POST /quote/{id}: p95 ≤ 20 ms
`;

function shape(text: string): unknown {
  return parseBudget(text, 'b.yml').entries.map(({ selector: { service, method, route }, rules }) => [
    service,
    `${method} ${route}`,
    rules.map((rule) => `${rule.line} ${rule.text}`),
  ]);
}

test('YAML: endpoints, lists, commas, services, lines', () => {
  equal(parseBudget(YAML, 'b.yml').minimum.latency, 50);
  deepEqual(shape(YAML), [
    [undefined, '* *', ['5 findings: none of n-plus-one, duplicate-call', '6 errors = 0']],
    [
      undefined,
      'GET /cart/:id',
      [
        '7 operations ≤ 6',
        '7 calls of "SELECT a, b FROM c" <= 1',
        '7 findings none of n-plus-one, cacheable',
      ],
    ],
    ['pricing', 'POST /quote/{id}', ['10 p95 ≤ 20 ms']],
  ]);
});

test('JSON says the same', () => {
  const text = '{\n "GET /cart/:id": ["operations <= 6",\n "findings: none of n-plus-one"]}';
  deepEqual(shape(text), [
    [undefined, 'GET /cart/:id', ['2 operations <= 6', '3 findings: none of n-plus-one']],
  ]);
});

for (const [name, text, message] of [
  ['an unknown measure', '"*":\n  - operations ≤ 6\n  - speed ≤ 1', /^b\.yml:3: nothing is called "speed"/],
  ['every mistake', '"*": [a ≤ 1, operations ≤ x]', /^b\.yml:1: .*\nb\.yml:1: "x" is not a number/s],
  ['no endpoint', 'cart: operations ≤ 6', /^b\.yml:1: "cart" is no endpoint/],
  ['YAML', '"*": [', /^b\.yml:\d: /],
  ['a star without quotes', '*: operations ≤ 6', /^b\.yml:1: .*in quotes/s],
  ['a colon without quotes', 'GET /a: operations ≤ 6, findings: none', /^b\.yml:1: .*quotes/s],
  ['no rules', '"*": []', /^b\.yml:/],
  ['nothing', '', /^b\.yml:1: /],
  ['the minimum', 'minimum requests: 0\n"*": operations ≤ 6', /^b\.yml:1: .*whole number/],
] as const)
  test(`${name} is named with its line`, () => {
    throws(
      () => parseBudget(text, 'b.yml'),
      (error) => error instanceof Failure && error.exitCode === 2 && message.test(error.message),
    );
  });
