// Route templates, as the frameworks know them: those installed with the project, and, with WIRETIME_TEST_FRAMEWORKS (a folder with a
// folder of node_modules for each set, made by scripts/frameworks.ts), all others.

import assert from 'node:assert/strict';
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CASES, type FrameworkCase } from './framework-cases.ts';
import { askAll, type Asked } from './framework-client.ts';
import { appPath, startApp, TestCollector, until } from './harness.ts';

const ROUNDS = 4;
const folder = process.env['WIRETIME_TEST_FRAMEWORKS'];
const sets = (process.env['WIRETIME_TEST_FRAMEWORK_SETS'] ?? '').split(' ');

for (const framework of CASES)
  for (const set of framework.sets.filter((name) => sets.includes(name)))
    test(`${framework.name}${set && ` (${set})`}: requests end with their route template`, async () => {
      const routes = await routesOf(framework, programIn(set, framework.program));
      assert.deepEqual(routes, expected(framework.asked));
    });

/** A copy among the modules of the set, so that it is resolved there as any program would. */
function programIn(set: string, program: string): string {
  if (folder === undefined) return appPath(join('frameworks', program));
  const apps = join(folder, set, 'apps');
  if (!existsSync(join(folder, set, 'node_modules'))) throw new Error(`${set} is not installed`);
  cpSync(appPath('frameworks'), apps, { recursive: true });
  return join(apps, program);
}

/** `GET /orders/7 → /orders/:id`, with the number of its requests. */
async function routesOf({ asked, args = [] }: FrameworkCase, file: string): Promise<Record<string, number>> {
  const collector = await new TestCollector().listen();
  const app = await startApp(file, { collector, args });
  void app.ended.then(({ code, stderr }) => code === null || console.error(stderr));
  await until('the server listens', () => app.stdout().includes('\n'));
  await askAll(Number(app.stdout().trim()), asked, ROUNDS);
  await until('all ends', () => collector.of('requestEnd').length >= asked.length * ROUNDS);
  app.child.kill();
  await app.ended;
  await collector.close();
  const starts = new Map(collector.of('requestStart').map((start) => [start.request, start]));
  const names = collector.of('requestEnd').map(({ request, route }) => {
    const start = starts.get(request);
    return `${start?.method} ${start?.target} → ${route}`;
  });
  return counted(names);
}

function expected(asked: readonly Asked[]): Record<string, number> {
  return counted(
    Array.from({ length: ROUNDS }, () =>
      asked.map(({ method, path, route }) => `${method} ${path} → ${route}`),
    ).flat(),
  );
}

function counted(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of [...names].sort()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
