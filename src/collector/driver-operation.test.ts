import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AgentScene } from '../../test/agent-scene.ts';
import { DRIVER_FACTS, driverBatch } from '../../test/driver-records.ts';
import { nanos } from '../base/time.ts';
import { CategoryIndex } from '../model/category.ts';
import { PhaseIndex } from '../model/row.ts';
import type { DriverFacts } from '../record/record-handler.ts';
import { DriverOperations } from './driver-operation.ts';
import { Pipeline } from './pipeline.ts';

function operationOf(facts: Partial<DriverFacts>, of = new DriverOperations()) {
  return of.operation({ ...DRIVER_FACTS, ...facts }, () => 100);
}

test('values never stay in the statement, whichever way the driver wrote them', () => {
  const asked = {
    "SELECT * FROM t WHERE a = %s AND b = %(name)s AND c = 'it''s'":
      'SELECT * FROM t WHERE a = ? AND b = ? AND c = ?',
    'SELECT 1 FROM t WHERE a IN (%s, %s)': 'SELECT ? FROM t WHERE a IN (?)',
    "INSERT INTO t VALUES (%s, 'x'), (%s, 'y')": 'INSERT INTO t VALUES (?, ?)',
  };
  for (const [statement, normalized] of Object.entries(asked))
    assert.equal(operationOf({ statement }).statement, normalized);
  const cut = operationOf({ statement: "SELECT * FROM t WHERE a = 'secr", isCut: true });
  assert.doesNotMatch(cut.statement, /secr/);
  const mysql = operationOf({ protocol: 'mysql', statement: 'SELECT "secret", `a`', isFormat: false });
  assert.equal(mysql.statement, 'SELECT ?, `a`');
});

test('the same text without placeholders is another statement', () => {
  const all = new DriverOperations();
  assert.equal(operationOf({ statement: 'SELECT 7 %s', isFormat: true }, all).statement, 'SELECT ? ?');
  assert.equal(operationOf({ statement: 'SELECT 7 %s', isFormat: false }, all).statement, 'SELECT ? %s');
});

test('operations are numbered on their connection; the login is not one of them', () => {
  const all = new DriverOperations();
  const setUp = operationOf({ isSetUp: true }, all);
  assert.deepEqual([setUp.role, setUp.category, setUp.nthOnConnection], ['setup', 'conn', 0]);
  assert.equal(operationOf({}, all).nthOnConnection, 1);
  assert.equal(operationOf({}, all).nthOnConnection, 2);
  assert.equal(operationOf({ connection: 0 }, all).nthOnConnection, 0);
});

test('equal values have equal hashes, whether they stand in the statement or apart from it', () => {
  const hashOf = (facts: Partial<DriverFacts>): number => operationOf(facts).argumentHash;
  assert.equal(hashOf({ valueHash: 7 }), hashOf({ valueHash: 7 }));
  assert.notEqual(hashOf({ valueHash: 7 }), hashOf({ valueHash: 8 }));
  assert.equal(hashOf({}), 0, 'values that were not seen');
  const plain = { isFormat: false, statement: 'SELECT a FROM t WHERE b = 7' };
  assert.equal(hashOf(plain), hashOf(plain));
  assert.notEqual(hashOf(plain), hashOf({ ...plain, statement: 'SELECT a FROM t WHERE b = 8' }));
  assert.equal(hashOf({ ...plain, isCut: true }), 0);
});

test('each database by its name', () => {
  assert.equal(operationOf({}).dependency, 'Postgres shop');
  assert.equal(
    operationOf({ protocol: 'sqlite', address: 'shop.db', database: '' }).dependency,
    'SQLite shop.db',
  );
  assert.equal(operationOf({ protocol: 'sqlite' }).category, 'db');
  assert.equal(operationOf({ protocol: 'nonsense' }).protocol, 'unknown');
});

test('in a request: all of it is waiting for the database, after the wait for the pool', () => {
  const agent = new AgentScene().requestStart(7).call(9, 7).idle(4000).grant(9).busy(1000);
  const asked = { ...DRIVER_FACTS, start: nanos(5_000_000), end: nanos(7_500_000) };
  const [before, after] = [agent.bytes(), agent.idle(3000).requestEnd(7).bytes()];
  const pipeline = new Pipeline({ request: 0, operation: 0, process: 0, connection: 0 });
  const stream = pipeline.open();
  for (const bytes of [before, driverBatch(asked), after]) stream.feed(bytes);
  stream.end();
  pipeline.finish();
  const { requests, operations } = pipeline.take();
  assert.equal(operations[0]?.request, requests[0]?.id);
  assert.equal(operations[0]?.rows, 2);
  assert.equal(operations[0]?.phases[PhaseIndex.pool], 4000);
  assert.equal(operations[0]?.phases[PhaseIndex.own], 1000);
  assert.equal(operations[0]?.phases[PhaseIndex.wait], 2500);
  assert.equal(requests[0]?.categories[CategoryIndex.db], 2500);
  assert.equal(requests[0]?.categories[CategoryIndex.pool], 4000);
  assert.equal(requests[0]?.durationUs, 8000);
});

test('of a request that nobody can know, and of none', () => {
  const pipeline = new Pipeline({ request: 0, operation: 0, process: 0, connection: 0 });
  const stream = pipeline.open();
  stream.feed(new AgentScene().bytes());
  stream.feed(driverBatch({ ...DRIVER_FACTS, request: 0xffffffff }, { ...DRIVER_FACTS, request: 0 }));
  stream.end();
  pipeline.finish();
  assert.deepEqual(
    pipeline.take().operations.map((operation) => operation.attribution),
    ['hidden', 'none'],
  );
});
