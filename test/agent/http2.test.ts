// HTTP/2 in both directions, plain and over TLS: streams are operations of the request that opened them, and requests of the server that
// got them. Real sessions of node:http2.

import assert from 'node:assert/strict';
import { connect, type ClientHttp2Stream } from 'node:http2';
import { after, before, test } from 'node:test';
import { OpenFlag, Phase } from '../../src/record/layout.ts';
import { appPath, startApp, TestCollector, until, type App, type RecordOf } from './harness.ts';

let collector: TestCollector;
let app: App;
let url: string;

before(async () => {
  collector = await new TestCollector().listen();
  app = await startApp(appPath('http2.cjs'), { collector });
  await until('the servers listen', () => app.stdout().includes('\n'));
  url = `http://127.0.0.1:${app.stdout().split(' ')[0]}`;
});

after(async () => {
  app.child.kill();
  await app.ended;
  await collector.close();
});

async function ask(path: string): Promise<string> {
  return (await fetch(`${url}${path}`)).text();
}

function requestOf(target: string): number {
  return collector.of('requestStart').find((start) => start.target === target)?.request ?? -1;
}

/** Stream, answer and end of what the request asked for. */
interface Seen {
  readonly start: RecordOf<'streamStart'>;
  readonly answer: RecordOf<'streamAnswer'> | undefined;
  readonly end: RecordOf<'streamEnd'>;
}

async function seen(target: string): Promise<Seen> {
  const find = (): Seen | undefined => {
    const request = requestOf(target);
    const start = collector.of('streamStart').find((each) => each.request === request);
    const end = collector.of('streamEnd').find(({ stream }) => stream === start?.stream);
    const answer = collector.of('streamAnswer').find(({ stream }) => stream === start?.stream);
    return start && end && { start, answer, end };
  };
  await until(`stream of ${target}`, () => find() !== undefined);
  const found = find();
  assert.ok(found);
  return found;
}

/** The request at the other end of a stream: the same connection and number. */
async function served(
  start: RecordOf<'streamStart'>,
): Promise<RecordOf<'requestStart'> & { readonly end: RecordOf<'requestEnd'> }> {
  const addresses = (connection: number): Readonly<Record<string, unknown>> =>
    collector.of('phase').find((phase) => phase.connection === connection && phase.phase === Phase.connected)
      ?.payload ?? {};
  const { localPort } = addresses(start.connection);
  const find = (): RecordOf<'requestStart'> | undefined =>
    collector
      .of('requestStart')
      .find(
        ({ connection, stream }) => stream === start.id && addresses(connection)['remotePort'] === localPort,
      );
  const findEnd = (): RecordOf<'requestEnd'> | undefined =>
    collector.of('requestEnd').find(({ request }) => request === find()?.request);
  await until(`request of stream ${start.stream}`, () => findEnd() !== undefined);
  const [request, end] = [find(), findEnd()];
  assert.ok(request && end);
  return { ...request, end };
}

for (const name of ['h2c', 'h2'])
  test(`${name}: 50 concurrent requests, first while connecting: every stream has the request that opened it`, async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `${name}${index}`);
    assert.deepEqual(await Promise.all(ids.map((id) => ask(`/via/${name}/${id}`))), ids);
    for (const id of ids) {
      const { start, answer, end } = await seen(`/via/${name}/${id}`);
      assert.equal(start.target, `/echo/${id}`);
      assert.equal(start.method, 'GET');
      assert.match(start.host, /^localhost:\d+$/);
      assert.equal(answer?.status, 200);
      assert.deepEqual([end.bytesIn, end.bytesOut, end.reset, end.error], [id.length, 0, 0, '']);
      assert.ok(start.time <= answer.time && answer.time <= end.time && end.lastByte <= end.time);
      const call = collector.of('call').find((each) => each.call === start.call);
      assert.ok(call && call.time <= start.time && call.request === start.request);
      const request = await served(start);
      assert.equal(request.target, `/echo/${id}`);
      assert.equal(request.host, start.host);
      assert.equal(request.traceparent, start.traceparent);
      assert.equal(request.end.status, 200);
      assert.ok(request.time < request.end.firstByte && request.end.firstByte <= request.end.time);
    }
  });

test('the sockets show their set-up, and no bytes: nothing is counted twice', async () => {
  await ask('/via/h2c/x');
  await ask('/via/h2/x');
  for (const [name, phases] of [
    ['h2c', [Phase.resolved, Phase.connected]],
    ['h2', [Phase.resolved, Phase.connected, Phase.secured]],
  ] as const) {
    const { start } = await seen(`/via/${name}/x`);
    const open = collector.of('open').find(({ connection }) => connection === start.connection);
    assert.equal(open?.flags, name === 'h2' ? OpenFlag.tls : 0);
    const seenPhases = collector.of('phase').filter(({ connection }) => connection === start.connection);
    assert.deepEqual(
      seenPhases.map(({ phase }) => phase),
      phases,
    );
  }
  assert.deepEqual(collector.of('write'), []);
  assert.deepEqual(collector.of('read'), []);
});

test('a body, and when its last byte was handed over', async () => {
  await ask('/post/h2c/1');
  const { start, answer, end } = await seen('/post/h2c/1');
  assert.equal(start.method, 'POST');
  assert.deepEqual([end.bytesOut, end.bytesIn], [40, 41]);
  assert.ok(answer && start.time <= end.written && end.written <= answer.time);
  assert.equal((await served(start)).method, 'POST');
});

test('statuses, without a body too', async () => {
  for (const [path, status] of [
    ['status/503', 503],
    ['head/1', 204],
  ] as const) {
    await ask(`/path/h2c/${path}`);
    const { start, answer, end } = await seen(`/path/h2c/${path}`);
    assert.equal(answer?.status, status);
    assert.equal(end.bytesIn, 0);
    assert.equal((await served(start)).end.status, status);
  }
});

test('the answer is noted when it begins, and ends with its last byte', async () => {
  await ask('/path/h2c/slow/1');
  const { start, answer, end } = await seen('/path/h2c/slow/1');
  assert.ok(answer && end.lastByte - answer.time >= 20e6, `${end.lastByte - (answer?.time ?? 0)} ns`);
  const { end: served_ } = await served(start);
  assert.ok(served_.time - served_.firstByte >= 20e6);
});

test('a stream of events is a request until its head', async () => {
  await ask('/path/h2c/events/1');
  const { start, end } = await seen('/path/h2c/events/1');
  const events = await served(start);
  assert.equal(events.end.status, 200);
  assert.ok(end.lastByte - events.end.time >= 40e6, `${end.lastByte - events.end.time} ns`);
});

test('a client that gives up resets its stream: an abort on the other side', async () => {
  await ask('/cancel/h2c');
  const { start, answer, end } = await seen('/cancel/h2c');
  assert.equal(answer, undefined);
  assert.equal(end.reset, 8);
  assert.equal((await served(start)).end.isAborted, true);
});

test('a server that resets a stream, and one that goes away', async () => {
  await ask('/path/h2c/reset/1');
  assert.equal((await seen('/path/h2c/reset/1')).end.reset, 11);
  await ask('/path/h2c/leave/1');
  const { end, answer } = await seen('/path/h2c/leave/1');
  assert.equal(answer, undefined);
  assert.notEqual(end.reset, 0);
  // And a new session after that.
  assert.equal(await ask('/via/h2c/back'), 'back');
  assert.equal((await seen('/via/h2c/back')).start.id, 1);
});

test('nobody listens: the stream ends with the connection that failed', async () => {
  await ask('/refused');
  const { start, end } = await seen('/refused');
  assert.equal(start.id, 0);
  assert.ok(end.reset !== 0 || end.error !== '');
  const failed = collector.of('phase').find(({ connection }) => connection === start.connection);
  assert.equal(failed?.payload['code'], 'ECONNREFUSED');
});

test('a trace of the application goes as it is, and is what the record says', async () => {
  await ask('/own/h2c');
  const { start } = await seen('/own/h2c');
  assert.equal(start.traceparent, '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01');
  assert.equal((await served(start)).traceparent, start.traceparent);
});

test('headers as a list, which Node 24 and later take', async (context) => {
  await until('hello', () => collector.of('hello').length > 0);
  const [major] = String(collector.of('hello')[0]?.payload['version']).split('.');
  if (Number(major) < 24) return context.skip();
  assert.equal(await ask('/list/h2c'), 'list');
  const { start } = await seen('/list/h2c');
  assert.equal(start.target, '/echo/list');
  assert.match(start.traceparent, /^00-/);
  assert.equal((await served(start)).traceparent, start.traceparent);
});

test('Fastify: the route by its template, and the request API is no second request', async () => {
  const fastify = await startApp(appPath('http2-fastify.cjs'), { collector });
  await until('fastify listens', () => fastify.stdout().includes('\n'));
  const session = connect(`http://127.0.0.1:${fastify.stdout().trim()}`);
  const body = '{"a":1}';
  const posted = { ':method': 'POST', ':path': '/users/7?b=1', 'content-type': 'application/json' };
  assert.equal(await textOf(session.request({ ':path': '/users/7' })), 'user 7');
  assert.equal(await textOf(session.request(posted).end(body)), body);
  session.close();
  const ends = (): RecordOf<'requestEnd'>[] =>
    collector.of('requestEnd').filter(({ route }) => route === '/users/:id');
  await until('both ended', () => ends().length === 2);
  assert.deepEqual(
    ends().map(({ status }) => status),
    [200, 201],
  );
  assert.ok(ends().every(({ firstByte, time }) => firstByte > 0 && firstByte <= time));
  const process = ends()[0]?.process;
  const starts = collector.of('requestStart').filter((start) => start.process === process);
  assert.deepEqual(
    starts.map(({ method, stream }) => [method, stream]),
    [
      ['GET', 1],
      ['POST', 3],
    ],
  );
  fastify.child.kill();
  await fastify.ended;
});

async function textOf(stream: ClientHttp2Stream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

test('the app ends well', async () => {
  assert.equal(app.stdout().includes('aborted'), true);
  await until('stats', () => collector.of('stats').length > 0);
  assert.equal(collector.of('stats').at(-1)?.payload['errors'], 0);
  assert.deepEqual(collector.of('stats').at(-1)?.payload['notVisible'], []);
});
