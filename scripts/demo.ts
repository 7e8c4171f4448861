// `npm run demo`: the example backend under load, recorded by the built product as a user would run it.
// In: options. Out: the page's address while it runs, the summary at the end (Ctrl-C, or --seconds). Nothing keeps running.

import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { createDatabase } from './servers/database.ts';
import { startServers } from './servers.ts';
import { startWatchdog } from './servers/watchdog.ts';

/** What a recording consists of (src/store/). */
const RECORDING = ['wiretime.duckdb', 'wiretime.duckdb.wal'];

interface DemoOptions {
  readonly data: string;
  readonly seconds: string;
  readonly rate: string;
  readonly fixed: readonly string[];
  readonly python: boolean;
}

function say(line: string): void {
  console.error(`demo: ${line}`);
}

function shopArguments({ seconds, rate, fixed, python }: DemoOptions): string[] {
  return [
    'examples/shop/start.js',
    `--seconds=${seconds}`,
    `--rate=${rate}`,
    ...fixed.flatMap((name) => ['--fixed', name]),
    ...(python ? [] : ['--no-python']),
  ];
}

/** Resolves with the exit code. Ctrl-C reaches the program by itself; we end after it. */
function record(
  data: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const child = spawn(process.execPath, ['dist/cli.js', 'run', '--data', data, '--', 'node', ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (child.pid !== undefined) startWatchdog().watch(child.pid, 'TERM');
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

async function demo(options: DemoOptions): Promise<number> {
  if (!existsSync('dist/cli.js')) throw new Error('dist/cli.js is missing: npm run build');
  // A recording goes on where it ended. Each demo is one of its own, unless faults of the last one are mended: what came of that is to be seen.
  if (options.fixed.length === 0)
    for (const file of RECORDING) rmSync(join(options.data, file), { force: true });
  say('starting PostgreSQL and Redis …');
  const servers = await startServers(['postgres', 'redis'], say);
  say('starting the shop; end it with Ctrl-C');
  const code = await record(options.data, shopArguments(options), {
    DATABASE_URL: await createDatabase(servers.postgres.url, 'shop'),
    REDIS_URL: servers.redis.url,
  });
  await servers.stop();
  return code;
}

function parse(): DemoOptions {
  return new Command('npm run demo --')
    .option('--seconds <n>', 'end after so many seconds; 0: with Ctrl-C', '0')
    .option('--rate <n>', 'requests per second', '50')
    .option(
      '--fixed <name>',
      'run without this fault (repeatable), and go on with the recording that is there',
      (name: string, names: readonly string[]) => [...names, name],
      [] as readonly string[],
    )
    .option(
      '--data <folder>',
      'where the recording goes, in place of one that is there without --fixed',
      '.wiretime/demo',
    )
    .option('--no-python', 'without the pricing service')
    .parse()
    .opts<DemoOptions>();
}

process.exitCode = await demo(parse()).catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  return 1;
});
