import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CART_ID, shopAnswers, shopHome, shopStatus } from '../../test/pages/shop.ts';
import type { Answers } from '../answer/answers.ts';
import type { Range, TraceAnswer } from '../answer/api.ts';
import { decodeTrace } from '../model/trace-columns.ts';
import type { TracesFilter } from '../answer/traces/traces.ts';
import { startServer, type RunningServer, type ServerOptions } from './server.ts';

const uiFolder = mkdtempSync(join(tmpdir(), 'wiretime-ui-'));
mkdirSync(join(uiFolder, 'assets'));
const THEME = "document.title = 'wiretime'";
const STYLE = 'body { color: black; }';
writeFileSync(
  join(uiFolder, 'index.html'),
  `<!doctype html><title>wiretime</title><script>${THEME}</script><style>${STYLE}</style><!--data-->`,
);
writeFileSync(join(uiFolder, 'preloads.json'), JSON.stringify({ trace: ['trace-ABC.js', 'chunk-ABC.js'] }));
writeFileSync(join(uiFolder, 'assets', 'main-ABC.js'), 'export {};');
writeFileSync(join(uiFolder, 'secret.js'), 'no');
after(() => rmSync(uiFolder, { recursive: true }));

async function withServer(
  options: Partial<ServerOptions>,
  use: (server: RunningServer) => Promise<void>,
): Promise<void> {
  const server = await startServer({ answers: shopAnswers(), port: 0, uiFolder, ...options });
  try {
    await use(server);
  } finally {
    await server.close();
  }
}

const get = ({ port }: RunningServer, path: string, init?: RequestInit) =>
  fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual', ...init });

/** fetch does not let a caller choose the Host header. */
function statusForHost({ port }: RunningServer, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path: '/api/home', headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

test('each question has its address, and the answer comes unchanged', async () => {
  await withServer({}, async (server) => {
    assert.deepEqual(await (await get(server, '/api/home')).json(), JSON.parse(JSON.stringify(shopHome())));
    assert.deepEqual(
      await (await get(server, '/api/status')).json(),
      JSON.parse(JSON.stringify(shopStatus())),
    );
    const trace = (await (await get(server, `/api/trace/${CART_ID}`)).json()) as { readonly id: string };
    assert.equal(trace.id, CART_ID);
    const report = (await (await get(server, '/api/report')).json()) as { readonly schema: string };
    assert.equal(report.schema, 'wiretime.report/1');
  });
});

test('a filter reaches the answer as values', async () => {
  const asked: TracesFilter[] = [];
  const traces: Answers['traces'] = async (filter) => {
    asked.push(filter);
    const histogram = { lowUs: 1, highUs: 1, counts: [] };
    return { window: { from: 0, to: 0, seconds: 0 }, total: 0, traces: [], histogram, problems: [] };
  };
  await withServer({ answers: shopAnswers({ traces }) }, async (server) => {
    await get(
      server,
      '/api/traces?q=status%3A5xx&service=cart&method=GET&route=%2Fcarts%2F%3Aid&from=1000&to=2000&sort=-at&limit=7',
    );
    await get(server, '/api/traces');
  });
  assert.deepEqual(asked, [
    {
      q: 'status:5xx',
      service: 'cart',
      method: 'GET',
      route: '/carts/:id',
      from: 1000,
      to: 2000,
      sort: '-at',
      limit: 7,
    },
    {},
  ]);
});

test('a relative range ends now while live, and with the last request of saved data', async () => {
  const ranges: unknown[] = [];
  const home: Answers['home'] = async (range) => {
    ranges.push(range);
    return shopHome();
  };
  const last = shopStatus().lastRequestAt ?? 0;
  await withServer({ answers: shopAnswers({ home }), now: () => 9_000_000 }, async (server) => {
    await get(server, '/api/home?range=15m');
    await get(server, '/api/home?range=all');
  });
  const status: Answers['status'] = async () => shopStatus(false);
  await withServer({ answers: shopAnswers({ home, status }) }, async (server) => {
    await get(server, '/api/home?range=2h');
  });
  assert.deepEqual(ranges, [{ from: 8_100_000, to: 9_000_000 }, {}, { from: last - 7_200_000, to: last }]);
});

test('a range of two times is these times; with anything else in it, a sentence', async () => {
  const asked: Range[] = [];
  const home: Answers['home'] = async (range) => {
    asked.push(range);
    return shopHome();
  };
  await withServer({ answers: shopAnswers({ home }) }, async (server) => {
    await get(server, '/api/home?range=2026-11-25T14:32:00Z..2026-11-25T14:47:00.500Z');
    assert.deepEqual(asked, [
      { from: Date.UTC(2026, 10, 25, 14, 32), to: Date.UTC(2026, 10, 25, 14, 47, 0, 500) },
    ]);
    for (const range of [
      '2026-11-25T14:32:00..2026-11-25T14:47:00Z',
      '2026-13-45T14:32:00Z..2026-11-25T14:47:00Z',
      '2026-11-25T14:32:00Z..2026-11-25T14:47:00Z..2026-11-25T15:00:00Z',
      '2026-11-25T14:47:00Z..2026-11-25T14:32:00Z',
    ])
      assert.equal((await get(server, `/api/home?range=${range}`)).status, 400, range);
  });
  assert.equal(asked.length, 1);
});

test('a wrong query is answered with one sentence', async () => {
  await withServer({}, async (server) => {
    for (const [path, sentence] of [
      ['/api/home?from=yesterday', 'from must be a time in whole milliseconds since 1970.'],
      ['/api/home?from=2&to=1', 'from must not be after to.'],
      [
        '/api/home?range=15x',
        'range must be like 15m, 6h, 7d, or all, or two times like 2026-11-25T14:32:00Z..2026-11-25T14:47:00Z.',
      ],
      ['/api/traces?sort=route', 'sort must be -duration or -at.'],
      ['/api/traces?limit=0', 'limit must be at least 1.'],
      ['/api/traces?limit=1001', 'limit must be at most 1000.'],
    ] as const) {
      const response = await get(server, path);
      assert.equal(response.status, 400, path);
      assert.deepEqual(await response.json(), { error: sentence });
    }
  });
});

test('what is not there is 404, a failure is 500, both say so', async () => {
  const home: Answers['home'] = () => Promise.reject(new Error('the file is damaged'));
  await withServer({ answers: shopAnswers({ home }) }, async (server) => {
    const gone = await get(server, '/api/trace/0123');
    assert.equal(gone.status, 404);
    assert.deepEqual(await gone.json(), { error: 'This request is no longer stored.' });
    assert.equal((await get(server, '/api/nothing')).status, 404);
    const failed = await get(server, '/api/home');
    assert.equal(failed.status, 500);
    assert.match(await failed.text(), /the file is damaged/);
    assert.equal((await get(server, '/')).status, 200, 'the page itself still comes');
  });
});

test('pages carry the data of their first view, and no text in it can end the block', async () => {
  const home: Answers['home'] = async () => ({
    ...shopHome(),
    project: '</script><script>alert(1)</script>\u2028',
  });
  await withServer({ answers: shopAnswers({ home }) }, async (server) => {
    const html = await (await get(server, '/')).text();
    const block = /<script type="application\/json" id="first-view">(.*?)<\/script>/s.exec(html)?.[1] ?? '';
    // The theme, and the block.
    assert.equal(html.match(/<script/g)?.length, 2);
    assert.ok(!block.includes('\u2028'));
    assert.equal(JSON.parse(block).answer.project, '</script><script>alert(1)</script>\u2028');
    assert.equal(JSON.parse(block).status.project, 'shop');
  });
});

test('the frame of a page comes while its answer is still looked for', async () => {
  let answer: () => void = () => {};
  const asked = new Promise<void>((resolve) => (answer = resolve));
  const home: Answers['home'] = () => asked.then(shopHome);
  await withServer({ answers: shopAnswers({ home }) }, async (server) => {
    const body = (await get(server, '/')).body?.pipeThrough(new TextDecoderStream()).getReader();
    const first = (await body?.read())?.value ?? '';
    assert.ok(first.includes('<title>wiretime') && !first.includes('first-view'), first);
    answer();
    let rest = '';
    for (let part = await body?.read(); part?.value !== undefined; part = await body?.read())
      rest += part.value;
    assert.ok(rest.includes('first-view'));
  });
});

test('a trace comes as columns when they are asked for, and its page asks for them early', async () => {
  await withServer({}, async (server) => {
    const response = await get(server, `/api/trace/${CART_ID}?as=columns`);
    assert.equal(response.headers.get('content-type'), 'application/octet-stream');
    const trace = decodeTrace<TraceAnswer>(await response.arrayBuffer());
    const objects = (await (await get(server, `/api/trace/${CART_ID}`)).json()) as TraceAnswer;
    assert.equal(trace?.operations.length, objects.operations.length);
    assert.deepEqual(trace?.operations.at(3), objects.operations[3]);
    assert.equal((await get(server, '/api/trace/none?as=columns')).status, 404);
    const hostile = `/trace/${encodeURIComponent('"><script>alert(1)</script>')}`;
    const html = await (await get(server, hostile)).text();
    assert.match(
      html,
      /<link rel="preload" as="fetch" crossorigin="anonymous" href="\/api\/trace\/%22%3E%3Cscript[^"]*" \/>/,
    );
    assert.ok(!html.includes('<script>alert'));
  });
});

test('every response forbids foreign and inline code, framing, sniffing and referrers', async () => {
  await withServer({}, async (server) => {
    for (const path of ['/', '/api/home', '/api/trace/none', '/assets/main-ABC.js', '/api/home?range=x']) {
      const { headers } = await get(server, path);
      const policy = headers.get('content-security-policy') ?? '';
      for (const part of [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
      ])
        assert.ok(policy.includes(part), `${path}: ${part}`);
      assert.ok(!policy.includes('unsafe'));
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('referrer-policy'), 'no-referrer');
      assert.equal(headers.get('access-control-allow-origin'), null);
    }
  });
});

test('a page names by their hashes what of it may be executed; answers, files and other text have no such right', async () => {
  const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  await withServer({}, async (server) => {
    const policyOf = async (path: string) =>
      (await get(server, path)).headers.get('content-security-policy') ?? '';
    for (const path of ['/', '/traces', `/trace/${CART_ID}`, '/anything']) {
      const policy = await policyOf(path);
      assert.ok(policy.includes(`script-src 'self' ${hashOf(THEME)};`), policy);
      assert.ok(policy.includes(`style-src 'self' ${hashOf(STYLE)};`), policy);
    }
    for (const path of ['/api/home', '/assets/main-ABC.js'])
      assert.ok(!(await policyOf(path)).includes('sha256'), path);
  });
});

test("a page's own modules are asked for with it; a section that is only a name of objects has none", async () => {
  await withServer({}, async (server) => {
    const modules = async (path: string) =>
      [...(await (await get(server, path)).text()).matchAll(/modulepreload" href="([^"]*)"/g)].map(
        ([, href]) => href,
      );
    assert.deepEqual(await modules(`/trace/${CART_ID}`), ['/assets/trace-ABC.js', '/assets/chunk-ABC.js']);
    for (const path of ['/', '/map', '/constructor/x', '/__proto__'])
      assert.deepEqual(await modules(path), []);
  });
});

test('files with hashed names are kept for ever, pages and answers are not; nothing outside can be read', async () => {
  await withServer({}, async (server) => {
    const file = await get(server, '/assets/main-ABC.js');
    assert.match(file.headers.get('cache-control') ?? '', /immutable/);
    assert.equal(file.headers.get('content-type'), 'text/javascript; charset=utf-8');
    for (const path of ['/', '/api/home'])
      assert.equal((await get(server, path)).headers.get('cache-control'), 'no-store');
    for (const path of [
      '/assets/..%2Fsecret.js',
      '/assets/%2e%2e%2fsecret.js',
      '/assets/../secret.js',
      '/assets/none.js',
    ])
      assert.ok(!(await (await get(server, path)).text()).startsWith('no'), path);
  });
});

test('answers are compressed', async () => {
  await withServer({}, async (server) => {
    const response = await get(server, `/api/trace/${CART_ID}`, { headers: { 'accept-encoding': 'gzip' } });
    assert.equal(response.headers.get('content-encoding'), 'gzip');
    assert.equal(((await response.json()) as { readonly id: string }).id, CART_ID);
  });
});

test('a name that is not of this machine is refused (DNS rebinding)', async () => {
  await withServer({}, async (server) => {
    for (const host of ['localhost', `127.0.0.1:${server.port}`, '[::1]:80', 'LOCALHOST'])
      assert.equal(await statusForHost(server, host), 200, host);
    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1'])
      assert.equal(await statusForHost(server, host), 403, host);
  });
});

test('other machines need a token: as bearer, as cookie, or once in the address', async () => {
  await assert.rejects(
    startServer({ answers: shopAnswers(), host: '0.0.0.0', port: 0, uiFolder }),
    /give a token/,
  );
  await withServer({ host: '0.0.0.0', token: 'only-me' }, async (server) => {
    assert.equal((await get(server, '/api/home')).status, 401);
    assert.equal(
      (await get(server, '/api/home', { headers: { authorization: 'Bearer wrong' } })).status,
      401,
    );
    assert.equal(
      (await get(server, '/api/home', { headers: { authorization: 'Bearer only-me' } })).status,
      200,
    );
    const exchange = await get(server, '/traces?token=only-me&range=15m');
    assert.equal(exchange.status, 303);
    assert.equal(exchange.headers.get('location'), '/traces?range=15m');
    const cookie = exchange.headers.get('set-cookie') ?? '';
    assert.match(cookie, /HttpOnly/i);
    assert.match(cookie, /SameSite=Strict/i);
    const [pair = ''] = cookie.split(';');
    assert.equal((await get(server, '/api/home', { headers: { cookie: pair } })).status, 200);
    assert.ok(server.url.endsWith('/?token=only-me'));
  });
});

test('a taken port leads to the next one', async () => {
  await withServer({}, async (first) => {
    await withServer({ port: first.port }, async (second) => {
      assert.ok(second.port > first.port && second.port < first.port + 20);
      assert.equal((await get(second, '/api/status')).status, 200);
    });
  });
});

test('the event stream tells of new data, and closing the server ends it', async () => {
  let requests = 1;
  const status: Answers['status'] = async () => ({
    ...shopStatus(),
    coverage: { ...shopStatus().coverage, requests },
  });
  const server = await startServer({ answers: shopAnswers({ status }), port: 0, uiFolder });
  const response = await get(server, '/api/live');
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const nextEvent = async () => {
    for (let text = ''; ;) {
      const { value, done } = (await reader?.read()) ?? { done: true, value: '' };
      text += value ?? '';
      if (done || text.includes('event: data')) return text;
    }
  };
  assert.match(await nextEvent(), /event: data/, 'once at first');
  requests = 2;
  assert.match(await nextEvent(), /event: data/, 'and when something came');
  const end = nextEvent().catch(() => 'ended');
  await server.close();
  assert.ok(!(await end).includes('event: data'));
});
