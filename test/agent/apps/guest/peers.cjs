// Peers that break, reset, stop half-way and flood; and applications that destroy their sockets at the worst moment. Each answers the order
// of events as the application has seen it.
const { AsyncLocalStorage } = require('node:async_hooks');
const { once } = require('node:events');
const http = require('node:http');
const net = require('node:net');
const util = require('node:util');
const { get, listening, main, talk } = require('./talk.cjs');

const EVENTS = [
  'lookup',
  'connect',
  'ready',
  'data',
  'end',
  'drain',
  'finish',
  'timeout',
  'error',
  'close',
  'prefinish',
  'pause',
  'resume',
];

/** Notes the events of a socket, those that follow each other only once. */
function watch(socket, seen, name) {
  for (const event of EVENTS)
    socket.on(event, (value) => {
      const note = `${name} ${event}${value instanceof Error ? ` ${value.code}` : ''}`;
      if (seen.at(-1) !== note) seen.push(note);
    });
  return socket;
}

/** A server that does `what` with each socket, and a client that does `then`: the events of the client. */
async function between(what, then = () => undefined, options = {}) {
  const seen = [];
  const server = net.createServer(options, (socket) => {
    socket.on('error', () => undefined);
    what(socket);
  });
  await listening(server);
  const socket = watch(
    net.connect({ port: server.address().port, host: '127.0.0.1', ...options }),
    seen,
    'client',
  );
  const closed = new Promise((resolve) => socket.once('close', resolve));
  then(socket, seen);
  await closed;
  seen.push([
    socket.destroyed,
    socket.readyState,
    socket.bytesRead,
    socket.bytesWritten,
    socket.errored?.code,
  ]);
  server.close();
  return seen;
}

const cases = {
  async 'reset at once'() {
    return between((socket) => socket.resetAndDestroy());
  },
  async 'reset in the middle of an answer'() {
    let peer;
    // When the half has been read: a reset that comes together with bytes is an end or an error, as it happens, with the agent and without.
    return between(
      (socket) => (peer = socket).once('data', () => socket.write('half')),
      (socket) => socket.once('data', () => setImmediate(() => peer.resetAndDestroy())).write('ask'),
    );
  },
  async 'reset while the application writes'() {
    return between(
      (socket) => socket.once('data', () => socket.resetAndDestroy()),
      (socket) => {
        const more = () => socket.destroyed || (socket.write(Buffer.alloc(65_536)), setImmediate(more));
        more();
      },
    ).then((seen) => [seen.find((note) => String(note).includes('error')) !== undefined, seen.at(-2)]);
  },
  async 'half open'() {
    return between(
      (socket) => {
        socket.resume();
        socket.on('end', () => setTimeout(() => socket.end('answer after the end'), 10));
      },
      (socket) => socket.end('question'),
      { allowHalfOpen: true },
    );
  },
  async 'destroyed in each of its own events'() {
    const all = [];
    for (const event of ['lookup', 'connect', 'ready', 'data', 'end', 'finish'])
      all.push(
        await between(
          (socket) => socket.end('answer'),
          (socket) => socket.on(event, () => socket.destroy()).end('ask'),
        ),
      );
    return all;
  },
  async 'destroyed while it connects'() {
    return between(
      (socket) => socket.end(),
      (socket, seen) => {
        socket.write('never', (error) => seen.push(`write ${error?.code}`));
        socket.destroy(new Error('mine'));
      },
    );
  },
  async 'nobody listens'() {
    const server = net.createServer();
    await listening(server);
    const { port } = server.address();
    server.close();
    const seen = [];
    const socket = watch(net.connect(port, '127.0.0.1'), seen, 'client');
    socket.write('x', (error) => seen.push(`write ${error?.code}`));
    await new Promise((resolve) => socket.on('close', resolve));
    return seen;
  },
  async 'a name that does not exist'() {
    const seen = [];
    const lookup = (name, options, callback) =>
      callback(Object.assign(new Error('none'), { code: 'ENOTFOUND' }));
    const socket = watch(net.connect({ port: 7, host: 'none.invalid', lookup }), seen, 'client');
    await new Promise((resolve) => socket.on('close', resolve));
    return seen;
  },
  async 'a peer that is silent'() {
    return between(
      (socket) => socket.resume(),
      (socket) => socket.once('connect', () => socket.setTimeout(100, () => socket.destroy())),
    );
  },
  async 'the same socket again'() {
    const seen = [];
    const server = net.createServer((socket) => socket.end('x'));
    await listening(server);
    const socket = watch(new net.Socket(), seen, 'client');
    for (let round = 0; round < 3; round++) {
      socket.connect(server.address().port, '127.0.0.1');
      socket.resume();
      await new Promise((resolve) => socket.once('close', resolve));
    }
    server.close();
    return seen;
  },
  async 'back-pressure'() {
    const answers = [];
    const server = net.createServer((socket) => setTimeout(() => socket.resume(), 30));
    await listening(server);
    const socket = net.connect({ port: server.address().port, host: '127.0.0.1', highWaterMark: 1000 });
    for (const size of [10, 989, 1, 1, 5000])
      answers.push([socket.write('x'.repeat(size)), socket.writableLength]);
    await once(socket, 'drain');
    answers.push(socket.write('after'), socket.writableNeedDrain);
    socket.cork();
    answers.push(socket.write('one'), socket.write(Buffer.from('two'), 'latin1'), socket.writableCorked);
    socket.uncork();
    await new Promise((resolve) => socket.end('end', 'utf8', resolve));
    answers.push(socket.bytesWritten);
    socket.destroy();
    server.close();
    return answers;
  },
  async 'a reader that pauses'() {
    const chunk = Buffer.alloc(300_000, 1);
    const server = net.createServer((socket) => socket.end(chunk));
    await listening(server);
    const socket = net.connect(server.address().port, '127.0.0.1');
    let bytes = 0;
    for await (const part of socket) {
      bytes += part.length;
      socket.pause();
      setImmediate(() => socket.resume());
    }
    socket.push = undefined;
    server.close();
    return [bytes, socket.readableFlowing];
  },
  async 'reads into the buffer of the application'() {
    const server = net.createServer((socket) => socket.end('into your own buffer'));
    await listening(server);
    let text = '';
    const onread = {
      buffer: Buffer.alloc(8),
      callback: (bytes, buffer) => !!(text += buffer.toString('latin1', 0, bytes)),
    };
    const socket = net.connect({ port: server.address().port, host: '127.0.0.1', onread });
    await new Promise((resolve) => socket.on('close', resolve));
    server.close();
    return text;
  },
  async 'requests that make no sense'() {
    const seen = [];
    const server = http.createServer((request, response) => response.end('ok'));
    server.on('clientError', (error, socket) => {
      seen.push(error.code);
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    await listening(server);
    const bytes = ['\0\0\0\0', 'GET\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', '\x16\x03\x01'];
    for (const request of bytes) {
      const socket = net.connect(server.address().port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.end(request);
      let answer = '';
      await new Promise((resolve) => socket.on('data', (chunk) => (answer += chunk)).on('close', resolve));
      seen.push(answer.split('\r\n')[0]);
    }
    server.close();
    return [seen, await talk()];
  },
  async 'answers that make no sense'() {
    const seen = [];
    for (const answer of [
      'nonsense\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf',
      'HTTP/1.1 999\r\n\r\n',
      '',
    ]) {
      const server = net.createServer((socket) =>
        socket.once('data', () => socket.end(answer)).on('error', () => undefined),
      );
      await listening(server);
      seen.push(await get(server.address().port).catch((error) => error.code));
      server.close();
    }
    return seen;
  },
  async 'a request that is destroyed inside its own handler'() {
    const seen = [];
    const server = http.createServer((request, response) => {
      for (const [name, one] of Object.entries({ request, response }))
        for (const event of ['finish', 'end', 'aborted', 'error', 'close'])
          one.on(event, () => seen.push(`${name} ${event}`));
      if (request.url === '/request') request.destroy();
      if (request.url === '/response') response.destroy();
      if (request.url === '/socket') request.socket.destroy();
      if (request.url === '/half') response.write('half', () => response.destroy(new Error('mine')));
    });
    await listening(server);
    for (const path of ['/request', '/response', '/socket', '/half'])
      seen.push(await get(server.address().port, path).catch((error) => error.code));
    server.close();
    return seen;
  },
  async 'events of a request, in order'() {
    const seen = [];
    const note = (name, one, events) =>
      events.forEach((event) => one.on(event, () => seen.push(`${name} ${event}`)));
    const server = http.createServer((request, response) => {
      note('request', request, ['end', 'close']);
      note('response', response, ['finish', 'close']);
      seen.push(['request', response.write('a'), response.writableLength > 0]);
      request.resume().on('end', () => response.end('b'));
    });
    note('server', server, ['connection', 'request', 'close']);
    await listening(server);
    const client = http.request({
      port: server.address().port,
      host: '127.0.0.1',
      method: 'POST',
      agent: false,
    });
    note('client', client, ['socket', 'finish', 'response', 'close']);
    const [answer] = await Promise.all([once(client, 'response'), client.end('body')]);
    for await (const chunk of answer[0]) seen.push(`body ${chunk}`);
    server.close();
    await once(server, 'close');
    return seen;
  },
  async 'stores of the application'() {
    const storage = new AsyncLocalStorage();
    const seen = [];
    const server = http.createServer((request, response) => {
      seen.push(storage.getStore());
      storage.run(request.url, () => {
        request.on('end', () => seen.push(`end ${storage.getStore()}`));
        response.on('finish', () => seen.push(`finish ${storage.getStore()}`));
        setTimeout(() => {
          seen.push(`timer ${storage.getStore()}`);
          response.end('x');
        }, 5);
        request.resume();
      });
    });
    storage.enterWith('outside');
    await listening(server);
    seen.push(await storage.run('client', () => get(server.address().port, '/a')));
    seen.push(storage.getStore());
    server.close();
    return seen;
  },
  async 'a socket as it is shown'() {
    const server = net.createServer((socket) => socket.end('x'));
    await listening(server);
    const socket = net.connect(server.address().port, '127.0.0.1').resume();
    await once(socket, 'close');
    server.close();
    return [
      util.inspect(socket, { depth: 1 }),
      Reflect.ownKeys(socket).map(String),
      socket.eventNames().map(String),
    ];
  },
};

main(cases);
