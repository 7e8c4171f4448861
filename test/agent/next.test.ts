// Next for real: `next start`, its standalone server and `next dev`, pages and app router. Only with WIRETIME_TEST_FRAMEWORKS
// (scripts/frameworks.ts): Next has to be installed and the program built, which takes half a minute.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { askAll, type Asked } from './framework-client.ts';
import { appPath, NODE, startApp, TestCollector, until, type App } from './harness.ts';

const folder = process.env['WIRETIME_TEST_FRAMEWORKS'];
const sets = (process.env['WIRETIME_TEST_FRAMEWORK_SETS'] ?? '').split(' ');
const ROUNDS = 3;

const PAGES: readonly Asked[] = [
  page('/', '/'),
  page('/cart', '/cart'),
  page('/docs/a/b', '/docs/[...path]'),
  ...numbered((index) => page(`/posts/${index}`, '/posts/[id]')),
  ...numbered((index) => page(`/api/orders/${index}`, '/api/orders/[id]')),
  ...numbered((index) => page(`/legacy/slug-${index}`, '/legacy/[slug]')),
  ...numbered((index) => page(`/api/users/${index}?q=1`, '/api/users/[id]')),
  { method: 'POST', path: '/api/orders/9', route: '/api/orders/[id]', body: { a: 1 } },
  page('/nothing', ''),
];

function page(path: string, route: string): Asked {
  return { method: 'GET', path, route };
}

function numbered(make: (index: number) => Asked): readonly Asked[] {
  return Array.from({ length: 8 }, (_, index) => make(index));
}

/** How it is started: the program and its arguments, in the folder of the copy. */
const WAYS = {
  start: (port: number) => ['../../node_modules/next/dist/bin/next', 'start', '-p', String(port)],
  standalone: () => ['.next/standalone/apps/next/server.js'],
  dev: (port: number) => ['../../node_modules/next/dist/bin/next', 'dev', '-p', String(port)],
} as const satisfies Readonly<Record<string, (port: number) => readonly string[]>>;

for (const set of ['next-current', 'next-oldest'].filter((name) => sets.includes(name)))
  describe(set, () => {
    const program = join(folder ?? '', set, 'apps/next');
    before(() => {
      rmSync(program, { recursive: true, force: true });
      cpSync(appPath('next'), program, { recursive: true });
      const options = { cwd: program, env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' } };
      execFileSync(NODE, ['../../node_modules/next/dist/bin/next', 'build'], options);
    });
    for (const [way, commandOf] of Object.entries(WAYS))
      test(way, async () => {
        const port = await freePort();
        const [file = '', ...args] = commandOf(port);
        const collector = await new TestCollector().listen();
        const env = { PORT: String(port), HOSTNAME: '127.0.0.1', NEXT_TELEMETRY_DISABLED: '1' };
        const app = await startApp(file, { collector, args, env, cwd: program });
        await serves(app);
        await askAll(port, PAGES, ROUNDS);
        await until('all ends', () => collector.of('requestEnd').length >= PAGES.length * ROUNDS);
        app.child.kill();
        await app.ended;
        await collector.close();
        assert.deepEqual(answered(collector), expected());
      });
  });

async function serves(app: App): Promise<void> {
  await until('Next is ready', () => /ready/i.test(app.stdout()));
}

function answered(collector: TestCollector): readonly string[] {
  const starts = new Map(
    collector.of('requestStart').map((start) => [`${start.process} ${start.request}`, start]),
  );
  return collector
    .of('requestEnd')
    .map(({ process, request, route }) => {
      const start = starts.get(`${process} ${request}`);
      return `${start?.method} ${start?.target} → ${route}`;
    })
    .sort();
}

function expected(): readonly string[] {
  return Array.from({ length: ROUNDS }, () =>
    PAGES.map(({ method, path, route }) => `${method} ${path} → ${route}`),
  )
    .flat()
    .sort();
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
