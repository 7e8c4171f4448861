// Records MariaDB: mysql2 (text, prepared, errors, several statements, a transaction, a file) and the mariadb command line.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createConnection } from 'mysql2/promise';
import type { Connection } from 'mysql2/promise';
import { startServers } from '../../../scripts/servers.ts';
import type { Server } from '../../../scripts/servers/server.ts';
import { record, versioned } from '../proxy.ts';

const folder = import.meta.dirname;

const CLI_SCRIPT = `select 1 + 1;
show tables;
select id, name from items where id in (1, 2, 3) and name <> 'a secret name';
update items set name = 'a secret name' where id = 7;
select * from nowhere;
begin; insert into items values (1000, 'x', null); rollback;
`;

function connectTo(server: Server, port: number, options: object = {}): Promise<Connection> {
  const { user, password = '', database = '' } = server;
  return createConnection({ host: '127.0.0.1', port, user, password, database, ...options });
}

async function fill(connection: Connection): Promise<void> {
  await connection.query('create table items (id int primary key, name varchar(100), note text)');
  const rows = Array.from({ length: 300 }, (_, id) => [id, `item ${id}`, 'a note '.repeat(id % 20)]);
  await connection.query('insert into items values ?', [rows]);
}

async function withMysql2(server: Server, port: number): Promise<void> {
  const connection = await connectTo(server, port, { multipleStatements: true });
  await fill(connection);
  await connection.query("select name from items where name = 'a secret name'");
  await connection.query('select * from items where id < ?', [40]);
  await connection.query('select * from items');
  for (const id of [1, 2, 300]) await connection.execute('select name, note from items where id = ?', [id]);
  await connection.execute('select * from items order by id', []);
  await connection.execute('update items set note = ? where id = ?', ['a secret note', 7]);
  await connection.query('select 1; update items set note = null where id < 5; select id from items limit 3');
  await connection.query('select * from nowhere').catch(() => undefined);
  await connection.execute('insert into items values (?, ?, ?)', [1, 'twice', null]).catch(() => undefined);
  await connection.beginTransaction();
  await connection.query('delete from items where id = 299');
  await connection.rollback();
  await connection.ping();
  await connection.changeUser({ database: 'mysql' });
  await connection.query('use test');
  const infileStreamFactory = (): Readable => Readable.from([Buffer.from('2000\ta\tb\n'), Buffer.from('2001\tc\td\n')]);
  await connection.query({ sql: "load data local infile 'rows.csv' into table items", infileStreamFactory });
  await connection.query(`select length('${'x'.repeat(30_000)}')`);
  await Promise.all([1, 2, 3].map((id) => connection.query('select name from items where id = ?', [id])));
  await connection.end();
  await connectTo(server, port, { user: 'nobody' }).catch(() => undefined);
}

async function withCli({ user, password = '', database = '' }: Server, port: number): Promise<void> {
  const target = ['--protocol=TCP', '-h', '127.0.0.1', '-P', String(port), '-u', user, '--skip-ssl', '--force', database];
  const child = spawn('mariadb', ['--no-defaults', ...target], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { ...process.env, MYSQL_PWD: password },
  });
  child.stdin.end(CLI_SCRIPT);
  await once(child, 'exit');
}

async function compressed({ user, password = '', database = '' }: Server, port: number): Promise<void> {
  const connection = await createConnection({ host: '127.0.0.1', port, user, password, database, compress: true });
  await connection.query('select * from items where id < 30');
  await connection.end();
}

export async function recordMysql(): Promise<void> {
  const servers = await startServers(['mariadb']);
  const server = servers.mariadb;
  const save = (
    file: string,
    client: string,
    command: string,
    run: (server: Server, port: number) => Promise<void>,
  ): Promise<void> =>
    record(join(folder, `${file}.json`), server.port, { server: server.version, client, command }, (port) =>
      run(server, port),
    );
  try {
    await save('mysql2', versioned('mysql2'), 'withMysql2', withMysql2);
    await save('mariadb-cli', 'mariadb command line', CLI_SCRIPT, withCli);
    await save('mysql2-compressed', versioned('mysql2'), 'compressed', compressed);
  } finally {
    await servers.stop();
  }
}
