// Real database servers for tests, benchmarks and the demo. In: names. Out: addresses of fresh servers on private ports,
// with fast settings, in a temporary folder; they end with this process, however it ends (servers/watchdog.ts).
// As a command: `tsx scripts/servers.ts postgres redis -- CMD` runs CMD with WIRETIME_TEST_SERVERS in its environment.

import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  writeFileSync,
  closeSync,
  chmodSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { mariadb } from './servers/mariadb.ts';
import { postgres } from './servers/postgres.ts';
import { ensureInstalled, findProgram } from './servers/programs.ts';
import { redis } from './servers/redis.ts';
import type { Account, Place, Recipe, Server, ServerName } from './servers/server.ts';
import { startWatchdog, type Watchdog } from './servers/watchdog.ts';

const RECIPES: Readonly<Record<ServerName, Recipe>> = { postgres, redis, mariadb };
/** Another process can take a free port between our look and the server's bind; three in a row is not chance. */
const ATTEMPTS = 3;
const START_LIMIT_MS = 60_000;
const POLL_MS = 20;

export type Servers<Name extends ServerName = ServerName> = { readonly [Key in Name]: Server } & {
  /** Ends the servers and removes their data. Not needed at the end of the process. */
  stop(): Promise<void>;
};

/**
 * Starts servers side by side (about 2 s), installing missing ones where that is possible. `certificate`: a file with a certificate and its key,
 * for TLS, which PostgreSQL and MariaDB then speak with whoever asks for it.
 * @throws an error that names what is missing and the command that installs it, or the end of a server's log.
 */
export async function startServers<const Name extends ServerName>(
  names: readonly Name[],
  say: (line: string) => void = () => {},
  certificate?: string,
): Promise<Servers<Name>> {
  await ensureInstalled(new Map(names.map((name) => [name, RECIPES[name]])), say);
  const folder = mkdtempSync(join(tmpdir(), 'wiretime-servers-'));
  chmodSync(folder, 0o711);
  const watchdog = startWatchdog(folder);
  try {
    const started = await Promise.all(
      names.map(
        async (name) => [name, await startOne(name, join(folder, name), watchdog, certificate)] as const,
      ),
    );
    return { ...(Object.fromEntries(started) as Record<Name, Server>), stop: () => watchdog.stop() };
  } catch (error) {
    await watchdog.stop();
    throw error;
  }
}

async function startOne(
  name: ServerName,
  folder: string,
  watchdog: Watchdog,
  certificate: string | undefined,
): Promise<Server> {
  const recipe = RECIPES[name];
  const account = accountFor(recipe);
  const port = await freePort();
  mkdirSync(folder, { mode: 0o700 });
  if (account !== undefined) chownSync(folder, account.uid, account.gid);
  const place = placeOf(folder, port, account, certificate);
  await recipe.prepare(place);
  const ready = await launch(recipe, place, account, watchdog);
  const version = await versionOf(recipe, place);
  return { host: '127.0.0.1', port: ready.port, ...recipe.describe(ready), version };
}

async function launch(
  recipe: Recipe,
  first: Place,
  account: Account | undefined,
  watchdog: Watchdog,
): Promise<Place> {
  let log = '';
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const place = attempt === 0 ? first : { ...first, port: await freePort() };
    const logFile = join(place.folder, `log-${attempt}`);
    if (await isReady(recipe, place, account, watchdog, logFile)) return place;
    log = readFileSync(logFile, 'utf8');
  }
  throw new Error(`${recipe.programs[0]} did not start. The end of its log:\n${log.slice(-2000)}`);
}

/** Starts the server in a session of its own (Ctrl-C is not for it) and waits until its log says that it is ready. */
async function isReady(
  recipe: Recipe,
  place: Place,
  account: Account | undefined,
  watchdog: Watchdog,
  logFile: string,
): Promise<boolean> {
  const log = openSync(logFile, 'w');
  const child = spawn(place.program(recipe.programs[0] ?? ''), recipe.args(place), {
    stdio: ['ignore', log, log],
    detached: true,
    cwd: place.folder,
    ...account,
  });
  closeSync(log);
  child.once('error', () => {}); // as good as ended: it has no pid
  child.unref();
  if (child.pid === undefined) return false;
  watchdog.watch(child.pid, recipe.killSignal);
  const deadline = performance.now() + START_LIMIT_MS;
  while (child.exitCode === null && child.signalCode === null && performance.now() < deadline) {
    if (readFileSync(logFile, 'utf8').includes(recipe.readyText)) return true;
    await delay(POLL_MS);
  }
  return false;
}

function placeOf(
  folder: string,
  port: number,
  account: Account | undefined,
  certificate: string | undefined,
): Place {
  return {
    certificate: certificate === undefined ? undefined : readFileSync(certificate, 'utf8'),
    folder,
    port,
    password: randomBytes(12).toString('hex'),
    program: (name) => findProgram(name) ?? name,
    async execute(program, args) {
      const { stdout } = await promisify(execFile)(program, args, { cwd: folder, ...account });
      return stdout;
    },
    write(name, text) {
      const path = join(folder, name);
      writeFileSync(path, text, { mode: 0o600 });
      if (account !== undefined) chownSync(path, account.uid, account.gid);
      return path;
    },
  };
}

/** Who a server runs as: us, unless we are root and the server refuses root. */
function accountFor(recipe: Recipe): Account | undefined {
  if (recipe.account === undefined || process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number =>
    Number(execFileSync('id', [flag, recipe.account ?? ''], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function versionOf(recipe: Recipe, place: Place): Promise<string> {
  const printed = await place.execute(place.program(recipe.programs[0] ?? ''), ['--version']);
  return /\d+\.\d+(\.\d+)?/.exec(printed)?.[0] ?? 'unknown';
}

/** A port nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Runs a command with the servers' addresses in WIRETIME_TEST_SERVERS. Resolves with its exit code; the servers have ended by then. */
export async function runWithServers(
  names: readonly ServerName[],
  command: readonly string[],
  say: (line: string) => void,
): Promise<number> {
  const servers = await startServers(names, say);
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    stdio: 'inherit',
    env: { ...process.env, WIRETIME_TEST_SERVERS: JSON.stringify(servers) },
  });
  // Ctrl-C reaches the command by itself: it decides when to end, and the servers end after it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 130)));
  });
  await servers.stop();
  return code;
}

function isServerName(name: string): name is ServerName {
  return Object.hasOwn(RECIPES, name);
}

async function main(args: readonly string[]): Promise<number> {
  const split = args.indexOf('--');
  const names = split < 0 ? [] : args.slice(0, split).filter(isServerName);
  if (split < 1 || names.length !== split || split === args.length - 1) {
    console.error('usage: tsx scripts/servers.ts postgres|redis|mariadb … -- COMMAND');
    return 2;
  }
  return runWithServers(names, args.slice(split + 1), (line) => console.error(line));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  });
}
