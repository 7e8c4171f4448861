// Streams of events (server-sent events): the request ends when its stream begins; what is done for it later still belongs to it.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { appPath, startApp, TestCollector, until, type App } from './harness.ts';

const peer = createServer();
let collector: TestCollector;
let app: App;
let url: string;

before(async () => {
  await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve));
  collector = await new TestCollector().listen();
  const { port } = peer.address() as AddressInfo;
  app = await startApp(appPath('events.cjs'), { collector, args: [String(port)] });
  await until('the server listens', () => app.stdout().includes('\n'));
  url = `http://127.0.0.1:${app.stdout().trim()}`;
});

after(async () => {
  app.child.kill();
  await app.ended;
  await collector.close();
  peer.close();
});

/** Asks for `path`, and answers with what was recorded of its end before the stream is over. */
async function whileOpen(path: string): Promise<{ readonly isEnded: boolean; readonly request: number }> {
  const answer = fetch(url + path).then((response) => response.text());
  const [socket] = (await once(peer, 'connection')) as [Socket];
  await once(socket, 'data');
  const find = () => collector.of('requestStart').find(({ target }) => target === path);
  await until('the request was seen', () => find() !== undefined);
  const request = find()?.request ?? -1;
  // What the program has told its peer was recorded after the beginning of the stream.
  await until('the write was seen', () =>
    collector.of('write').some(({ bytes }) => String(bytes) === `ask ${path}`),
  );
  const isEnded = collector.of('requestEnd').some((end) => end.request === request);
  socket.end('go on');
  assert.match(await answer, /begun\n\ndata: done/);
  await until('the request ends', () => collector.of('requestEnd').some((end) => end.request === request));
  return { isEnded, request };
}

test('a stream of events ends as a request when it begins', async () => {
  const { isEnded, request } = await whileOpen('/events');
  assert.equal(isEnded, true);
  const ends = collector.of('requestEnd').filter((end) => end.request === request);
  assert.deepEqual(
    ends.map(({ status, isAborted }) => [status, isAborted]),
    [[200, false]],
  );
  const write = collector.of('write').find(({ bytes }) => String(bytes) === 'ask /events');
  assert.equal(write?.contexts[0]?.[1], request);
});

test('any other response ends when it is complete', async () => {
  assert.equal((await whileOpen('/download')).isEnded, false);
});
