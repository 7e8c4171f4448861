// What a normalized statement says about itself: does it read, which table or keys it touches. In: an operation. Out: facts.
// Statements have no values (protocol/), so nothing here depends on data. When in doubt it is a write: writes keep their order.

import { mainClause } from '../../base/statement.ts';
import type { SampledOperation } from './request-tree.ts';

type Spoken = Pick<SampledOperation, 'protocol' | 'statement' | 'dependency'>;

const REDIS_READS = new Set(
  'GET MGET STRLEN GETRANGE EXISTS TTL PTTL TYPE HGET HMGET HGETALL HEXISTS HLEN HKEYS HVALS LRANGE LLEN LINDEX SMEMBERS SISMEMBER SCARD ZRANGE ZSCORE ZRANK ZCARD ZRANGEBYSCORE ZREVRANGE ZCOUNT KEYS SCAN HSCAN SSCAN ZSCAN SINTER SUNION SDIFF SRANDMEMBER BITCOUNT PFCOUNT XRANGE XLEN'.split(
    ' ',
  ),
);
const HTTP_READS = new Set(['GET', 'HEAD']);
const REDIS_CONTROL = new Set('PING AUTH HELLO CLIENT INFO SELECT MULTI EXEC DISCARD WATCH'.split(' '));
const SQL_CONTROL =
  /^(BEGIN|START TRANSACTION|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|SHOW|DISCARD|DEALLOCATE|USE)\b|^SELECT (\d|\?|\$1|version\(\)|(pg_catalog\.)?(set_config|current_setting)\(.*\))$/i;

/** What a driver says of itself when a connection goes back to its pool (asyncpg). */
const SQL_RESET = /^SELECT pg_advisory_unlock_all\(\)/i;

/** Says nothing about data: transactions, settings, pings. */
export function isControl({ protocol, statement }: Spoken): boolean {
  if (protocol === 'redis') return REDIS_CONTROL.has(firstWord(statement));
  return protocol !== 'http' && (SQL_CONTROL.test(statement) || SQL_RESET.test(statement));
}

/** A driver's habit, and not the program's. */
export function isReset({ statement }: Spoken): boolean {
  return SQL_RESET.test(statement);
}

/** It changes nothing, as far as its text tells. */
export function isRead({ protocol, statement }: Spoken): boolean {
  const verb = firstWord(statement);
  if (protocol === 'http') return HTTP_READS.has(verb);
  if (protocol === 'redis') return REDIS_READS.has(verb);
  if (protocol !== 'postgres' && protocol !== 'mysql') return false;
  return (
    (verb === 'SELECT' || (verb === 'WITH' && onlyReads(statement))) &&
    !/\bFOR (UPDATE|SHARE|NO KEY)\b|\b(nextval|pg_advisory\w*|get_lock)\s*\(/i.test(statement)
  );
}

/** Common table expressions may write, too. */
function onlyReads(statement: string): boolean {
  const verb = firstWord(mainClause(statement) ?? '');
  return verb === 'SELECT' && !/\b(INSERT|UPDATE|DELETE|MERGE)\b/i.test(statement);
}

/** Commits or opens a transaction: between the two a connection belongs to one request. */
export function opensTransaction({ statement }: Spoken): boolean {
  return /^(BEGIN|START TRANSACTION)\b/i.test(statement);
}

export function endsTransaction({ statement }: Spoken): boolean {
  return /^(COMMIT|ROLLBACK|END)\b/i.test(statement);
}

/** The first table of a query, the pattern of a key, the template of a path: what two operations must share to affect each other. */
export function targetOf({ protocol, statement }: Spoken): string {
  if (protocol === 'postgres' || protocol === 'mysql') return tableOf(statement);
  return statement.slice(firstWord(statement).length).trim();
}

/** '' when the statement names no table. */
export function tableOf(statement: string): string {
  const found = /\b(?:FROM|INTO|UPDATE|JOIN)\s+([\w."`$]+)/i.exec(statement)?.[1] ?? '';
  return found.replaceAll(/["`]/g, '').split('.').at(-1) ?? '';
}

const FOR_LATER =
  /(^|[^a-z])(logs?|audits?|events?|metrics?|stats?|statistics|histor(y|ies)|track(ing)?|notify|notifications?|e?mails?|sms|push|webhooks?|analytics|telemetry|visits?|views|clicks?)([^a-z]|$)/i;

/** A log line, a statistic, a message to others: nobody who asked needs it at once. */
export function isKeptForLater(spoken: Spoken): boolean {
  return FOR_LATER.test(targetOf(spoken));
}

/** Asks another service: what it asks for is in a query or a body, which nobody sees. */
export function isServiceCall({ protocol }: Pick<Spoken, 'protocol'>): boolean {
  return protocol === 'http' || protocol === 'grpc';
}

/** No place for a value: whatever was asked before cannot change what is asked. */
export function hasNoParameters({ protocol, statement }: Spoken): boolean {
  if (isServiceCall({ protocol })) return false;
  return !/\$\d|\?|:\w+|\*/.test(statement.replace(/count\(\*\)|SELECT \*/gi, ''));
}

/** Short enough for a title: `GET /carts/:id`, `SELECT … FROM products`. */
export function shortStatement({ protocol, statement }: Spoken): string {
  if (protocol !== 'postgres' && protocol !== 'mysql') return statement;
  const verb = firstWord(mainClause(statement) ?? statement);
  const table = tableOf(statement);
  if (table === '') return calledIn(statement) ?? verb;
  const aggregate = /^SELECT ((?:count|sum|max|min|avg)\([^)]*\))/i.exec(statement)?.[1];
  if (verb === 'SELECT') return `SELECT ${aggregate ?? '…'} FROM ${table}`;
  return verb === 'DELETE' ? `DELETE FROM ${table}` : `${verb} ${table}`;
}

/** `SELECT pg_sleep(…)`: without a table the function says what it is. */
function calledIn(statement: string): string | undefined {
  const name = /^SELECT\s+([\w.]+)\s*\(/i.exec(statement)?.[1];
  return name === undefined ? undefined : `SELECT ${name}(…)`;
}

const VOLATILE =
  /\b(random|rand|now|clock_timestamp|gen_random_uuid|uuid|nextval|current_timestamp|last_insert_id)\b/i;

/** The same question has another answer each time. */
export function isVolatile({ protocol, statement }: Spoken): boolean {
  if (protocol === 'redis') return /^(SRANDMEMBER|HRANDFIELD|RANDOMKEY|TIME)\b/i.test(statement);
  return protocol !== 'http' && VOLATILE.test(statement);
}

/** A page of a list that begins where the one before ended, or at an offset; the next rows of a cursor. */
export function isPage({ protocol, statement }: Spoken): boolean {
  if (protocol !== 'postgres' && protocol !== 'mysql') return false;
  if (firstWord(statement) === 'FETCH') return true;
  return /\b(LIMIT|FETCH FIRST)\b/i.test(statement) && /\bOFFSET\b|[<>]/i.test(statement);
}

/** A row that names the next row of its own table: a list that is linked, a tree from a leaf upwards. */
export function followsItself({ protocol, statement }: Spoken): boolean {
  if (protocol !== 'postgres' && protocol !== 'mysql') return false;
  return /^SELECT\s[^()]*\b(parent|next|prev|previous|successor|predecessor|manager|reply_to|replaced_by)(_?id)?\b.*\bFROM\b.*\bWHERE\b[^=]*\bid["`]?\s*=/is.test(
    statement,
  );
}

const SORTED = /\bORDER BY\b/gi;

/** One of the words is in its names: `user_sessions`, `/authToken`, but not `authors`. `words` are singular and in lower case. */
export function names(text: string, words: ReadonlySet<string>): boolean {
  const apart = text.replaceAll(SORTED, ' ').replaceAll(/([a-z])([A-Z])/g, '$1 $2');
  return (apart.toLowerCase().match(/[a-z]+/g) ?? []).some(
    (word) => words.has(word) || words.has(word.replace(/(?<=[^s])s$/, '')),
  );
}

function firstWord(statement: string): string {
  return /^\s*(\w+)/.exec(statement)?.[1]?.toUpperCase() ?? '';
}
