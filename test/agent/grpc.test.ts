// gRPC with @grpc/grpc-js: each call is an operation of the request that made it, also when it waited for the channel, and a request of
// the server, by the name of its method. All four kinds of calls, statuses, deadlines and cancelled ones.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Phase } from '../../src/record/layout.ts';
import {
  appPath,
  startApp,
  TestCollector,
  until,
  type App,
  type Recorded,
  type RecordOf,
} from './harness.ts';

let collector: TestCollector;
let app: App;
let url: string;

before(async () => {
  collector = await new TestCollector().listen();
  app = await startApp(appPath('grpc.cjs'), { collector });
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

interface Seen {
  readonly start: RecordOf<'streamStart'>;
  readonly end: RecordOf<'streamEnd'>;
  readonly served: RecordOf<'requestStart'>;
  readonly servedEnd: RecordOf<'requestEnd'>;
}

/** The streams of a request, and the requests at their other end, by their number on the one connection. */
function streamsOf(target: string): readonly Seen[] {
  const request = collector.of('requestStart').find((start) => start.target === target)?.request;
  return collector
    .of('streamStart')
    .filter((each) => each.request === request)
    .flatMap((start) => {
      const end = collector.of('streamEnd').find(({ stream }) => stream === start.stream);
      const served = collector
        .of('requestStart')
        .find(({ method, stream }) => method === 'GRPC' && stream === start.id);
      const servedEnd = collector.of('requestEnd').find((each) => each.request === served?.request);
      return end && served && servedEnd ? [{ start, end, served, servedEnd }] : [];
    });
}

async function seen(target: string): Promise<Seen> {
  await until(`call of ${target}`, () => streamsOf(target).length > 0);
  const [first] = streamsOf(target);
  assert.ok(first);
  return first;
}

test('50 concurrent requests on a channel that is not connected yet: every call has the request that made it', async () => {
  const ids = Array.from({ length: 50 }, (_, index) => `c${index}`);
  const said = await Promise.all(ids.map((id) => ask(`/twice/${id}`)));
  assert.deepEqual(
    said,
    ids.map((id) => `said again ${id}`),
  );
  for (const id of ids) {
    await until(`both calls of ${id}`, () => streamsOf(`/twice/${id}`).length === 2);
    const streams = streamsOf(`/twice/${id}`);
    assert.deepEqual(
      streams.map(({ end }) => end.bytesOut),
      [5 + id.length, 5 + `again ${id}`.length],
    );
    assert.equal(new Set(streams.map(({ start }) => start.call)).size, 2);
    for (const { start } of streams) {
      const call = collector.of('call').find((each) => each.call === start.call);
      assert.ok(call && call.request === start.request && call.time <= start.time);
      const site = collector.of('callSite').find(({ callSite }) => callSite === call.callSite);
      if (call.callSite !== 0) assert.match(site?.stack ?? '', /grpc\.cjs/);
    }
  }
  assert.equal(new Set(collector.of('streamStart').map(({ connection }) => connection)).size, 1);
});

for (const [kind, said, method, bytesOut] of [
  ['say', 'said 1', 'Say', 6],
  ['list', '1 a,1 b', 'List', 6],
  ['sum', '1+1', 'Sum', 12],
  ['chat', 're 1,re 1', 'Chat', 12],
] as const)
  test(`${kind}: one operation, one request`, async () => {
    assert.equal(await ask(`/${kind}/1`), said);
    const { start, end, served, servedEnd } = await seen(`/${kind}/1`);
    assert.equal(start.isGrpc, true);
    assert.equal(start.target, `/test.Echo/${method}`);
    assert.equal(end.grpcStatus, 0);
    assert.equal(end.bytesOut, bytesOut);
    assert.equal(served.target, `/test.Echo/${method}`);
    assert.equal(served.traceparent, start.traceparent);
    assert.match(served.traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    assert.equal(servedEnd.route, `/test.Echo/${method}`);
    assert.equal(servedEnd.status, 200);
    const answer = collector.of('streamAnswer').find(({ stream }) => stream === start.stream);
    assert.ok(answer && start.time <= answer.time && answer.time <= end.time && end.lastByte <= end.time);
  });

test('the status is that of the trailers, on the server as HTTP says it', async () => {
  assert.equal(await ask('/fail/1'), 'code 5');
  const failed = await seen('/fail/1');
  assert.equal(failed.end.grpcStatus, 5);
  assert.equal(failed.servedEnd.status, 404);
  assert.equal(await ask('/unknown/1'), 'code 12');
  const unknown = await seen('/unknown/1');
  assert.equal(unknown.end.grpcStatus, 12);
  assert.equal(unknown.servedEnd.status, 501);
});

// Both sides have the same deadline and a timer of their own: mostly the client's is first.
test('a deadline: the client resets the stream, or the server says so', async () => {
  assert.equal(await ask('/deadline/1'), 'code 4');
  const { start, end, servedEnd } = await seen('/deadline/1');
  assert.match(start.timeout, /^\d+m$/);
  if (end.grpcStatus === -1) assert.equal(end.reset, 8);
  else assert.equal(end.grpcStatus, 4);
  assert.ok([504, 499].includes(servedEnd.status), String(servedEnd.status));
});

test('a call that is cancelled', async () => {
  assert.equal(await ask('/cancel/1'), 'code 1');
  const { end, servedEnd } = await seen('/cancel/1');
  assert.equal(end.reset, 8);
  assert.equal(servedEnd.status, 499);
  assert.equal(servedEnd.isAborted, true);
});

test('over TLS, on a channel that is not connected yet', async () => {
  const secure = await startApp(appPath('grpc.cjs'), { collector, args: ['@grpc/grpc-js', 'tls'] });
  await until('the servers listen', () => secure.stdout().includes('\n'));
  const ids = Array.from({ length: 20 }, (_, index) => `t${index}`);
  const front = `http://127.0.0.1:${secure.stdout().split(' ')[0]}`;
  const said = await Promise.all(ids.map(async (id) => (await fetch(`${front}/say/${id}`)).text()));
  assert.deepEqual(
    said,
    ids.map((id) => `said ${id}`),
  );
  const mine = <Kind extends Recorded['kind']>(kind: Kind): RecordOf<Kind>[] =>
    collector.of(kind).filter(({ process }) => process === collector.of('hello').at(-1)?.process);
  await until('all calls', () => mine('streamEnd').length === ids.length);
  for (const id of ids) {
    const request = mine('requestStart').find(({ target }) => target === `/say/${id}`)?.request;
    assert.equal(mine('streamStart').filter((start) => start.request === request).length, 1);
  }
  const connection = mine('streamStart')[0]?.connection;
  const phases = mine('phase').filter((each) => each.connection === connection);
  assert.ok(phases.some(({ phase }) => phase === Phase.secured));
  secure.child.kill();
  await secure.ended;
});

test('the sockets show no bytes, and the agent made no mistake', async () => {
  assert.deepEqual(collector.of('write'), []);
  assert.deepEqual(collector.of('read'), []);
  await until('stats', () => collector.of('stats').length > 0);
  assert.equal(collector.of('stats').at(-1)?.payload['errors'], 0);
});
