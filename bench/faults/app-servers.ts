// What an app of apps/ talks to: databases of its own for each side, a network in which a round trip takes a millisecond and a half, a peer.
// In: servers that run, an app. Out: the environment of each side. Ends with this process, however it ends.

import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import mysql from 'mysql2/promise';
import type { Servers } from '../../scripts/servers.ts';
import { createDatabase } from '../../scripts/servers/database.ts';
import { appOf, FOLDER, type AppName } from './app-list.ts';

export type AppServers = Servers<'postgres' | 'redis' | 'mariadb'>;
export type Environment = Readonly<Record<string, string>>;

export interface Started {
  readonly child: ChildProcess;
  /** The line with which it says that it is ready; it ends with a port. */
  readonly printed: string;
  readonly ended: Promise<unknown>;
}

const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => child.kill()));

/** Resolves when it says that it listens; rejects when it ends before. */
export async function start(args: readonly string[], env: Environment): Promise<Started> {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  running.add(child);
  const ended = once(child, 'exit').then(() => running.delete(child));
  for await (const printed of createInterface(child.stdout))
    if (printed.includes(' listening ')) {
      child.stdout.resume();
      return { child, printed, ended };
    }
  throw new Error(`${args.join(' ')} ended before it was ready`);
}

export function portOf({ printed }: Started): string {
  return printed.split(' ').at(-1) ?? '';
}

/** Peer and network, and with them what both sides are told. */
export async function startSurroundings(
  app: AppName,
  servers: AppServers,
): Promise<{ readonly started: readonly Started[]; readonly sides: readonly Environment[] }> {
  const databases = [await databasesOf(app, servers), await databasesOf(app, servers)];
  const peer = await start([join(FOLDER, 'peer.js')], {});
  const network = await start(['examples/shop/network.js', ...routesOf(databases)], {});
  const PEER_URL = `http://127.0.0.1:${portOf(peer)}`;
  return {
    started: [peer, network],
    sides: databases.map((each) => ({ ...viaNetwork(each, network.printed), PEER_URL })),
  };
}

/** URLs of databases of one side, each with another name. */
async function databasesOf(app: AppName, servers: AppServers): Promise<Environment> {
  const id = randomBytes(4).toString('hex');
  const isPostgres = appOf(app).database === 'postgres';
  const urls: string[] = [];
  for (const name of ['main', 'small', 'held'].map((each) => `${app}_${each}_${id}`))
    urls.push(
      await (isPostgres ? createDatabase(servers.postgres.url, name) : createOnMariaDb(servers, name)),
    );
  const [main = '', small = '', held = ''] = urls;
  // Both sides write the same into Redis.
  return {
    [isPostgres ? 'DATABASE_URL' : 'MYSQL_URL']: main,
    SMALL_URL: small,
    HELD_URL: held,
    REDIS_URL: `${servers.redis.url.replace(/\/$/, '')}/0`,
  };
}

async function createOnMariaDb({ mariadb }: AppServers, name: string): Promise<string> {
  const connection = await mysql.createConnection(mariadb.url);
  await connection.query(`CREATE DATABASE ${name}`);
  await connection.end();
  const url = new URL(mariadb.url);
  url.pathname = name;
  return url.href;
}

const HOSTS = ['DATABASE_URL', 'MYSQL_URL', 'REDIS_URL'] as const;

function routesOf(databases: readonly Environment[]): string[] {
  return HOSTS.flatMap((name) => {
    const url = databases[0]?.[name];
    if (url === undefined) return [];
    const { hostname, port } = new URL(url);
    return [`${name},${hostname},${port},1`];
  });
}

function viaNetwork(databases: Environment, printed: string): Environment {
  const ports = new Map(
    printed.split(' ').map((part): [string, string] => [part.split('=')[0] ?? '', part.split('=')[1] ?? '']),
  );
  return Object.fromEntries(
    Object.entries(databases).map(([name, text]) => {
      const url = new URL(text);
      url.port = ports.get(name) ?? ports.get('DATABASE_URL') ?? ports.get('MYSQL_URL') ?? url.port;
      return [name, url.href];
    }),
  );
}
