// Statements as these mappers really write them, normalized.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapperOf } from './mapper.ts';

test('each mapper by how it writes', () => {
  const written = {
    Prisma:
      'SELECT "public"."User"."id", "public"."User"."name" FROM "public"."User" WHERE "public"."User"."id" = $1 LIMIT $2 OFFSET $3',
    TypeORM:
      'SELECT "User"."id" AS "User_id", "User"."name" AS "User_name" FROM "user" "User" WHERE "User"."id" = $1 LIMIT ?',
    Sequelize: 'SELECT "id", "name", "createdAt" FROM "users" AS "User" WHERE "User"."id" = ?',
    Django:
      'SELECT "shop_book"."id", "shop_book"."title" FROM "shop_book" WHERE "shop_book"."id" = ? LIMIT ?',
    Drizzle: 'select "id", "name" from "users" where "users"."id" = $1',
    Knex: 'select * from "users" where "id" = ? limit ?',
    SQLAlchemy: 'SELECT books.id, books.title, books.genre FROM books WHERE books.id = ?',
  };
  for (const [mapper, statement] of Object.entries(written)) assert.equal(mapperOf(statement), mapper);
  assert.equal(mapperOf('SELECT users.id AS users_id, users.name AS users_name FROM users'), 'SQLAlchemy');
  assert.equal(mapperOf('SELECT `shop`.`User`.`id` FROM `shop`.`User`'), 'Prisma');
});

test('what people write is nobody’s', () => {
  for (const statement of [
    'SELECT name FROM products WHERE id = $1',
    'SELECT p.name, c.name FROM products p JOIN categories c ON c.id = p.category_id',
    'select name from users where id = ?',
    'GET users:?',
    '',
  ])
    assert.equal(mapperOf(statement), undefined);
});
