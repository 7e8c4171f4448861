// Incoming requests: when they begin and end, and that what is written because of them carries their number. Real process, real HTTP.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { appPath, runApp, startApp, TestCollector, until, type App, type RecordOf } from './harness.ts';

const upstream = createServer((socket) => {
  socket.on('data', (chunk) => setTimeout(() => socket.write(`re: ${String(chunk)}`), 5));
  socket.on('error', () => undefined);
});
let collector: TestCollector;
let app: App;
let url: string;

before(async () => {
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  collector = await new TestCollector().listen();
  const { port } = upstream.address() as AddressInfo;
  app = await startApp(appPath('server.cjs'), { collector, args: [String(port)] });
  await until('the server listens', () => app.stdout().includes('\n'));
  url = `http://127.0.0.1:${app.stdout().trim()}`;
});

after(async () => {
  app.child.kill();
  await app.ended;
  await collector.close();
  upstream.close();
});

function startOf(target: string): RecordOf<'requestStart'> | undefined {
  return collector.of('requestStart').find((start) => start.target === target);
}

async function endOf(target: string): Promise<RecordOf<'requestEnd'>> {
  const find = (): RecordOf<'requestEnd'> | undefined =>
    collector.of('requestEnd').find((end) => end.request === startOf(target)?.request);
  await until(`end of ${target}`, () => find() !== undefined);
  const end = find();
  assert.ok(end);
  return end;
}

test('50 concurrent requests: every write has the request that caused it', async () => {
  const ids = Array.from({ length: 50 }, (_, index) => `n${index}`);
  const answers = await Promise.all(ids.map(async (id) => (await fetch(`${url}/call/${id}`)).text()));
  assert.deepEqual(
    answers,
    ids.map((id) => `re: ask ${id}`),
  );
  for (const id of ids) {
    await endOf(`/call/${id}`);
    const write = collector.of('write').find(({ bytes }) => bytes.toString() === `ask ${id}`);
    assert.equal(write?.contexts[0]?.[1], startOf(`/call/${id}`)?.request);
    const open = collector.of('open').find(({ connection }) => connection === write?.connection);
    assert.equal(open?.request, startOf(`/call/${id}`)?.request);
  }
});

test('what listeners of the body do belongs to the request', async () => {
  const ids = Array.from({ length: 20 }, (_, index) => `b${index}`);
  await Promise.all(ids.map((id) => fetch(`${url}/body/${id}`, { method: 'POST', body: id })));
  for (const id of ids) {
    await endOf(`/body/${id}`);
    const write = collector.of('write').find(({ bytes }) => bytes.toString() === `ask ${id}`);
    assert.equal(write?.contexts[0]?.[1], startOf(`/body/${id}`)?.request);
  }
});

test('an `emit` of somebody else runs in the request, even for events that nobody listens to', async () => {
  await (await fetch(`${url}/emit/own`)).text();
  const find = (): RecordOf<'write'> | undefined =>
    collector.of('write').find(({ bytes }) => bytes.toString() === 'ask own');
  await until('the write was seen', () => find() !== undefined);
  assert.equal(find()?.contexts[0]?.[1], startOf('/emit/own')?.request);
});

test('start and end say what the client asked and got', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await fetch(`${url}/call/x?q=1`, {
    headers: {
      traceparent,
      'X-B3-TraceId': '463ac35c9f6413ad48485a3953bb6124',
      'x-b3-spanid': 'a2fb4a1d1a96d312',
      'x-b3-sampled': '1',
    },
  });
  const end = await endOf('/call/x?q=1');
  const start = startOf('/call/x?q=1');
  assert.ok(start);
  assert.equal(start.method, 'GET');
  assert.equal(start.host, url.slice('http://'.length));
  assert.equal(start.traceparent, traceparent);
  assert.equal(start.b3, '463ac35c9f6413ad48485a3953bb6124-a2fb4a1d1a96d312-1');
  assert.equal(end.status, 201);
  assert.equal(end.isAborted, false);
  assert.ok(start.time < end.firstByte && end.firstByte <= end.time);
  const open = collector.of('open').find(({ connection }) => connection === start.connection);
  assert.equal(open?.flags, 1);
  const phase = collector.of('phase').find(({ connection }) => connection === start.connection);
  assert.equal(`http://127.0.0.1:${String(phase?.payload['localPort'])}`, url);
});

test('the first byte is noted when it is written, not when the response ends', async () => {
  await (await fetch(`${url}/slow/1`)).text();
  const end = await endOf('/slow/1');
  assert.ok(end.time - end.firstByte >= 25e6, `${end.time - end.firstByte} ns`);
});

test('a client that goes away is an abort', async () => {
  const abort = new AbortController();
  const answer = fetch(`${url}/hang/1`, { signal: abort.signal }).catch(() => 'gone');
  await until('the request arrived', () => startOf('/hang/1') !== undefined);
  abort.abort();
  await answer;
  assert.equal((await endOf('/hang/1')).isAborted, true);
});

test('upgrade: the request ends with the answer written by hand', async () => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write('GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  assert.match(answer.toString(), /^HTTP\/1.1 101 /);
  const end = await endOf('/ws');
  assert.equal(end.status, 101);
  assert.equal(end.isAborted, false);
});

test('bytes of accepted connections are not recorded', () => {
  const accepted = new Set(
    collector
      .of('open')
      .filter((open) => open.flags === 1)
      .map((open) => open.connection),
  );
  assert.ok(accepted.size > 0);
  const bytes = [...collector.of('write'), ...collector.of('read')];
  assert.ok(bytes.length > 0);
  assert.ok(bytes.every((record) => !accepted.has(record.connection)));
});

test('an `emit` that somebody else has put on http.Server before: each request is seen once', async () => {
  const own = await new TestCollector().listen();
  const ended = await runApp(appPath('taken-server.cjs'), { collector: own });
  assert.deepEqual({ code: ended.code, stdout: ended.stdout }, { code: 0, stdout: 'hello,101\n' });
  await until('goodbye', () => own.of('goodbye').length === 1);
  await own.close();
  assert.deepEqual(
    own.of('requestStart').map(({ target }) => target),
    ['/plain', '/upgrade'],
  );
  assert.deepEqual(
    own.of('requestEnd').map(({ status }) => status),
    [200, 101],
  );
});
