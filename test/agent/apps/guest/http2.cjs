// What programs see of node:http2: order of events, answers of methods, errors, headers, listeners. Each case prints what it saw.
const http2 = require('node:http2');
const { describe, listening, main, thrown } = require('./talk.cjs');

/** An h2c server that answers like this, a session with it, and what `use` makes of that. */
async function talking(answer, use, serverOptions = {}) {
  const server = http2.createServer(serverOptions);
  const seen = [];
  server.on('stream', (stream, headers) => {
    stream.on('error', (error) => seen.push(`server ${describe(error)}`));
    answer(stream, headers, seen);
  });
  await listening(server);
  const session = http2.connect(`http://127.0.0.1:${server.address().port}`);
  session.on('error', (error) => seen.push(`session ${describe(error)}`));
  try {
    await use(session, seen, server);
  } finally {
    session.destroy();
    server.close();
  }
  return seen;
}

const hello = (stream) => {
  stream.respond({ ':status': 200, 'x-a': 'b' });
  stream.end('hello');
};

/** Every event of the stream, until it is closed. */
function watched(stream, seen, name = '') {
  const emit = stream.emit;
  stream.emit = function (event, ...args) {
    seen.push(`${name}${String(event)}${event === 'error' ? ` ${describe(args[0])}` : ''}`);
    return emit.call(this, event, ...args);
  };
  return new Promise((resolve) =>
    stream
      .on('close', resolve)
      .on('error', () => undefined)
      .resume(),
  );
}

/** Own keys, without what Node numbers. */
const keysOf = (value) => Reflect.ownKeys(value).map(String).sort();

main({
  'events of a client stream, in order': () =>
    talking(hello, (session, seen) => watched(session.request({ ':path': '/x' }), seen)),

  'events of a client stream on a session that is connected': () =>
    talking(hello, async (session, seen) => {
      await new Promise((resolve) => session.on('connect', resolve));
      await watched(session.request({ ':path': '/x' }), seen);
    }),

  'events of a server stream, in order': () =>
    talking(
      (stream, _headers, seen) => {
        watched(stream, seen, 'server ');
        hello(stream);
      },
      async (session) => {
        const stream = session.request({ ':path': '/x', ':method': 'POST' });
        stream.end('body');
        await watched(stream, []);
        await new Promise((resolve) => setTimeout(resolve, 50));
      },
    ),

  'headers that are sent and got': () =>
    talking(hello, async (session, seen) => {
      const given = { ':path': '/x', 'X-Upper': ['1', '2'], [http2.sensitiveHeaders]: ['x-upper'] };
      const stream = session.request(given);
      stream.on('response', (headers, flags) => seen.push(Object.keys(headers).sort(), flags));
      await watched(stream, []);
      const { traceparent: _trace, ':authority': _authority, ...sent } = stream.sentHeaders;
      seen.push(sent, Object.keys(given), Object.getPrototypeOf(stream.sentHeaders) === null);
      seen.push(stream.sentHeaders[http2.sensitiveHeaders]);
    }),

  'own keys and listeners': () =>
    talking(
      (stream, _headers, seen) => {
        seen.push(keysOf(stream), stream.eventNames().map(String));
        hello(stream);
      },
      async (session, seen) => {
        const stream = session.request({ ':path': '/x' });
        seen.push(
          keysOf(stream),
          keysOf(session),
          stream.eventNames().map(String),
          session.eventNames().map(String),
        );
        await watched(stream, []);
        seen.push(keysOf(stream), stream.rstCode, stream.destroyed, stream.closed, stream.id);
      },
    ),

  'names and lengths of methods': () =>
    talking(
      (stream, _headers, seen) => {
        const names = ['emit', 'respond', 'respondWithFD', 'respondWithFile', 'push', '_write'];
        seen.push(names.map((name) => `${stream[name].name} ${stream[name].length}`));
        hello(stream);
      },
      async (session, seen) => {
        const stream = session.request({ ':path': '/x' });
        const names = ['emit', 'push', '_write', '_writev', 'end', 'write'];
        seen.push(names.map((name) => `${stream[name].name} ${stream[name].length}`));
        seen.push(`${session.request.name} ${session.request.length}`, stream instanceof http2.constructor);
        await watched(stream, []);
      },
    ),

  'errors of request': () =>
    talking(hello, async (session, seen) => {
      for (const headers of [
        null,
        1,
        'x',
        { ':nonsense': '1' },
        { connection: 'close' },
        { ':path': '/', ':method': 'CONNECT' },
      ])
        seen.push(
          thrown(() =>
            session
              .request(headers)
              .on('error', () => undefined)
              .destroy(),
          ),
        );
      seen.push(
        thrown(() => session.request({}, 1)),
        thrown(() => session.request({}, { endStream: 1 })),
      );
    }),

  'a session that is destroyed, and one that is closed': () =>
    talking(hello, async (session, seen) => {
      session.close();
      const ask = () => watched(session.request({ ':path': '/' }), seen, 'closed ');
      const first = thrown(() => seen.push(ask()));
      session.destroy();
      seen.push(
        first,
        thrown(() => watched(session.request({ ':path': '/' }), seen, 'destroyed ')),
      );
      await new Promise((resolve) => setTimeout(resolve, 20));
    }),

  'getters of headers are asked as often': () =>
    talking(hello, async (session, seen) => {
      const headers = {
        ':path': '/x',
        get 'x-count'() {
          throw new Error('on purpose');
        },
      };
      seen.push(thrown(() => session.request(headers)));
    }),

  backpressure: () =>
    talking(
      (stream) => {
        stream.respond({ ':status': 200 });
        stream.on('data', () => undefined).on('end', () => stream.end('x'.repeat(300_000)));
      },
      async (session, seen) => {
        const stream = session.request({ ':path': '/x', ':method': 'POST' });
        seen.push(stream.write('x'.repeat(1000)), stream.write('x'.repeat(100_000)), stream.writableLength);
        stream.end('end');
        let size = 0;
        for await (const chunk of stream) size += chunk.length;
        seen.push(size);
      },
    ),

  'a reset, an abort and a timeout': () =>
    talking(
      (stream, headers) => {
        if (headers[':path'] === '/reset') stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
      },
      async (session, seen) => {
        await watched(session.request({ ':path': '/reset' }), seen, 'reset ');
        const controller = new AbortController();
        const aborted = watched(
          session.request({ ':path': '/hang' }, { signal: controller.signal }),
          seen,
          'aborted ',
        );
        setTimeout(() => controller.abort(), 20);
        await aborted;
        const slow = session.request({ ':path': '/hang' });
        slow.setTimeout(20, () => slow.close(http2.constants.NGHTTP2_CANCEL));
        await watched(slow, seen, 'slow ');
      },
    ),

  'trailers, informational headers and pushes': () =>
    talking(
      (stream) => {
        stream.additionalHeaders({ ':status': 103, link: 'x' });
        stream.pushStream({ ':path': '/pushed' }, (error, pushed) => {
          if (error) throw error;
          pushed.respond({ ':status': 200 });
          pushed.end('pushed');
        });
        stream.respond({ ':status': 200 }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'x-trailer': '1' }));
        stream.end('body');
      },
      async (session, seen) => {
        session.on('stream', (pushed, headers) => {
          pushed.resume();
          seen.push(`pushed ${headers[':path']}`);
        });
        const stream = session.request({ ':path': '/x' });
        stream.on('trailers', (headers) => seen.push(headers['x-trailer']));
        await watched(stream, seen);
      },
    ),

  'the request API': async () => {
    const seen = [];
    const server = http2.createServer((request, response) => {
      seen.push(
        request.url,
        request.method,
        keysOf(request),
        keysOf(response),
        request.eventNames().map(String),
      );
      response.on('finish', () => seen.push('finish')).on('close', () => seen.push('close'));
      request.on('end', () => response.end('done')).resume();
    });
    await listening(server);
    const session = http2.connect(`http://127.0.0.1:${server.address().port}`);
    await watched(session.request({ ':path': '/x' }), []);
    await new Promise((resolve) => session.close(resolve));
    await new Promise((resolve) => server.close(resolve));
    return seen;
  },
});
