// Route templates with frameworks that are not dependencies of the project, each at its current and at the oldest tested version.
// In: the registry, once. Out: the tests' result. Next is tested apart (test/agent/next.test.ts): it has to be built first.
// Usage: npm run test:frameworks [-- names of sets]

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Folders of node_modules, and what is in them: versions that go together. */
const SETS: Readonly<Record<string, string>> = {
  current:
    'express@5 fastify@5 koa@3 @koa/router@15 koa-router@14 koa-tree-router@0.13 @hapi/hapi@21 hono@4 @hono/node-server@2 ' +
    '@trpc/server@11 typescript@5.9 graphql@16 graphql-http@1 @apollo/server@5 @as-integrations/express5@1 graphql-yoga@5 mercurius@16',
  oldest:
    'express@4.17.0 fastify@4.0.0 koa@2.5.0 @koa/router@8.0.0 koa-router@7.4.0 koa-tree-router@0.5.0 @hapi/hapi@20.3.0 ' +
    'hono@4.0.0 @hono/node-server@1.3.0 @trpc/server@10.0.0 graphql@16.6.0 graphql-http@1.10.0 @apollo/server@4.0.0 ' +
    'graphql-yoga@3.0.0 mercurius@10.0.0',
  'nest-current': nest('12', '0.2'),
  'nest-oldest': nest('9.0.0', '0.1'),
  'next-current': 'next@16 react@19 react-dom@19',
  'next-oldest': 'next@14.0.0 react@18 react-dom@18',
};

function nest(version: string, metadata: string): string {
  const parts = ['core', 'common', 'platform-express', 'platform-fastify'];
  return [...parts.map((part) => `@nestjs/${part}@${version}`), `reflect-metadata@${metadata} rxjs@7`].join(
    ' ',
  );
}

const cache = resolve('node_modules/.cache/wiretime/frameworks');

/** Once, and again when the list has changed. */
function install(set: string, packages: string): void {
  const folder = join(cache, set);
  const mark = join(folder, 'installed');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === packages) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const options = ['install', '--silent', '--no-audit', '--no-fund', '--ignore-scripts'];
  execFileSync('npm', [...options, ...packages.split(' ')], { cwd: folder, stdio: 'inherit' });
  writeFileSync(mark, packages);
}

const asked = process.argv.slice(2);
const sets = asked.length > 0 ? asked : Object.keys(SETS);
for (const set of sets) install(set, SETS[set] ?? '');
const { status } = spawnSync(
  process.execPath,
  [
    '--import',
    'tsx',
    '--test',
    '--test-concurrency=1',
    'test/agent/frameworks.test.ts',
    'test/agent/next.test.ts',
  ],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      WIRETIME_TEST_FRAMEWORKS: cache,
      WIRETIME_TEST_FRAMEWORK_SETS: sets.join(' '),
    },
  },
);
process.exitCode = status ?? 1;
