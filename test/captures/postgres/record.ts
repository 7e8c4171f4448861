// Records PostgreSQL: psql, pg and postgres.js against a real server.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import pg from 'pg';
import postgres from 'postgres';
import { record, versioned } from '../proxy.ts';
import { startPostgres } from '../servers.ts';

const folder = import.meta.dirname;

const TABLES = `create table users (id int primary key, name text, bio text);
insert into users select i, 'user ' || i, repeat('long biography ', 8) from generate_series(1, 120) i;
create table orders (id serial primary key, user_id int, total numeric);`;

/** Runs psql with a script on its standard input. */
async function psql(port: number, script: string): Promise<void> {
  const child = spawn('psql', ['-X', '-q', '-h', '127.0.0.1', '-p', String(port), '-U', 'wiretime', 'postgres'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.end(script);
  await once(child, 'exit');
}

async function withClient(port: number, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'wiretime', database: 'postgres' });
  client.on('error', () => undefined);
  await client.connect();
  await work(client);
  await client.end();
}

const PSQL_SCRIPT = `select 1;
select * from users where id = 42;
select count(*), max(name) from users where name like 'user 1%';
begin; update users set name = 'x' where id = 3; rollback;
select * from no_such_table;
copy (select id, name from users order by id limit 20) to stdout;
copy orders (user_id, total) from stdin;
1	10.5
2	20.25
\\.
select id, name, bio from users limit 50;
listen jobs;
notify jobs, 'payload secret';
do $$ begin raise notice 'hello %', 42; end $$;
begin;
declare c cursor for select * from users;
fetch 5 from c;
fetch 5 from c;
close c;
commit;
\\set FETCH_COUNT 100
select id, bio from users order by id;
`;

async function pgSimple(client: pg.Client): Promise<void> {
  await client.query('select 1 as one');
  await client.query("select * from users where name = 'user 7'");
  await client.query('select 1; select 2; select * from users limit 3');
  await client.query('select * from users');
  await client.query('selec 1').catch(() => undefined);
  await client.query('');
}

async function pgExtended(client: pg.Client): Promise<void> {
  await client.query('select * from users where id = $1', [42]);
  await client.query('select * from users where id = any($1)', [[1, 2, 3]]);
  for (const id of [1, 2, 3])
    await client.query({ name: 'by id', text: 'select name from users where id = $1', values: [id] });
  await client.query('select * from users where id = $1', ['not a number']).catch(() => undefined);
  await client.query('begin');
  await client.query('insert into orders (user_id, total) values ($1, $2), ($3, $4) returning id', [1, 5, 2, 6]);
  await client.query('commit');
  await client.query('insert into users (id, name, bio) values ($1, $2, $3)', [9001, 'big', 'b'.repeat(20_000)]);
  await client.query('select id, bio from users where id > $1', [100]);
  await Promise.all([1, 2, 3].map((id) => client.query('select bio from users where id = $1', [id])));
}

async function postgresJs(port: number): Promise<void> {
  const sql = postgres({ host: '127.0.0.1', port, user: 'wiretime', database: 'postgres', max: 1, onnotice: () => undefined });
  await sql`select * from users where id = ${42}`;
  await sql`select * from users where id = ${43}`;
  await Promise.all([1, 2, 3, 4, 5].map((id) => sql`select name, bio from users where id = ${id}`));
  await sql`select * from no_such_table where a = ${1}`.catch(() => undefined);
  await sql.begin(async (tx) => {
    await tx`insert into orders ${tx([{ user_id: 1, total: 2 }, { user_id: 3, total: 4 }])}`;
    await tx`select count(*) from orders`;
  });
  for await (const rows of sql`select id from users order by id limit 25`.cursor(10)) void rows.length;
  await sql.unsafe('select 1; select 2');
  const readable = await sql`copy users (id, name) to stdout`.readable();
  for await (const chunk of readable) void chunk;
  await sql.end();
}

async function cancelled(port: number): Promise<void> {
  const sql = postgres({ host: '127.0.0.1', port, user: 'wiretime', database: 'postgres', max: 1 });
  await sql`select 1`;
  const slow = sql`select pg_sleep(30)`;
  const failed = slow.catch(() => undefined);
  setTimeout(() => slow.cancel(), 100);
  await failed;
  await sql.end();
}

export async function recordPostgres(): Promise<void> {
  const server = await startPostgres();
  try {
    await psql(server.port, TABLES);
    const save = (
      file: string,
      client: string,
      command: string,
      run: (port: number) => Promise<void>,
    ): Promise<void> => record(join(folder, `${file}.json`), server.port, { server: server.version, client, command }, run);
    await save('psql-15', 'psql 15', PSQL_SCRIPT, (port) => psql(port, PSQL_SCRIPT));
    await save('pg-simple', versioned('pg'), 'pgSimple', (port) => withClient(port, pgSimple));
    await save('pg-extended', versioned('pg'), 'pgExtended', (port) => withClient(port, pgExtended));
    await save('postgres-js', versioned('postgres'), 'postgresJs', postgresJs);
    await save('postgres-js-cancel', versioned('postgres'), 'cancelled', cancelled);
  } finally {
    await server.stop();
  }
}
