// Route templates, as the frameworks know them: those installed with the project, and, with WIRETIME_TEST_FRAMEWORKS (a folder with
// node_modules, made by scripts/frameworks.ts), all others.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appPath, startApp, TestCollector, until } from './harness.ts';

const ROUTES = {
  'POST /orders/17': '/orders/:id',
  'GET /orders': '/orders',
  'GET /shops/orders/orders/17': '/shops/:shop/orders/:id',
  'GET /nothing': '',
};
const NESTED = { 'GET /admin/me/shops/a%20b/orders/17': '/admin/:user/shops/:shop/orders/:id' };

const OWN = { express: { ...ROUTES, ...NESTED }, fastify: ROUTES };
const OTHERS = {
  express4: { ...ROUTES, ...NESTED },
  fastify4: ROUTES,
  koa: ROUTES,
  '@nestjs/platform-express': ROUTES,
  '@nestjs/platform-fastify': ROUTES,
};

const folder = process.env['WIRETIME_TEST_FRAMEWORKS'];

for (const [framework, routes] of Object.entries(folder === undefined ? OWN : OTHERS))
  test(`${framework}: requests end with their route template`, async () => {
    const collector = await new TestCollector().listen();
    const app = await startApp(appPath('framework.cjs'), { collector, args: [framework] });
    await until('the server listens', () => app.stdout().includes('\n'));
    const url = `http://127.0.0.1:${app.stdout().trim()}`;
    const answers = await Promise.all(Object.keys(routes).map((request) => ask(url, request)));
    assert.deepEqual(answers.slice(0, 3), ['{"a":1}', 'all', 'one']);
    await until('all ends', () => collector.of('requestEnd').length === answers.length);
    app.child.kill();
    await app.ended;
    await collector.close();
    const starts = new Map(collector.of('requestStart').map((start) => [start.request, start]));
    const found = collector.of('requestEnd').map(({ request, route }) => {
      const start = starts.get(request);
      return [`${start?.method} ${start?.target}`, route];
    });
    assert.deepEqual(Object.fromEntries(found), routes);
  });

/** `request`: method and path. Answers the body. */
async function ask(url: string, request: string): Promise<string> {
  const [method = '', path = ''] = request.split(' ');
  const body = method === 'POST' ? { body: '{"a":1}', headers: { 'content-type': 'application/json' } } : {};
  return (await fetch(`${url}${path}`, { method, ...body })).text();
}
