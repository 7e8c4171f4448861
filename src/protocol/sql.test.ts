// SQL normalization: by example, and for any text that can be made.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { normalizeSql, sqlStatements, STATEMENT_LIMIT, summarizeSql } from './sql.ts';
import type { SqlDialect } from './sql.ts';

const EXAMPLES: readonly (readonly [text: string, statement: string])[] = [
  ['SELECT * FROM users WHERE id = 42', 'SELECT * FROM users WHERE id = ?'],
  ["select name from t where a='x' and b = 'it''s'", 'select name from t where a=? and b = ?'],
  ['select  a,\n\tb from   t ; ', 'select a, b from t'],
  ['BEGIN;', 'BEGIN'],
  ['begin; select 1 from t;;', 'begin; select ? from t'],
  ['select 1 -- secret\nfrom t', 'select ? from t'],
  ["/* sql/* nested */ comment 'x' */ select 1 /* traceparent='00-1' */", 'select ?'],
  ['select * from t where id in (1, 2,3)', 'select * from t where id in (?)'],
  ['select * from t where id IN ($1, $2, $3)', 'select * from t where id IN (?)'],
  [
    'select * from t where id in (select id from u where b in (-1, +2))',
    'select * from t where id in (select id from u where b in (?))',
  ],
  ['select * from t where id = any(ARRAY[1,2,3])', 'select * from t where id = any(ARRAY[?])'],
  [
    "insert into t (a, b) values (1, 'x'), (2, now()), ($3, $4) returning id",
    'insert into t (a, b) values (?, ?) returning id',
  ],
  [
    'insert into t values ($1, $2) on conflict do nothing',
    'insert into t values ($1, $2) on conflict do nothing',
  ],
  [String.raw`select E'it\'s', b'101', X'1F', U&'\0041', N'x'`, 'select ?, ?, ?, ?, ?'],
  ['select $$ a secret $$, $tag$ $$ other $tag$, $1::text', 'select ?, ?, $1::text'],
  ['select 1.5, .5, 1e-5, 0xFF, 1_000, -3 from t2', 'select ?, ?, ?, ?, ?, ? from t2'],
  ['select a - 5, a -5, (-5), b = -5.5', 'select a - ?, a -?, (?), b = ?'],
  ['select "Weird ""Name" from "T"', 'select "Weird ""Name" from "T"'],
  ['select :name, @var, ?, $12', 'select :name, @var, ?, $12'],
  ['select a[1:2], b::int', 'select a[?:?], b::int'],
  ["select 'cut of", 'select ?…'],
  ['select "cut of', 'select "cut of…'],
  ["select data->>'name', tags ? 'x' from t", 'select data->>?, tags ? ? from t'],
  ["select DATE'2020-01-02', interval '1 day'", 'select DATE?, interval ?'],
  ['select é from straße', 'select é from straße'],
  [
    'DECLARE "_django_curs_140_sync_7" NO SCROLL CURSOR WITH HOLD FOR SELECT a1 FROM t2 WHERE b = 3',
    'DECLARE "_django_curs_?_sync_?" NO SCROLL CURSOR WITH HOLD FOR SELECT a1 FROM t2 WHERE b = ?',
  ],
  ['FETCH FORWARD 300 FROM "_django_curs_140_sync_7"', 'FETCH FORWARD ? FROM "_django_curs_?_sync_?"'],
  ['CLOSE c_9f2b', 'CLOSE c_?'],
  ['SAVEPOINT "s139_x1"', 'SAVEPOINT "?_?"'],
  ['release savepoint sa_savepoint_12', 'release savepoint sa_savepoint_?'],
  ['PREPARE plan7 AS SELECT * FROM t2', 'PREPARE ? AS SELECT * FROM t2'],
  ['select declare_1 from close2', 'select declare_1 from close2'],
  ['', ''],
];

const MYSQL: readonly (readonly [text: string, statement: string])[] = [
  ['select "a value" from `t`', 'select ? from `t`'],
  [String.raw`select 'it\'s', "say \"x\"" # secret`, 'select ?, ?'],
  ["select _utf8mb4'x', b'1'", 'select ?, ?'],
  ['select /*! STRAIGHT_JOIN */ 1', 'select ?'],
  ['select $name', 'select $name'],
];

describe('normalizeSql', () => {
  for (const [text, statement] of EXAMPLES) it(text, () => assert.equal(normalizeSql(text), statement));
  for (const [text, statement] of MYSQL)
    it(`mysql: ${text}`, () => assert.equal(normalizeSql(text, 'mysql'), statement));

  it('marks a text that goes on', () =>
    assert.equal(normalizeSql('select a fro', 'postgres', true), 'select a fro…'));

  it('is cut at the limit, at the last length that fits and the first that does not', () => {
    const fitting = `select ${'a'.repeat(STATEMENT_LIMIT - 7)}`;
    assert.equal(normalizeSql(fitting), fitting);
    const longer = normalizeSql(`${fitting}a`);
    assert.equal(longer.length, STATEMENT_LIMIT);
    assert.ok(longer.endsWith('a…'));
  });

  it('takes time in proportion to the length', () => {
    const hard = ['in (1,', '$a$', '/*', "e'\\", '(', '"', 'values (1),(', '- -1', '$', '--', '[1,'];
    for (const piece of hard) normalizeSql(piece.repeat(200_000 / piece.length));
  });
});

/** A literal with a text in it that occurs nowhere else, as the dialect writes it. */
function literal(dialect: SqlDialect): fc.Arbitrary<{ sql: string; secret: string }> {
  const secret = fc.nat({ max: 999_999_999 }).map((value) => `90${String(value).padStart(9, '0')}`);
  const around = fc.constantFrom<readonly [string, string]>(
    ["'", "'"],
    ["'it''s ", "'"],
    ["'/* ", "'"],
    ["'-- ", " ''  '"],
    ["E'\\'", "'"],
    ['$$', '$$'],
    ["$x$ ' ", '$x$'],
    ["N'", "'"],
    ['', ''],
    ['-', ''],
    ['1.', 'e5'],
    ['0x', ''],
  );
  const mysql = fc.constantFrom<readonly [string, string]>(
    ["'", "'"],
    ['"', '"'],
    ["'\\'", "'"],
    ['"\\" ', ' ""  "'],
    ["_utf8'", "'"],
    ['', ''],
    ['-', ''],
  );
  return fc
    .tuple(dialect === 'postgres' ? around : mysql, secret)
    .map(([[before, after], value]) => ({ sql: before + value + after, secret: value }));
}

/** Pieces of SQL between which literals stand. */
const between = fc.constantFrom(
  ' ',
  ', ',
  ' and a = ',
  ' from t where b in (',
  ') ',
  ') or c=',
  ' /* x */ ',
  ' -- x\n',
  ' values (',
  '), (',
  ' || ',
  '::text, ',
  ' between ',
  ' limit ',
  ' array[',
  '] ',
  '+',
  ' $1 ',
  ' like ',
);

for (const dialect of ['postgres', 'mysql'] as const)
  describe(`normalizeSql, ${dialect}, any text`, () => {
    it('no literal survives', () => {
      const pieces = fc.array(fc.tuple(between, literal(dialect)), { minLength: 1, maxLength: 12 });
      fc.assert(
        fc.property(pieces, fc.nat(), fc.boolean(), (parts, cut, isCut) => {
          const whole = `select a ${parts.map(([piece, { sql }]) => `${piece}${sql}`).join(' ')}`;
          const text = isCut ? whole.slice(0, cut % whole.length) : whole;
          const statement = normalizeSql(text, dialect, isCut);
          const summary = summarizeSql(text, dialect);
          for (const [, { secret }] of parts)
            for (let end = 4; end <= secret.length; end++)
              assert.ok(!`${statement} ${summary}`.includes(secret.slice(0, end)), `${text} → ${statement}`);
        }),
        { numRuns: 2000 },
      );
    });

    const anything = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc
        .array(
          fc.constantFrom(
            "'",
            '"',
            '$',
            '$$',
            '`',
            '--',
            '/*',
            '*/',
            '(',
            ')',
            ',',
            ' ',
            '\n',
            'in',
            'values',
            'array',
            '[',
            ']',
            '-',
            '1',
            'a',
            ':',
            '@',
            '?',
            '.',
            'e',
            "E'",
            '\\',
            '…',
            '#',
            '&',
            'u',
          ),
          { maxLength: 30 },
        )
        .map((parts) => parts.join('')),
    );

    it('normalizing twice changes nothing more, and it is never longer than the limit', () => {
      fc.assert(
        fc.property(anything, fc.boolean(), (text, isCut) => {
          const once = normalizeSql(text, dialect, isCut);
          assert.equal(normalizeSql(once, dialect), once);
          assert.ok(once.length <= STATEMENT_LIMIT);
        }),
        { numRuns: 3000 },
      );
    });

    it('any bytes', () => {
      const statements = sqlStatements(dialect);
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
          const statement = statements.of(bytes, 0, bytes.length);
          assert.equal(statements.of(bytes, 0, bytes.length), statement);
          summarizeSql(statement, dialect);
        }),
        { numRuns: 1000 },
      );
    });
  });

describe('summarizeSql', () => {
  const summaries: readonly (readonly [text: string, summary: string])[] = [
    ['SELECT * FROM users WHERE id = ?', 'SELECT users'],
    ['select * from a join b on a.id = b.id left join public.c using (id)', 'SELECT a b public.c'],
    ['insert into orders (a) values (?)', 'INSERT orders'],
    ['UPDATE "Order" SET a = ?', 'UPDATE "Order"'],
    ['delete from only t', 'DELETE t'],
    ['select * from (select 1 from inner_table) x', 'SELECT inner_table'],
    ['with x as (select 1 from t) insert into u select * from x', 'INSERT t u x'],
    ['create table if not exists t (a int)', 'CREATE t'],
    ['select a from t for update', 'SELECT t'],
    ['begin', 'BEGIN'],
    ['', ''],
  ];
  for (const [text, summary] of summaries) it(text, () => assert.equal(summarizeSql(text), summary));
});
