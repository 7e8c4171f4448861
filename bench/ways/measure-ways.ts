// The ways of starting a program on one Node. In: ways, the agent, a database. Out: rows. Not here: one way (run-way.ts).

import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { installDriver } from '../attribution/drivers.ts';
import type { Row } from '../attribution/measure.ts';
import { measureWay, type Surroundings } from './run-way.ts';
import { installWays, type Way } from './ways.ts';

const TOOLS = [
  'pg@8.23.1',
  'tsx@4',
  'ts-node@10.9.2',
  'typescript@5',
  '@types/node@20',
  'webpack@5',
  'nodemon@3',
  'pm2@7',
  'pnpm@10',
  'ts-loader@9',
];

/** One after the other, in a folder outside of all packages: the application is recognized by that. `modules`: packages that are there already. */
export async function measureWays(
  ways: readonly Way[],
  around: Omit<Surroundings, 'folder'>,
  done: (row: Row) => void,
  modules?: string,
): Promise<void> {
  if (ways.length === 0) return;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'wiretime-ways-')));
  installWays(folder, modules ?? join(installDriver(TOOLS), 'node_modules'));
  for (const way of ways) done(await measureWay(way, { ...around, agent: resolve(around.agent), folder }));
  rmSync(folder, { recursive: true });
}
