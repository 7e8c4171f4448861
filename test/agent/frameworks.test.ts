// Route templates, as the frameworks know them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appPath, startApp, TestCollector, until } from './harness.ts';

const EXPECTED = { 'POST /orders/17': '/orders/:id', 'GET /orders': '/orders', 'GET /nothing': '' };

for (const framework of ['express', 'fastify'])
  test(`${framework}: requests end with their route template`, async () => {
    const collector = await new TestCollector().listen();
    const app = await startApp(appPath('frameworks.cjs'), { collector, args: [framework] });
    await until('the server listens', () => app.stdout().includes('\n'));
    const url = `http://127.0.0.1:${app.stdout().trim()}`;
    const headers = { 'content-type': 'application/json' };
    const posted = await fetch(`${url}/orders/17`, { method: 'POST', headers, body: '{"a":1}' });
    assert.deepEqual(await posted.json(), { a: 1 });
    assert.equal(await (await fetch(`${url}/orders`)).text(), 'all');
    await (await fetch(`${url}/nothing`)).text();
    await until('three ends', () => collector.of('requestEnd').length === 3);
    app.child.kill();
    await app.ended;
    await collector.close();
    const starts = new Map(collector.of('requestStart').map((start) => [start.request, start]));
    const routes = collector.of('requestEnd').map(({ request, route }) => {
      const start = starts.get(request);
      return [`${start?.method} ${start?.target}`, route];
    });
    assert.deepEqual(Object.fromEntries(routes), EXPECTED);
  });
