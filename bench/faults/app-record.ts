// Records an app of apps/ with faults and without them. In: a cell (which app, which faults, how strong). Out: two data folders, asked in turn.
// Recordings that are there are used again.

import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import mysql from 'mysql2/promise';
import type { Servers } from '../../scripts/servers.ts';
import { createDatabase } from '../../scripts/servers/database.ts';
import { ask, type Asked } from './app-load.ts';
import {
  decoysOf,
  FOLDER,
  LEVELS,
  type AppFault,
  type AppName,
  type Group,
  type Level,
} from './app-truth.ts';

export type AppServers = Servers<'postgres' | 'redis' | 'mariadb'>;

/** The same app at the same time, with some faults of one strength and with none. */
export interface Cell {
  readonly app: AppName;
  readonly group: Group;
  readonly level: Level;
  readonly seed: number;
  readonly faults: readonly AppFault[];
}

export interface Effort {
  /** Of a cell, both sides together. */
  readonly seconds: Readonly<Record<Group, number>>;
  /** Times the usual rate: for a short look at few faults. */
  readonly times?: number;
}

/** Of each side while it is asked; the whole stays far below what one core does. */
const RATE = { fault: 4, decoy: 2 } as const;
/** Endpoints without a fault of their own, for which code that blocks is bad luck. */
const VICTIMS: Readonly<Record<AppName, readonly string[]>> = {
  ledger: ['GET /settings/:id', 'GET /profiles/:id'],
  board: ['GET /titles/:id', 'GET /sessions/:id'],
};
/** Pools are too small only when several come at once. */
const AT_ONCE: Readonly<Record<string, number>> = { 'small-pool': 8, 'kept-connection': 8 };

/** Folders of the recordings: with the faults, and without. */
export function foldersOf({ app, group, level, seed }: Cell, recordings: string): readonly [string, string] {
  const folder = join(recordings, `${app}-${group}-${level}-${seed}`);
  return [join(folder, 'with'), join(folder, 'without')];
}

export async function recordCell(
  cell: Cell,
  recordings: string,
  effort: Effort,
  servers: AppServers,
): Promise<void> {
  const folders = foldersOf(cell, recordings);
  if (folders.every((folder) => existsSync(folder))) return;
  const started: Started[] = [];
  const databases = [await databasesOf(cell.app, servers), await databasesOf(cell.app, servers)];
  try {
    const peer = await start(['node', join(FOLDER, 'peer.js')], {});
    started.push(peer);
    const network = await start(['node', 'examples/shop/network.js', ...routesOf(databases)], {});
    started.push(network);
    const sides: Started[] = [];
    for (const [place, folder] of folders.entries()) {
      const env = {
        ...viaNetwork(databases[place] ?? {}, network.printed),
        PEER_URL: `http://127.0.0.1:${portOf(peer)}`,
        FAULTS: place === 0 ? cell.faults.map(({ name }) => name).join(',') : '',
        LEVEL: String(LEVELS.indexOf(cell.level) + 1),
      };
      rmSync(`${folder}.part`, { recursive: true, force: true });
      const side = await start(commandOf(cell.app, `${folder}.part`), env);
      started.push(side);
      sides.push(side);
    }
    const urls = sides.map((side) => ({ url: `http://127.0.0.1:${portOf(side)}` }));
    await ask(urls, loadOf(cell, effort.times ?? 1), effort.seconds[cell.group], cell.seed);
    for (const [place, { url }] of urls.entries()) {
      await fetch(`${url}/quit`, { method: 'POST' });
      await sides[place]?.ended;
    }
    for (const folder of folders) renameSync(`${folder}.part`, folder);
  } finally {
    for (const { child } of started) child.kill();
  }
}

function loadOf({ app, group, faults }: Cell, times: number): Asked[] {
  if (group === 'loop')
    return [
      ...faults.map(({ endpoint }) => ({ endpoint, rate: 4, atOnce: 1 })),
      ...VICTIMS[app].map((endpoint) => ({ endpoint, rate: 12, atOnce: 1 })),
    ];
  return [
    ...faults.map(({ endpoint, name }) => ({
      endpoint,
      rate: RATE.fault * times,
      atOnce: AT_ONCE[name] ?? 1,
    })),
    ...decoysOf(app).map((endpoint) => ({ endpoint, rate: RATE.decoy * times, atOnce: 1 })),
  ];
}

function commandOf(app: AppName, folder: string): string[] {
  const options = ['--no-ui', '--data', folder, '--summary', 'none', '--service', app];
  return ['node', 'dist/cli.js', 'run', ...options, '--', 'node', join(FOLDER, `${app}.js`)];
}

interface Started {
  readonly child: ChildProcess;
  /** The line with which it says that it is ready. */
  readonly printed: string;
  readonly ended: Promise<unknown>;
}

/** They end with this process, however it ends. */
const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => child.kill()));

async function start(
  [, ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Started> {
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

function portOf({ printed }: Started): string {
  return printed.split(' ').at(-1) ?? '';
}

/** Variables of one side: URLs of databases of its own, each with another name. */
async function databasesOf(app: AppName, servers: AppServers): Promise<Record<string, string>> {
  const id = randomBytes(4).toString('hex');
  const names = ['main', 'small', 'held'].map((name) => `${app}_${name}_${id}`);
  const [main = '', small = '', held = ''] = await Promise.all(
    names.map((name) =>
      app === 'ledger' ? createDatabase(servers.postgres.url, name) : createOnMariaDb(servers, name),
    ),
  );
  // Both sides write the same into Redis.
  return {
    [app === 'ledger' ? 'DATABASE_URL' : 'MYSQL_URL']: main,
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

/** A round trip to a database takes a millisecond and a half. */
function routesOf(databases: readonly Readonly<Record<string, string>>[]): string[] {
  return HOSTS.flatMap((name) => {
    const url = databases[0]?.[name];
    if (url === undefined) return [];
    const { hostname, port } = new URL(url);
    return [`${name},${hostname},${port},1`];
  });
}

function viaNetwork(databases: Readonly<Record<string, string>>, printed: string): Record<string, string> {
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
