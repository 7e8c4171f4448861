// Route templates with frameworks that are not dependencies of the project. In: the registry, once. Out: the tests' result.
// Usage: npm run test:frameworks

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const PACKAGES = [
  'express4@npm:express@4',
  'fastify4@npm:fastify@4',
  'koa@3',
  '@koa/router@15',
  '@nestjs/core@11',
  '@nestjs/common@11',
  '@nestjs/platform-express@11',
  '@nestjs/platform-fastify@11',
  'reflect-metadata@0.2',
  'rxjs@7',
];

const folder = resolve('node_modules/.cache/wiretime/frameworks');
if (!existsSync(join(folder, 'installed'))) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const options = ['install', '--silent', '--no-audit', '--no-fund', '--ignore-scripts'];
  execFileSync('npm', [...options, ...PACKAGES], { cwd: folder, stdio: 'inherit' });
  writeFileSync(join(folder, 'installed'), '');
}
const { status } = spawnSync(
  process.execPath,
  ['--import', 'tsx', '--test', 'test/agent/frameworks.test.ts'],
  {
    stdio: 'inherit',
    env: { ...process.env, WIRETIME_TEST_FRAMEWORKS: folder },
  },
);
process.exitCode = status ?? 1;
