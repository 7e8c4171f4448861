// Short forms of statements, as mappers and people write them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mainClause, shortStatement } from './statement.ts';

for (const [statement, short] of [
  ['SELECT id, name FROM products WHERE id = $1', 'SELECT … FROM products WHERE id = $1'],
  ['select "id" from "products" where "id" = $1', 'SELECT … FROM "products" where "id" = $1'],
  ['SELECT (SELECT max(a) FROM b), extract(year FROM c) FROM d', 'SELECT … FROM d'],
  ['SELECT COUNT(*) AS "__count" FROM "a" WHERE b', 'SELECT COUNT(*) FROM "a" WHERE b'],
  ['select count(distinct b), c from a', 'SELECT … FROM a'],
  ['SELECT "from" FROM a', 'SELECT … FROM a'],
  ['SELECT $1', 'SELECT $1'],
  ['INSERT INTO orders (a, b) VALUES ($1, $2)', 'INSERT INTO orders …'],
  ['WITH a AS (SELECT x FROM y), b AS (SELECT 1) SELECT a.x FROM a, b', 'WITH a … SELECT … FROM a, b'],
  [
    'with recursive "tree" as (select id from t) delete from t where id = $1',
    'WITH "tree" … delete from t where id = $1',
  ],
  ['WITH a AS (SELECT x FROM y WHERE z = …', 'WITH a …'],
  ['GET /carts/:id', 'GET /carts/:id'],
  ['GET sess:?', 'GET sess:?'],
  ['', ''],
] as const)
  test(`in short: ${statement}`, () => assert.equal(shortStatement(statement), short));

test('what comes after common table expressions', () => {
  assert.equal(mainClause('WITH a AS (DELETE FROM x RETURNING id) SELECT id FROM a'), 'SELECT id FROM a');
  assert.equal(mainClause('WITH "select" AS (SELECT 1) UPDATE b SET c = $1'), 'UPDATE b SET c = $1');
  assert.equal(mainClause('WITH a AS (SELECT …'), undefined);
  assert.equal(mainClause('COMMIT'), 'COMMIT');
});

test('any text has a short form that is no longer than a few words more', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom('', 'WITH a AS (', 'SELECT '), (text, start) => {
      assert.ok(
        shortStatement(start + text).length <= start.length + text.length + 'WITH … SELECT … FROM'.length,
      );
    }),
  );
});
