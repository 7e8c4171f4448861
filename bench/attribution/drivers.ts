// Versions of drivers, installed once into a cache folder: they are not dependencies of the project.
// In: what to install. Out: the folder with its node_modules.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const CACHE = resolve(import.meta.dirname, '../../node_modules/.cache/wiretime/drivers');

/** Installs `packages` (`pg@8.0.0`, …) from the registry unless that was done before. */
export function installDriver(packages: readonly string[]): string {
  const folder = join(CACHE, packages.join('+').replaceAll('/', '_'));
  const done = join(folder, 'installed');
  if (existsSync(done) || packages.length === 0) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', '--ignore-scripts', ...packages], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (packages.some((name) => name.startsWith('prisma@'))) generatePrismaClient(folder);
  writeFileSync(done, '');
  return folder;
}

/** Prisma 6 may have its server's address here only, 7 may not; the driver adapter has the real one. */
function prismaSchema(isUrlWanted: boolean): string {
  return `generator client {
  provider = "prisma-client-js"
  engineType = "client"
  output = "./generated"
}
datasource db {
  provider = "postgresql"
  ${isUrlWanted ? 'url = "postgres://nowhere"' : ''}
}
model Thing {
  id Int @id @default(autoincrement())
  tag String?
}
`;
}

/** The client without an engine. Its generator would fetch the engines all the same if it were not told that they are there. */
function generatePrismaClient(folder: string): void {
  writeFileSync(join(folder, 'schema.prisma'), prismaSchema(folder.includes('prisma@6')));
  execFileSync('node', ['node_modules/prisma/build/index.js', 'generate', '--schema', 'schema.prisma'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_QUERY_ENGINE_LIBRARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  });
}
