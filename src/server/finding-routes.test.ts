import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingDesk, LOOP_ID } from '../../test/pages/shop-findings.ts';
import { shopAnswers, shopHome } from '../../test/pages/shop.ts';
import { startServer, type ServerOptions } from './server.ts';

async function withDesk(
  options: Partial<ServerOptions>,
  use: (url: string, desk: ReturnType<typeof findingDesk>) => Promise<void>,
): Promise<void> {
  const desk = findingDesk(shopHome().window, []);
  const server = await startServer({ answers: shopAnswers(desk), port: 0, uiFolder: '/nowhere', ...options });
  try {
    await use(`http://127.0.0.1:${server.port}`, desk);
  } finally {
    await server.close();
  }
}

const JSON_TYPE = { 'content-type': 'application/json' };
const post = (url: string, headers: Record<string, string>, body = '{}') =>
  fetch(url, { method: 'POST', headers, body });

test('a finding is verified, ignored with a reason, and opened again', async () => {
  await withDesk({}, async (url, desk) => {
    const said = await post(`${url}/api/finding/${LOOP_ID}/ignore`, JSON_TYPE, '{"reason":"audit"}');
    assert.equal(said.status, 200);
    assert.equal(((await said.json()) as { readonly state: string }).state, 'ignored');
    assert.equal(desk.reasons.get(LOOP_ID), 'audit');
    await post(`${url}/api/finding/${LOOP_ID}/verify`, JSON_TYPE, '');
    assert.equal(desk.states.get(LOOP_ID), 'verifying');
  });
});

test('another site cannot say anything: not without JSON, not with a browser that says where it comes from', async () => {
  await withDesk({}, async (url, desk) => {
    const path = `${url}/api/finding/${LOOP_ID}/ignore`;
    for (const headers of [
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/x-www-form-urlencoded' },
      { ...JSON_TYPE, 'sec-fetch-site': 'cross-site' },
      { ...JSON_TYPE, 'sec-fetch-site': 'same-site' },
    ])
      assert.equal((await post(path, headers)).status, 403, JSON.stringify(headers));
    const asked = await fetch(path, { method: 'OPTIONS', headers: { origin: 'http://evil.example' } });
    assert.equal(asked.headers.get('access-control-allow-origin'), null);
    assert.equal(desk.states.size, 0);
  });
});

test('what is unknown, too long or of another kind is refused with a sentence', async () => {
  await withDesk({}, async (url, desk) => {
    for (const [path, body, status, sentence] of [
      ['none/ignore', '{}', 404, 'There is no such finding.'],
      [`${LOOP_ID}/delete`, '{}', 404, 'A finding is verified, ignored or reopened.'],
      [`${LOOP_ID}/ignore`, '{"reason":3}', 400, 'reason must be text.'],
      [
        `${LOOP_ID}/ignore`,
        `{"reason":"${'x'.repeat(501)}"}`,
        400,
        'reason must have at most 500 characters.',
      ],
      [`${LOOP_ID}/ignore`, `{"reason":"${'x'.repeat(10_000)}"}`, 413, 'That is too long.'],
    ] as const) {
      const answer = await post(`${url}/api/finding/${path}`, JSON_TYPE, body);
      assert.equal(answer.status, status, path);
      assert.deepEqual(await answer.json(), { error: sentence });
    }
    assert.equal(desk.states.size, 0);
    assert.equal((await fetch(`${url}/api/finding/none`)).status, 404);
  });
});

test('source is for pages of this machine', async () => {
  const sourceOf = async (url: string, headers = {}) =>
    (
      (await (await fetch(`${url}/api/finding/${LOOP_ID}`, { headers })).json()) as {
        readonly source?: object;
      }
    ).source;
  await withDesk({}, async (url) => assert.ok(await sourceOf(url)));
  await withDesk({ host: '0.0.0.0', token: 'only-me' }, async (url) =>
    assert.equal(await sourceOf(url, { authorization: 'Bearer only-me' }), undefined),
  );
});
