// Records the shop as a user would. In: which faults it has, how long. Out: a data folder. Recordings are kept: judging them again is free.

import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabase } from '../../scripts/servers/database.ts';
import { startServers } from '../../scripts/servers.ts';
import { FAULTS, type Fault } from './truth.ts';

/** The shop with a fault and the shop without it, side by side, so that a busy moment of the machine hits both alike. */
export interface Run {
  /** Of the folder below the recordings. */
  readonly name: string;
  readonly fault: Fault;
  readonly seed: number;
}

export interface Side {
  readonly folder: string;
  readonly faults: readonly string[];
}

export interface Load {
  readonly seconds: number;
  /** Of each side. */
  readonly rate: number;
}

/** All faults, and all of them again in each round with other customers. */
export function runsOf(rounds: number): Run[] {
  return Array.from({ length: rounds }, (_, round) =>
    FAULTS.map((fault) => ({ name: `${round + 1}-${fault.name}`, fault, seed: round + 1 })),
  ).flat();
}

/** With the fault, and without it. */
export function sidesOf({ name, fault }: Run, recordings: string): readonly [Side, Side] {
  const folder = join(recordings, name);
  return [
    { folder: join(folder, 'with'), faults: [fault.name, ...fault.beside] },
    { folder: join(folder, 'without'), faults: fault.beside },
  ];
}

/** What is there already is used again. */
export async function record(runs: readonly Run[], recordings: string, load: Load): Promise<void> {
  const missing = runs.filter((run) => sidesOf(run, recordings).some(({ folder }) => !existsSync(folder)));
  if (missing.length === 0) return;
  if (!existsSync('dist/cli.js')) throw new Error('dist/cli.js is missing: npm run build');
  const servers = await startServers(['postgres', 'redis'], (line) => console.error(line));
  const environments = await Promise.all(
    ['shop_with', 'shop_without'].map(async (name, index) => ({
      DATABASE_URL: await createDatabase(servers.postgres.url, name),
      // Databases of Redis have numbers.
      REDIS_URL: `${servers.redis.url.replace(/\/$/, '')}/${index + 1}`,
    })),
  );
  for (const [index, run] of missing.entries()) {
    console.error(`recording ${index + 1} of ${missing.length}: ${run.name}`);
    const sides = sidesOf(run, recordings);
    const { seconds, rate } = load;
    const loadOfRun = { seconds, rate: rate * run.fault.load };
    await Promise.all(
      sides.map((side, place) => recordOne(side, run.seed, loadOfRun, environments[place] ?? {})),
    );
  }
  await servers.stop();
}

async function recordOne(
  { folder, faults }: Side,
  seed: number,
  { seconds, rate }: Load,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const fixed = FAULTS.map(({ name }) => name).filter((name) => !faults.includes(name));
  const shop = ['examples/shop/start.js', `--seconds=${seconds}`, `--rate=${rate}`, `--seed=${seed}`];
  const flags = fixed.flatMap((name) => ['--fixed', name]);
  const command = [
    'dist/cli.js',
    'run',
    '--data',
    folder,
    '--summary',
    'none',
    '--',
    'node',
    ...shop,
    ...flags,
  ];
  const code = await ended(command, env);
  if (code === 0) return;
  rmSync(folder, { recursive: true, force: true });
  throw new Error(`the shop ended with code ${code}`);
}

function ended(command: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  const child = spawn(process.execPath, command, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...env },
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
