// Records an app of apps/ with faults and without them. In: a cell (which app, which faults, how strong). Out: two data folders, and when each side
// was asked. Recordings that are there are used again.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pythonWith } from '../../scripts/python-environment.ts';
import { appOf, FOLDER, type AppName } from './app-list.ts';
import { ask, type Asked, type Turn } from './app-load.ts';
import {
  portOf,
  start,
  startSurroundings,
  type AppServers,
  type Environment,
  type Started,
} from './app-servers.ts';
import { decoysOf, levelOf, LEVELS, type AppFault, type Group } from './app-truth.ts';

/** The same app at the same time, with some faults and with none. */
export interface Cell {
  readonly app: AppName;
  readonly group: Group;
  /** Which fault has which strength: levelOf. */
  readonly turn: number;
  readonly seed: number;
  readonly faults: readonly AppFault[];
  /** Nothing is switched on, on neither side. */
  readonly isSame: boolean;
}

export interface Effort {
  /** Of a cell, both sides together. */
  readonly seconds: Readonly<Record<Group, number>>;
  /** Times the usual rate: for a short look at few faults. */
  readonly times?: number;
}

const RATE_OF_LOOP = 4;
const RATE_OF_VICTIM = 12;
/** Pools are too small only when several come at once. */
const AT_ONCE: Readonly<Record<string, number>> = { 'small-pool': 8, 'kept-connection': 8, 'hot-row': 4 };

/** What apps/*.py import. */
const PACKAGES = [
  'flask',
  'waitress',
  'sqlalchemy',
  'psycopg2-binary',
  'requests',
  'fastapi',
  'uvicorn',
  'asyncpg',
  'httpx',
  'redis',
];

export function nameOf({ app, group, turn, seed, isSame }: Cell): string {
  return `${app}-${isSame ? 'same' : `${group}-${turn}`}-${seed}`;
}

/** Folders of the recordings: with the faults, and without. */
export function foldersOf(cell: Cell, recordings: string): readonly [string, string] {
  const folder = join(recordings, nameOf(cell));
  return [join(folder, 'with'), join(folder, 'without')];
}

function turnsFile(cell: Cell, recordings: string): string {
  return join(recordings, nameOf(cell), 'turns.json');
}

export function turnsOf(cell: Cell, recordings: string): readonly Turn[] {
  return JSON.parse(readFileSync(turnsFile(cell, recordings), 'utf8')) as Turn[];
}

export async function recordCell(
  cell: Cell,
  recordings: string,
  effort: Effort,
  servers: AppServers,
): Promise<void> {
  // Written last.
  if (existsSync(turnsFile(cell, recordings))) return;
  const folders = foldersOf(cell, recordings);
  mkdirSync(join(recordings, nameOf(cell)), { recursive: true });
  const { started, sides } = await startSurroundings(cell.app, servers);
  const apps: Started[] = [];
  try {
    const starting = folders.map((folder, place) => {
      rmSync(`${folder}.part`, { recursive: true, force: true });
      const env = { ...sides[place], ...flagsOf(cell, place) };
      return start(commandOf(cell.app, `${folder}.part`), env);
    });
    apps.push(...(await Promise.all(starting)));
    const urls = apps.map((app) => `http://127.0.0.1:${portOf(app)}`);
    const turns = await ask(urls, loadOf(cell, effort.times ?? 1), effort.seconds[cell.group], cell.seed);
    await Promise.all(urls.map((url) => fetch(`${url}/quit`, { method: 'POST' })));
    await Promise.all(apps.map(({ ended }) => ended));
    for (const folder of folders) {
      rmSync(folder, { recursive: true, force: true });
      renameSync(`${folder}.part`, folder);
    }
    writeFileSync(turnsFile(cell, recordings), JSON.stringify(turns));
  } finally {
    for (const { child } of [...apps, ...started]) child.kill();
  }
}

/** Strengths are the same on both sides, so that both have the same lists to walk. */
function flagsOf({ faults, turn, isSame }: Cell, place: number): Environment {
  const isFaulty = place === 0 && !isSame;
  return {
    FAULTS: isFaulty ? faults.map(({ name }) => name).join(',') : '',
    LEVELS: faults.map((fault) => `${fault.name}=${LEVELS.indexOf(levelOf(fault, turn)) + 1}`).join(','),
  };
}

function loadOf({ app, group, faults }: Cell, times: number): Asked[] {
  const { rate, victims } = appOf(app);
  if (group === 'loop')
    return [
      ...faults.map(({ endpoint }) => ({ endpoint, rate: RATE_OF_LOOP, atOnce: 1 })),
      ...victims.map((endpoint) => ({ endpoint, rate: RATE_OF_VICTIM, atOnce: 1 })),
    ];
  return [
    ...faults.map(({ endpoint, name }) => ({ endpoint, rate: rate * times, atOnce: AT_ONCE[name] ?? 1 })),
    ...decoysOf(app).map((endpoint) => ({ endpoint, rate: (rate * times) / 2, atOnce: 1 })),
  ];
}

function commandOf(name: AppName, folder: string): string[] {
  const { runtime, files } = appOf(name);
  const options = ['--no-ui', '--data', folder, '--summary', 'none', '--service', name];
  const program = runtime === 'node' ? 'node' : pythonWith('python-faults', PACKAGES);
  return ['dist/cli.js', 'run', ...options, '--', program, join(FOLDER, files[0])];
}
