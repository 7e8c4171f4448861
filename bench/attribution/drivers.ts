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
  writeFileSync(done, '');
  return folder;
}
