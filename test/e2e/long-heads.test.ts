// Long response heads: the length that ends an operation lies behind the first 512 bytes. In: a program that asks itself. Out: pass or fail.

import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { after, test } from 'node:test';
import { openStore } from '../../src/store/open.ts';
import { columns, mapRows } from '../../src/store/query.ts';
import { Workplace } from './command.ts';

const PROGRAM = resolve('test/e2e/long-heads.cjs');
const BODY_BYTES = 10_000;
/** Between the answer and the end of the request that waited for it, in the program; timers may be a millisecond early. */
const WORK_US = 99_000;

const place = new Workplace();
after(() => place.remove());

test('an answer with a long head ends with its last byte, and belongs to its request', async () => {
  const data = place.path('data');
  const { code, stdout } = await place.run([
    'run',
    '--no-ui',
    '--summary=none',
    `--data=${data}`,
    '--',
    'node',
    PROGRAM,
  ]);
  assert.equal(code, 0);
  assert.equal(stdout, '/with-fetch 10000\n/with-request 10000\n');
  const store = await openStore(data, { readOnly: true });
  const requests = await store.ask({
    from: 'requests',
    select: columns('id', 'route', 'atUs', 'durationUs', 'operationCount'),
  });
  const stored = await store.ask({
    from: 'operations',
    select: columns('request', 'statement', 'atUs', 'durationUs', 'bytesIn', 'outcome'),
    where: [{ column: 'statement', is: 'GET /answer' }],
  });
  await store.close();

  const askers = mapRows(requests, ({ text, number }) => ({
    id: number('id'),
    route: text('route'),
    end: number('atUs') + number('durationUs'),
    operations: number('operationCount'),
  })).filter(({ route }) => route.startsWith('/with-'));
  assert.deepEqual(askers.map(({ route }) => route).sort(), ['/with-fetch', '/with-request']);
  const answers = mapRows(stored, ({ text, number }) => ({
    request: number('request'),
    outcome: text('outcome'),
    bytesIn: number('bytesIn'),
    end: number('atUs') + number('durationUs'),
  }));
  assert.equal(answers.length, 2);
  for (const { id, route, end, operations } of askers) {
    assert.equal(operations, 1, `${route}: it came before the request was assembled`);
    const answer = answers.find(({ request }) => request === id);
    assert.ok(answer, `${route} has its operation`);
    assert.equal(answer.outcome, 'ok');
    assert.ok(answer.bytesIn > BODY_BYTES + 1500, `${answer.bytesIn} bytes`);
    assert.ok(answer.end <= end - WORK_US, `${route}: ${end - answer.end} µs`);
  }
});
