import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { column, count, textsOf, type Query, type ResultTable } from '../store/query.ts';
import { shortNames, withShortNames } from './dependency-names.ts';

test('the only one of its product goes by the product; several keep their names', () => {
  const names = shortNames(['Postgres shop', 'Redis cache:6379', 'Redis sessions:6379', 'payments.example']);
  deepEqual([...names], [['Postgres shop', 'Postgres']]);
});

test('a store with short names: only the dependency column changes', async () => {
  const table = (query: Query): ResultTable => ({
    rowCount: 1,
    names: Object.keys(query.select),
    columns: Object.values(query.select).map((each) =>
      each.kind === 'column' ? ['Postgres shop'] : Float64Array.of(3),
    ),
  });
  let asked = 0;
  const store = withShortNames({ ask: async (query) => (asked++, table(query)) }, () => 0);
  const select = { dependency: column('dependency'), statement: column('statement'), calls: count() };
  const found = await store.ask({ from: 'rollups', select });
  deepEqual(textsOf(found, 'dependency'), ['Postgres']);
  deepEqual(textsOf(found, 'statement'), ['Postgres shop']);
  await store.ask({ from: 'rollups', select });
  equal(asked, 3);
  await store.ask({ from: 'requests', select: { calls: count() } });
  equal(asked, 4);
});

test('who asks for the short name is answered about the full one', async () => {
  const asked: Query[] = [];
  const store = withShortNames({
    ask: async (query) => {
      asked.push(query);
      return { rowCount: 1, names: ['dependency', 'rows'], columns: [['Postgres shop'], Float64Array.of(1)] };
    },
  });
  const select = { dependency: column('dependency'), rows: count() };
  const where = [{ column: 'dependency', is: 'Postgres' }];
  deepEqual(textsOf(await store.ask({ from: 'rollups', select, where }), 'dependency'), ['Postgres']);
  deepEqual(asked.at(-1)?.where, [{ column: 'dependency', isIn: ['Postgres', 'Postgres shop'] }]);
});
