// What to do about a finding, in one to three sentences for the protocol that is spoken, the language of the line that speaks it, and
// the object mapper that writes such statements. In: an operation. Out: text.
// Not here: which driver it is, where several speak alike (their words are given side by side).

import { formatDuration } from '../../base/numbers.ts';
import type { Language, SampledOperation } from '../sample/request-tree.ts';
import { isServiceCall, tableOf } from '../sample/statement-facts.ts';
import { mapperOf, type Mapper } from './mapper.ts';

type Placed = Pick<SampledOperation, 'callSite' | 'language'>;
type Asked = Pick<SampledOperation, 'protocol' | 'statement'> & Placed;

/** undefined: no line was seen, and nothing is known of the process. */
function languageOf({ callSite, language }: Placed): Language | undefined {
  if (callSite === '') return language;
  return /\.pyx?:\d/.test(callSite) ? 'python' : 'javascript';
}

/** The sentence, or part of one, for the language of the line; both when neither that nor the process says which. */
function spoken(asked: Placed, javascript: string, python: string): string {
  const language = languageOf(asked);
  if (language === undefined && javascript !== '')
    return javascript.endsWith('.')
      ? `${javascript} In Python: ${python}`
      : `${javascript}; in Python: ${python}`;
  return language === 'python' ? python : javascript;
}

const EAGER: Readonly<Record<Mapper, string>> = {
  Prisma: 'With Prisma: `include` in the query before the loop, or findMany({ where: { id: { in: ids } } }).',
  TypeORM: 'With TypeORM: `relations` in the query before the loop, or findBy({ id: In(ids) }).',
  Sequelize: 'With Sequelize: `include` in the query before the loop, or findAll({ where: { id: ids } }).',
  Drizzle: 'With Drizzle: `with` in the query before the loop, or inArray(table.id, ids).',
  Knex: 'With Knex: whereIn(column, ids).',
  Django: 'With Django: select_related(…) or prefetch_related(…) on the query before the loop.',
  SQLAlchemy:
    'With SQLAlchemy: options(selectinload(…)) or joinedload(…) on the query before the loop, or where(column.in_(ids)).',
};

/** One number about many rows: there are no rows to be fetched. */
const COUNTS = /^SELECT\s+(COUNT|SUM|AVG|MIN|MAX)\s*\(/i;

/** The row itself, and not those below it (parent_id). */
const BY_ITS_KEY = /^SELECT\b.*\bWHERE\s+\S*\bid["`]?\s*=/is;

/** `listTable`: whose rows the list before the loop has, '' where that is not known. */
export function batchFix(asked: Asked, listTable = ''): string {
  const { protocol, statement } = asked;
  if (/^(INSERT|UPDATE|DELETE|REPLACE)\b/i.test(statement)) return writeFix(asked);
  const mapper = mapperOf(statement);
  const table = tableOf(statement);
  if (COUNTS.test(statement))
    return `Ask for all numbers at once: one query over ${table} with GROUP BY the column that the loop goes along, and look them up by it in a ${spoken(asked, 'Map', 'dict')}.`;
  if (listTable !== '' && listTable === table && BY_ITS_KEY.test(statement))
    return `The list has rows of ${table}, and each of them is read once more: it leaves out what is used then. Ask for it with the list (${spoken(asked, 'attributes in Sequelize, select in Prisma and TypeORM', 'only() and defer() in Django, load_only() and undefer() in SQLAlchemy')}), or do without.`;
  if (mapper !== undefined) return `Fetch all rows of ${table} at once. ${EAGER[mapper]}`;
  const isPostgres = protocol === 'postgres';
  if (isPostgres || protocol === 'mysql') {
    const where = isPostgres ? 'WHERE id = ANY($1)' : 'WHERE id IN (?)';
    const whereInPython = isPostgres ? 'WHERE id = ANY(%s)' : 'WHERE id IN %s';
    return `Fetch all rows of ${table} in one query before the loop (${spoken(asked, where, whereInPython)}, or a join), and look them up by id in a ${spoken(asked, 'Map', 'dict')}. With an object mapper: ask for the relation with the list (eager loading).`;
  }
  if (protocol === 'amqp')
    return spoken(
      asked,
      'Publish all messages first, and wait for their confirmations once: await channel.waitForConfirms() after the loop.',
      'Publish all messages first, and wait for their confirmations once (asyncio.gather with aio-pika).',
    );
  if (protocol === 'redis' && /^EVALSHA bull:/i.test(statement))
    return spoken(
      asked,
      'Add all jobs with one call: queue.addBulk([{ name, data }, …]).',
      'Add all jobs with one call: queue.addBulk([…]).',
    );
  if (protocol === 'redis' && /\b(celery|arq|rq|kombu)\b/i.test(statement))
    return 'Each job is sent for itself: let one job take the whole list, or parts of it (chunks in Celery), instead of one for each item.';
  if (protocol === 'redis' && /^[LR]PUSH\b/i.test(statement))
    return 'One command takes all values: LPUSH key value value …, or a pipeline.';
  if (protocol === 'redis')
    return spoken(
      asked,
      'Send the commands together: mget or hmget for reads (mGet, hmGet in node-redis), a pipeline for everything else.',
      'Send the commands together: r.mget(keys) or r.hmget(…) for reads, r.pipeline() for everything else.',
    );
  return spoken(
    asked,
    'Ask for all items in one request if the service can answer that; else ask for several at once with Promise.all and a limit.',
    'Ask for all items in one request if the service can answer that; else ask for several at once: asyncio.gather with a Semaphore, or a ThreadPoolExecutor over one requests.Session.',
  );
}

function updateFix(asked: Asked): string {
  const how = spoken(
    asked,
    'UPDATE … SET … WHERE id IN (…), or … FROM (VALUES …) where each row gets another value; updateMany in Prisma, bulkCreate with updateOnDuplicate in Sequelize',
    'UPDATE … SET … WHERE id = ANY(%s), or executemany of psycopg and asyncpg; bulk_update in Django, update() with a list of rows in SQLAlchemy',
  );
  return `Change all rows of ${tableOf(asked.statement)} in one statement, and COMMIT once after the loop (${how}).`;
}

function writeFix(asked: Asked): string {
  if (!/^(INSERT|REPLACE)\b/i.test(asked.statement)) return updateFix(asked);
  const how = spoken(
    asked,
    'INSERT … VALUES (…), (…), or with unnest($1::int[]); createMany in Prisma, bulkCreate in Sequelize, insert([…]) in Knex and TypeORM',
    'execute_values of psycopg2, executemany of psycopg and asyncpg, insert().values([…]) in SQLAlchemy, bulk_create and bulk_update in Django',
  );
  return `Write all rows of ${tableOf(asked.statement)} in one statement after the loop (${how}).`;
}

export function duplicateFix(asked: Placed): string {
  return spoken(
    asked,
    'Ask once and hand the result on: keep it on the request object, or memoize the function for the time of one request.',
    'Ask once and hand the result on: keep it on the request (flask.g, request.state), or as an argument.',
  );
}

/** https://www.rabbitmq.com/docs/channels: channels are meant to stay open. */
export function keepChannelFix(): string {
  return 'Open one channel for publishing when the process starts and keep it (in a process with threads one for each thread); where confirmations are wanted, it counts them for all messages.';
}

export function keepConnectionFix(asked: Asked): string {
  const { protocol } = asked;
  if (protocol === 'grpc')
    return 'Create the client once, when the process starts, and use it for every request: it keeps its channel open.';
  if (protocol === 'http')
    return spoken(
      asked,
      'Keep connections open: one http.Agent for the whole process with keepAlive: true, one Agent or Pool of undici (setGlobalDispatcher), or fetch, which keeps them; and let the other side close them later than this one.',
      'Keep connections open: one requests.Session for each thread, or one httpx.AsyncClient or aiohttp.ClientSession for the whole process, not one for each call.',
    );
  if (protocol === 'redis')
    return spoken(
      asked,
      'Create the client (ioredis, node-redis) once, when the process starts, and use it for every request.',
      'Create redis.Redis (or redis.asyncio.Redis) once, when the process starts: it has a pool of its own.',
    );
  return spoken(
    asked,
    'Use one connection pool for the whole process (pg.Pool, mysql2 createPool) instead of connecting for each request.',
    'Use one connection pool for the whole process instead of connecting for each request: one SQLAlchemy engine (and no NullPool), psycopg_pool, asyncpg.create_pool; with Django CONN_MAX_AGE, and CELERY_DB_REUSE_MAX for tasks of Celery.',
  );
}

export function poolFix(asked: Placed, connections: number): string {
  const where = spoken(
    asked,
    'max in pg and postgres.js, connectionLimit in mysql2 and Prisma',
    'pool_size in SQLAlchemy, max_size in asyncpg and psycopg_pool',
  );
  return `Shorten what holds connections first: loops of queries, other work inside transactions. Then allow more: ${connections} would be enough here, if the database has room for them (${where}).`;
}

export function loopFix(asked: Placed): string {
  return spoken(
    asked,
    'Use the asynchronous form of what runs here (crypto, zlib and fs have one), or move it to a worker thread, or cut it into pieces.',
    'Move what computes to another process (ProcessPoolExecutor, a task queue): threads share one interpreter. What only waits: asyncio.to_thread. What makes a client for each call (httpx.AsyncClient, boto3: certificates are read each time): make it once.',
  );
}

export function sequentialFix(asked: Placed): string {
  return spoken(
    asked,
    'If they do not need each other’s result, start them together: await Promise.all([…]).',
    'If they do not need each other’s result, start them together: await asyncio.gather(…), or a ThreadPoolExecutor where the code is not async.',
  );
}

/** `isOneStatement`: it walks over the rows of one table, or over things of one kind. */
export function chainFix(asked: Asked, isOneStatement: boolean): string {
  const { protocol, statement } = asked;
  if (isServiceCall(asked))
    return 'They cannot be made at once. Let the service follow the chain itself: one call that takes the first id and answers with everything (an `include` or `expand` parameter, a GraphQL query).';
  if (protocol === 'redis')
    return 'They cannot be made at once. Keep what is asked for under the first key, or walk inside Redis with one Lua script (EVAL).';
  if (protocol !== 'postgres' && protocol !== 'mysql')
    return 'They cannot be made at once. Ask for the whole chain in one query where the database can follow it ($graphLookup in MongoDB), or keep the values together.';
  if (isOneStatement)
    return `They cannot be made at once. Let the database walk: one recursive query (WITH RECURSIVE … over ${tableOf(statement)}), or keep the path with each row.`;
  const mapper = mapperOf(statement);
  const how = mapper === undefined ? '' : ` ${RELATED[mapper]}`;
  return `They cannot be made at once. Ask for all of it in one query with a join.${how}`;
}

const RELATED: Readonly<Record<Mapper, string>> = {
  Prisma: 'With Prisma: `include` in the first query, and relationLoadStrategy: "join".',
  TypeORM: 'With TypeORM: `relations` in the first query, or leftJoinAndSelect.',
  Sequelize: 'With Sequelize: `include` in the first query.',
  Drizzle: 'With Drizzle: `with` in the first query, or leftJoin.',
  Knex: 'With Knex: join(…) in the first query.',
  Django: 'With Django: select_related(…) on the first query.',
  SQLAlchemy: 'With SQLAlchemy: options(joinedload(…)) on the first query.',
};

export function slowFix({ protocol, statement }: SampledOperation): string {
  if (isServiceCall({ protocol }))
    return 'The time passes in the other service: ask for less, ask earlier, or keep the answer for a while.';
  if (protocol === 'redis')
    return 'It walks over all keys or all members, and Redis does nothing else meanwhile: keep an index (a set, a sorted set) of what is asked for, or walk with SCAN outside of requests.';
  if (COUNTS.test(statement) && !/\bGROUP BY\b/i.test(statement))
    return 'It reads all rows that match, however few are shown. Where it is there for the number of pages: ask for one row more than a page has, and page by the last key (WHERE id > …); else keep the number for a while, or beside the rows; and look at the plan (EXPLAIN ANALYZE).';
  const reason = /\bI?LIKE\b/i.test(statement)
    ? ' A pattern that begins with % cannot use a normal index: use full-text search or a trigram index.'
    : '';
  return `Look at the plan (EXPLAIN ANALYZE): an index, fewer rows or fewer columns may help.${reason}`;
}

/** `isPeers`: the answer comes in two pieces. */
export function stallFix(isPeers: boolean): string {
  if (isPeers)
    return 'The answer leaves its server in two small writes and the second waits for an acknowledgement (Nagle’s algorithm and delayed ACK): set TCP_NODELAY in that server, or send head and body in one write.';
  return 'A message leaves in two small writes and the second waits for an acknowledgement (Nagle’s algorithm and delayed ACK): set TCP_NODELAY on the sender, or send head and body in one write.';
}

/** Two lists in one query: each row of the one comes with each row of the other. */
const TWO_JOINS = /\bLEFT (OUTER )?JOIN\b.*\bLEFT (OUTER )?JOIN\b/is;

export function largeAnswerFix({ protocol, statement }: SampledOperation): string {
  if (TWO_JOINS.test(statement))
    return 'Two joins multiply their rows: where both are lists, ask for one of them in a query of its own (selectinload in SQLAlchemy, prefetch_related in Django, separate: true in Sequelize). Else name the columns that are used, and add a LIMIT.';
  return isServiceCall({ protocol })
    ? 'Ask for less: a page of the list, only the fields that are used; and let the service compress its answers.'
    : 'Ask for less: name the columns that are used instead of *, and add a LIMIT or pages.';
}

export function compressionFix(asked: Placed & Pick<SampledOperation, 'takesCompressed'>): string {
  if (asked.takesCompressed !== true)
    return spoken(
      asked,
      'The call does not say that it takes compressed answers: fetch, undici’s fetch, got and axios do; with http.request send Accept-Encoding: gzip and unpack with zlib.createGunzip().',
      'The call does not say that it takes compressed answers: requests, httpx and aiohttp do by themselves; do not take their Accept-Encoding away.',
    );
  return 'The call says that it takes compressed answers, but the other side sends them as they are: let it compress what is longer than some KB (compression in Express, @fastify/compress, GZipMiddleware in FastAPI and Django, gzip_types in nginx); else ask for less.';
}

/** `heldUs`: from the first lock to the end of the transaction. */
export function rowLockFix({ statement }: Pick<Asked, 'statement'>, heldUs: number): string {
  return `The transactions that hold rows of ${tableOf(statement)} last ${formatDuration(heldUs)} after their first lock. Lock as late as possible: other queries, calls and computing before the statement that locks, COMMIT right after it. Where all write one row (a counter, a balance): add rows and sum them up, or spread it over several; where jobs are taken: FOR UPDATE SKIP LOCKED.`;
}

/** `connects`: most of it is opening connections. */
export function coldStartFix(asked: Asked, connects: boolean): string {
  if (connects)
    return `Open connections before the first request comes: ${spoken(
      asked,
      'await pool.query(‘SELECT 1’) before listen() (pg, mysql2), client.connect() at the start (redis)',
      'a pool with min_size (asyncpg, psycopg_pool) that is opened at the start, engine.connect() once (SQLAlchemy)',
    )}.`;
  return `Do it before the first request comes: ${spoken(
    asked,
    'import at the top instead of inside of a handler, read files and compile templates and schemas before listen()',
    'import at the top instead of inside of a function, load models and templates when the application starts (lifespan in FastAPI; --preload in gunicorn)',
  )}; and let the health check say ready only after that.`;
}

export function fanOutFix(asked: Asked): string {
  const limit = spoken(asked, 'p-limit', 'asyncio.Semaphore, or max_workers of a ThreadPoolExecutor');
  const where = isServiceCall(asked)
    ? 'Ask for all of it in one call if the service can answer that.'
    : asked.protocol === 'redis'
      ? 'Send it as one command (MGET, HMGET).'
      : 'Ask for all rows in one statement (resolvers of GraphQL: through a DataLoader).';
  return `${where} Else make as many at once as the other side answers without a line (${limit}): it takes no longer, and others are not held up.`;
}

/** `givenUpUs`: so long most first attempts waited without an answer; undefined: they were answered, with an error. */
export function retryFix(asked: Placed, givenUpUs: number | undefined): string {
  const where = spoken(
    asked,
    'p-retry, or undici’s RetryAgent',
    'tenacity, or urllib3’s Retry in a requests.Session',
  );
  const why =
    givenUpUs === undefined
      ? 'Find out why the first attempt fails.'
      : `No answer came within ${formatDuration(givenUpUs)}, and the client gave up: find out what the other side does meanwhile, and whether the time limit is shorter than what its answers take.`;
  return `${why} Until then: retry in one place only, a few times at most, with growing pauses (${where}), and give up early.`;
}

/** `pauseUs`: before the last call, on average. */
export function pollingFix(asked: Asked, pauseUs: number): string {
  const lost = `On average half of a pause of ${formatDuration(pauseUs)} is lost after it has happened.`;
  if (isServiceCall(asked))
    return `${lost} Let the other side say when it is done (a call that waits, a webhook, a stream of events), or answer at once and let the client come back. Until then: short pauses first, longer ones later.`;
  if (asked.protocol === 'redis')
    return `${lost} Wait inside Redis: BLPOP, BLMOVE or XREAD BLOCK on a connection of its own, or subscribe to a channel.`;
  if (asked.protocol === 'postgres')
    return `${lost} Let the one who changes the row say so (LISTEN and NOTIFY, or a queue), or answer at once and let the client come back.`;
  return `${lost} Let the one who changes it say so (a queue, a channel), or answer at once and let the client come back.`;
}

/** `answerUs`: 99 of 100 answers take less. */
export function timeoutFix(asked: Placed, answerUs: number): string {
  const where = spoken(asked, 'AbortSignal.timeout', 'timeout= of requests and httpx');
  return `99 of 100 answers take less than ${formatDuration(answerUs)}: give up soon after that (${where}), and answer without it or try again once.`;
}

/** What was seen of each, most often first. */
export interface ControlSeen {
  readonly transactions: boolean;
  readonly tests: boolean;
  readonly settings: boolean;
}

export function controlFix(asked: Placed, seen: ControlSeen): string {
  const parts = [
    seen.transactions
      ? `Read single rows without a transaction${spoken(asked, '', ' (isolation_level="AUTOCOMMIT" in SQLAlchemy, no ATOMIC_REQUESTS in Django)')}.`
      : '',
    seen.settings
      ? `Set what is always the same once for each connection (${spoken(asked, 'with pg in the connection string, or in the pool’s connect event', 'connect_args in SQLAlchemy, server_settings in asyncpg')}).`
      : '',
    seen.tests
      ? `Do not test connections before each use${spoken(asked, '', ' (pool_pre_ping=False in SQLAlchemy)')}.`
      : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

export function farFix(dependency: string, wayUs: number): string {
  return `Run this service in the zone of ${dependency}, or a replica of it beside this service. Until then each call that goes saves ${formatDuration(wayUs)}: ask for several things at once (joins, batches, pipelines), and keep what seldom changes.`;
}

export function deferFix(asked: Placed): string {
  const how = spoken(
    asked,
    'send the answer first, or hand it to a queue (BullMQ)',
    'send the answer first (BackgroundTasks in FastAPI), or hand it to a queue (Celery, RQ)',
  );
  return `If nobody needs it before the answer: ${how}. Handle its errors there; what must not be lost stays where it is.`;
}

export function cacheFix(asked: Asked): string {
  const how =
    asked.protocol === 'http'
      ? 'with the life time that the answer allows (Cache-Control, ETag)'
      : `in a map with a limit and a life time (${spoken(asked, 'lru-cache', 'cachetools.TTLCache')})`;
  return `If an answer may be some seconds old: keep it in the process, ${how}, and let requests that ask at once share one call.`;
}

/** `isNew`: no key is asked for a second time. */
export function vainCacheFix(isNew: boolean): string {
  return isNew
    ? 'Make the key of what the answer depends on alone: no time, no number of the request, no order of fields that differs.'
    : 'Keep it longer than until it is asked again, and see that the write and the look use the same key (EX of SET, evictions in INFO stats).';
}

export function sharedFetchFix(): string {
  return 'Hand on what the first service knows, in the request between them or in a signed token.';
}

export function lineOfCommandsFix(): string {
  return 'Answers on one connection come in order. Give commands that wait (BLPOP, XREAD BLOCK) or are large a client of their own, and ask for less at once: a few fields instead of HGETALL, SCAN instead of KEYS.';
}

export function heldFix(): string {
  return 'Begin the transaction as late and end it as early as possible: calls to other services, and computing, before or after it.';
}

export function keepOpenFix(): string {
  return 'The other side ends the connection with each answer (Connection: close, or HTTP/1.0): let it keep connections open (a server of HTTP/1.1 with keep-alive, also in the proxy before it). This side cannot change that; ask less often, or for several things at once.';
}

export function lookUpFix(): string {
  return 'Keep connections open: then no name has to be looked up. Else keep looked-up addresses for some seconds (a caching lookup, or a local DNS cache).';
}
