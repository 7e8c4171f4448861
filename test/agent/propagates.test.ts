// What others get from a traced program: byte for byte what they get without, but for one header. A raw server looks at it.

import assert from 'node:assert/strict';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { get, type OutgoingHttpHeaders } from 'node:http';
import { appPath, startApp, TestCollector, until, type App } from './harness.ts';

const TRACE = /^traceparent: (00-[0-9a-f]{32}-[0-9a-f]{16}-0[01])\r\n/m;
const B3 = /^b3: ([0-9a-f]+-[0-9a-f]{16}-[01])\r\n/m;

/** A WebSocket's key is another one each time. */
const RANDOM = /(Sec-WebSocket-Key: ).*/;

/** What came on each connection, as text. */
const received: string[] = [];

function answer(socket: Socket): void {
  const index = received.push('') - 1;
  let isAsked = false;
  socket.setEncoding('latin1');
  socket.on('error', () => undefined);
  socket.on('data', (chunk: string) => {
    const text = (received[index] = (received[index] ?? '') + chunk);
    if (!isAsked && /expect: 100/i.test(text)) {
      isAsked = true;
      socket.write('HTTP/1.1 100 Continue\r\n\r\n');
    }
    if (!isComplete(text)) return;
    const isSwitch = /upgrade: x/i.test(text);
    socket.end(
      isSwitch
        ? 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n'
        : 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok',
    );
  });
}

function isComplete(text: string): boolean {
  const [head = '', body] = text.split('\r\n\r\n', 2);
  if (body === undefined) return false;
  if (/transfer-encoding: chunked/i.test(head)) return text.endsWith('0\r\n\r\n');
  return body.length >= Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
}

const server = createServer(answer);
let collector: TestCollector;
let bare: App;
let traced: App;
let off: App;

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const args = [String((server.address() as AddressInfo).port)];
  collector = await new TestCollector().listen();
  bare = await startApp(appPath('propagates.cjs'), { args, isBare: true });
  traced = await startApp(appPath('propagates.cjs'), { args, collector });
  off = await startApp(appPath('propagates.cjs'), { args, collector, env: { WIRETIME_PROPAGATE: 'off' } });
  for (const app of [bare, traced, off]) await until('the server listens', () => app.stdout().includes('\n'));
});

after(async () => {
  for (const app of [bare, traced, off]) {
    app.child.kill();
    await app.ended;
  }
  await collector.close();
  server.close();
});

/** What the server got from the app when that was asked with these headers. */
async function got(app: App, kind: string, headers: OutgoingHttpHeaders = {}): Promise<string> {
  const before = received.length;
  await new Promise<void>((resolve, reject) => {
    const options = { port: Number(app.stdout().trim()), path: `/${kind}`, headers };
    get(options, (response) => response.resume().on('end', resolve)).on('error', reject);
  });
  await until(`bytes of ${kind}`, () => received.length === before + 1);
  return (received[before] ?? '').replace(RANDOM, '$1');
}

const TOLD = 'plain object flat nested set post length keep upgrade fetch fetchPost undici ws'.split(' ');
const NOT_TOLD =
  'connect proxied virtual traced zipkin signed amazon presigned expect fetchTraced fetchSigned'.split(' ');

for (const kind of TOLD)
  test(`${kind}: one header more, and nothing else`, async () => {
    const without = await got(bare, kind);
    const text = await got(traced, kind);
    assert.match(text, TRACE);
    assert.equal(text.match(/traceparent/gi)?.length, 1);
    assert.equal(text.replace(TRACE, ''), without);
    assert.equal(await got(off, kind), without);
  });

for (const kind of NOT_TOLD)
  test(`${kind}: nothing is changed`, async () => {
    assert.equal(await got(traced, kind), await got(bare, kind));
  });

test('without a request nothing is told, and programs see their own headers only', () => {
  const atStart = received.filter((text) => text.startsWith('GET /plain '));
  assert.ok(atStart.length >= 3);
  for (const text of atStart.slice(0, 3)) assert.doesNotMatch(text, TRACE);
  assert.doesNotMatch(traced.stdout(), /seen/);
});

test('a trace that came in goes on, with what was decided about it', async () => {
  const id = '0af7651916cd43dd8448eb211c80319c';
  for (const kind of ['plain', 'fetch'])
    for (const flags of ['00', '01']) {
      const text = await got(traced, kind, { traceparent: `00-${id}-b7ad6b7169203331-${flags}` });
      const told = TRACE.exec(text)?.[1] ?? '';
      assert.ok(told.startsWith(`00-${id}-`) && told.endsWith(`-${flags}`), told);
      assert.ok(!told.includes('b7ad6b7169203331'));
      assert.doesNotMatch(text, B3);
    }
});

test('b3 goes on as b3, too', async () => {
  const incoming = {
    'X-B3-TraceId': '463ac35c9f6413ad',
    'X-B3-SpanId': 'a2fb4a1d1a96d312',
    'X-B3-Sampled': '0',
  };
  for (const kind of ['plain', 'fetch']) {
    const text = await got(traced, kind, incoming);
    const span = /^00-0000000000000000463ac35c9f6413ad-([0-9a-f]{16})-00$/.exec(
      TRACE.exec(text)?.[1] ?? '',
    )?.[1];
    assert.ok(span);
    assert.equal(B3.exec(text)?.[1], `463ac35c9f6413ad-${span}-0`);
  }
});

test('requests have traces of their own, and one request has one', async () => {
  const ids = [await got(traced, 'plain'), await got(traced, 'fetch')].map((text) =>
    TRACE.exec(text)?.[1]?.slice(3, 35),
  );
  assert.notEqual(ids[0], ids[1]);
});
