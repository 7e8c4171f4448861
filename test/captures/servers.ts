// Servers for recordings, each on a free port in a folder of its own. In: nothing. Out: a port, and how to stop it.

import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Server {
  readonly port: number;
  readonly version: string;
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilListening(port: number): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (await isListening(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on port ${port}`);
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function stopping(child: ChildProcess, folder: string, signal: NodeJS.Signals): () => Promise<void> {
  return async () => {
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
}

const POSTGRES_BIN = process.env['POSTGRES_BIN'] ?? '/usr/lib/postgresql/15/bin';

/** PostgreSQL refuses to run as root, so root becomes `postgres`. */
function notRoot(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** A cluster that trusts the user `wiretime`. */
export async function startPostgres(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'wiretime-postgres-'));
  chmodSync(folder, 0o777);
  const data = join(folder, 'data');
  const options = { stdio: 'ignore', cwd: folder, ...notRoot() } as const;
  const initdb = ['-D', data, '-U', 'wiretime', '-A', 'trust', '--no-sync'];
  execFileSync(join(POSTGRES_BIN, 'initdb'), initdb, options);
  const port = await freePort();
  const args = ['-D', data, '-p', String(port), '-k', folder, '-c', 'fsync=off'];
  const child = spawn(join(POSTGRES_BIN, 'postgres'), args, options);
  await untilListening(port);
  const version = execFileSync(join(POSTGRES_BIN, 'postgres'), ['--version'], { encoding: 'utf8' }).trim();
  return { port, version, stop: stopping(child, folder, 'SIGINT') };
}

export async function startRedis(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'wiretime-redis-'));
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
  const child = spawn('redis-server', args, { stdio: 'ignore' });
  await untilListening(port);
  const version = execFileSync('redis-server', ['--version'], { encoding: 'utf8' }).trim();
  return { port, version, stop: stopping(child, folder, 'SIGTERM') };
}

/** A server that takes everything by its command line. `args` gets its port and a folder of its own. */
export async function startProgram(
  program: string,
  args: (port: number, folder: string) => readonly string[],
  versionArgs: readonly string[],
  env: (port: number, folder: string) => NodeJS.ProcessEnv = () => ({}),
): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'wiretime-program-'));
  chmodSync(folder, 0o777);
  const port = await freePort();
  const child = spawn(program, args(port, folder), {
    stdio: 'ignore',
    cwd: folder,
    env: { ...process.env, ...env(port, folder) },
  });
  const failed = new Promise<never>((_resolve, reject) => child.once('error', reject));
  await Promise.race([untilListening(port), failed]);
  const version = versionArgs.length === 0 ? '' : execFileSync(program, versionArgs, { encoding: 'utf8' }).trim().split('\n')[0] ?? '';
  return { port, version, stop: stopping(child, folder, 'SIGTERM') };
}

const RABBIT = '/usr/lib/rabbitmq/bin/rabbitmq-server';

/** RabbitMQ with a port mapper and a home of its own, so that it meets no other. */
export async function startRabbit(): Promise<Server> {
  const mapperPort = await freePort();
  const distributionPort = await freePort();
  const mapper = spawn('epmd', ['-port', String(mapperPort), '-address', '127.0.0.1'], { stdio: 'ignore' });
  const server = await startProgram(RABBIT, () => [], [], (port, folder) => ({
    HOME: folder,
    ERL_EPMD_PORT: String(mapperPort),
    RABBITMQ_NODENAME: 'wiretime@localhost',
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_MNESIA_BASE: folder,
    RABBITMQ_LOG_BASE: folder,
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_CONF_ENV_FILE: join(folder, 'none'),
    RABBITMQ_CONFIG_FILE: join(folder, 'none'),
  }));
  const stop = async (): Promise<void> => {
    await server.stop();
    mapper.kill('SIGKILL');
  };
  const version = /^Version: (\S+)/m.exec(
    execFileSync('dpkg-query', ['-W', '-f', 'Version: ${Version}', 'rabbitmq-server'], { encoding: 'utf8' }),
  );
  return { port: server.port, version: `RabbitMQ ${version?.[1] ?? ''}`, stop };
}
