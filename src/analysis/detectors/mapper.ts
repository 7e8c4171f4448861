// Which object mapper writes such statements. In: a normalized statement. Out: its name, or undefined: a statement that a person wrote, or
// one of which it cannot be told. Each has a way of naming tables and columns that people do not have.

export type Mapper = 'Prisma' | 'TypeORM' | 'Sequelize' | 'Drizzle' | 'Knex' | 'Django' | 'SQLAlchemy';

/** The first that fits. Quotes are " in PostgreSQL and ` in MySQL. */
const WRITES: readonly (readonly [Mapper, RegExp])[] = [
  // SELECT "public"."User"."id", … FROM "public"."User" WHERE …; `shop`.`User`.`id` in MySQL.
  ['Prisma', /^SELECT ["`]\w+["`]\.["`]\w+["`]\.["`]\w+["`]/],
  // SELECT "User"."id" AS "User_id", …
  ['TypeORM', /^SELECT ["`](\w+)["`]\.["`](\w+)["`] AS ["`]\1_\2["`]/],
  // SELECT "id", "name" FROM "users" AS "User" …
  ['Sequelize', /^SELECT .*\bFROM ["`]\w+["`] AS ["`][A-Z]\w*["`]/],
  // SELECT "shop_user"."id", "shop_user"."name" FROM "shop_user" …
  ['Django', /^SELECT ["`](\w+)["`]\.["`]\w+["`], ["`]\1["`]\.["`]\w+["`].* FROM ["`]\1["`]/],
  // select "id", "name" from "users" "users" …, or with one table: select "id" from "users" where "users"."id" = …
  ['Drizzle', /^select .*\bfrom ["`](\w+)["`] (?:["`]\1["`]|where .*["`]\1["`]\.)/],
  // select "id" from "users" where "id" = ?
  ['Knex', /^select .*\bfrom ["`]\w+["`]/],
  // SELECT books.id, books.title FROM books WHERE …, and with labels: SELECT books.id AS books_id
  ['SQLAlchemy', /^SELECT (\w+)\.(\w+)(?:,| AS \1_\2).*\bFROM \1\b/],
];

export function mapperOf(statement: string): Mapper | undefined {
  return WRITES.find(([, form]) => form.test(statement))?.[0];
}
