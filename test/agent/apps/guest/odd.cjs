// Applications that do what nobody expects, before and after the agent has come. Each answers what it has seen.
const channels = require('node:diagnostics_channel');
const dgram = require('node:dgram');
const { EventEmitter, once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const stream = require('node:stream');
const { describe, echo, get, listening, main, talk, thrown } = require('./talk.cjs');

const refusing = new Proxy(
  {},
  {
    has() {
      throw new Error('has');
    },
    get() {
      throw new Error('get');
    },
    getPrototypeOf() {
      throw new Error('getPrototypeOf');
    },
    getOwnPropertyDescriptor() {
      throw new Error('getOwnPropertyDescriptor');
    },
  },
);

const cases = {
  async 'emitters without a prototype'() {
    const bare = Object.create(null);
    EventEmitter.call(bare);
    return [Object.keys(bare), await talk()];
  },

  async 'emitters whose prototype refuses to be looked at'() {
    const emitter = Object.create(refusing);
    return [thrown(() => EventEmitter.init.call(emitter)), await talk()];
  },

  async 'emitters that refuse to be looked at'() {
    const asked = [];
    const emitter = new Proxy(new EventEmitter(), {
      has: (target, key) => asked.push(`has ${String(key)}`) && key in target,
      getPrototypeOf: (target) => asked.push('getPrototypeOf') && Object.getPrototypeOf(target),
    });
    EventEmitter.call(emitter);
    return [asked.filter((ask) => ask.startsWith('has')), await talk()];
  },

  async 'events of a server that nobody else emits'() {
    const server = http.createServer();
    server.removeAllListeners();
    const emit = (...args) => thrown(() => server.emit(...args));
    const seen = [
      emit('request', {}, {}),
      emit('request', { rawHeaders: 7 }, { statusCode: {} }),
      emit('request'),
      emit('request', Object.create(null), () => undefined),
      emit('checkContinue', { rawHeaders: [] }, {}),
      emit('upgrade', {}, {}),
      emit('upgrade', {}, undefined),
      emit('connection'),
      emit('connection', 'text'),
      emit('connection', {}),
      emit('secureConnection', undefined),
      emit(Symbol('mine'), 1),
      emit('listening'),
    ];
    return [seen, await talk()];
  },

  async 'a server that is given a stream for a socket'() {
    const server = http.createServer((request, response) => response.end(request.url));
    const [one, other] = pair();
    server.emit('connection', one);
    other.write('GET /through HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    let answer = '';
    for await (const chunk of other) answer += chunk;
    return [answer.replace(/Date: .*/, 'Date'), await talk()];
  },

  async 'arguments that connect refuses'() {
    const socket = () => new net.Socket().on('error', () => undefined);
    const throwing = {
      get host() {
        throw new Error('host');
      },
    };
    const asked = [
      [Symbol('port')],
      [{ port: Symbol('port') }],
      [{ port: 70_000 }],
      [{ port: {} }],
      [-1],
      [{}],
      [null],
      [throwing],
      [{ path: Symbol('path') }],
      [[]],
      [Object.create(null)],
      [10n],
    ];
    const seen = asked.map((args) =>
      thrown(() =>
        socket()
          .connect(...args)
          .destroy(),
      ),
    );
    return [seen, thrown(() => socket().connect()), await talk()];
  },

  async 'options are read as often as without'() {
    const reads = [];
    const server = net.createServer((socket) => socket.end('x'));
    await listening(server);
    const options = {
      get port() {
        reads.push('port');
        return server.address().port;
      },
      get host() {
        reads.push('host');
        return '127.0.0.1';
      },
    };
    for await (const chunk of net.connect(options)) reads.push(String(chunk));
    server.close();
    return [reads.includes('port'), reads.includes('x'), await talk()];
  },

  async 'chunks that write refuses'() {
    const server = net.createServer((socket) => socket.resume());
    await listening(server);
    const socket = net.connect(server.address().port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.on('error', () => undefined);
    const seen = [{}, null, undefined, 7, [], Symbol('x'), true].map((chunk) =>
      thrown(() => socket.write(chunk)),
    );
    seen.push(thrown(() => socket.write('text', 'no such encoding')));
    seen.push(thrown(() => socket.write('', 7)));
    seen.push(thrown(() => net.Socket.prototype.write.call(undefined, 'x')));
    seen.push(thrown(() => net.Socket.prototype.write.call({}, 'x')));
    seen.push(thrown(() => net.Socket.prototype.push.call(7, 'x')));
    seen.push(thrown(() => net.Socket.prototype.emit.call({}, 'x')));
    seen.push(thrown(() => net.Socket.prototype.connect.call({}, 7)));
    seen.push(thrown(() => net.Server.prototype.emit.call(undefined, 'x')));
    const ended = new Promise((resolve) => socket.once('close', resolve));
    socket.end();
    await ended;
    seen.push(String(await new Promise((resolve) => socket.write('late', resolve))));
    server.close();
    return [seen, await talk()];
  },

  async 'datagrams that send refuses'() {
    const server = dgram.createSocket('udp4').bind(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const bytes = Buffer.from('hello');
    const { send, emit } = dgram.Socket.prototype;
    const seen = [
      [bytes, 4, 7, port, '127.0.0.1'],
      [bytes, 9, 1, port, '127.0.0.1'],
      [bytes, -1, 2, port, '127.0.0.1'],
      [bytes, NaN, 2, port, '127.0.0.1'],
      [bytes, Symbol('offset'), 2, port, '127.0.0.1'],
      [[bytes, {}], port],
      [{}, port],
      [bytes, 0],
      [bytes, Symbol('port')],
      [bytes],
      [],
    ].map((args) => thrown(() => socket.send(...args)));
    seen.push(thrown(() => send.call(undefined, bytes, port)));
    seen.push(thrown(() => emit.call(undefined, 'message')));
    seen.push(thrown(() => socket.emit('message')));
    seen.push(thrown(() => socket.emit('message', 7, 7)));
    const got = once(server, 'message');
    socket.send(bytes, 1, 3, port, '127.0.0.1');
    seen.push(String((await got)[0]));
    socket.close();
    server.close();
    return [seen, await talk()];
  },

  async 'a working directory that was deleted'() {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wiretime-gone-'));
    process.chdir(folder);
    fs.rmdirSync(folder);
    return [thrown(() => process.cwd()), await talk()];
  },

  async 'argv of anything'() {
    process.argv = [7, undefined, {}, ...process.argv.slice(2)];
    return talk();
  },

  async 'a stub in place of connect'() {
    const { connect } = net.Socket.prototype;
    net.Socket.prototype.connect = () => {
      throw new Error('this test must not touch the network');
    };
    const server = net.createServer();
    await listening(server);
    await new Promise((resolve) => setTimeout(resolve, 100));
    server.close();
    net.Socket.prototype.connect = connect;
    return talk();
  },

  async 'stubs in place of the clock'() {
    const calls = { nextTick: 0, setTimeout: 0, setImmediate: 0, queueMicrotask: 0 };
    const originals = {};
    const places = {
      nextTick: process,
      setTimeout: globalThis,
      setImmediate: globalThis,
      queueMicrotask: globalThis,
    };
    for (const [name, place] of Object.entries(places)) {
      originals[name] = place[name];
      place[name] = (...args) => {
        calls[name]++;
        return Reflect.apply(originals[name], place, args);
      };
    }
    const server = net.createServer();
    await listening(server);
    server.close();
    for (const [name, place] of Object.entries(places)) place[name] = originals[name];
    return [calls.setTimeout, calls.setImmediate, calls.queueMicrotask, calls.nextTick, await talk()];
  },

  async 'subscribers to the channels of Node'() {
    const seen = [];
    const names = [
      'net.client.socket',
      'net.server.socket',
      'http.client.request.start',
      'http.server.request.start',
    ];
    for (const name of names)
      channels.subscribe(name, (message) => seen.push(`${name} ${Object.keys(message)}`));
    await talk();
    await new Promise((resolve) => setTimeout(resolve, 50));
    return [seen.sort(), names.map((name) => Object.keys(channels.channel(name)))];
  },

  async 'streams that are patched after the network was used'() {
    await talk();
    const calls = new Set();
    const patch = (target, name) => {
      const original = target[name];
      target[name] = function (...args) {
        if (this instanceof net.Socket) calls.add(name);
        return Reflect.apply(original, this, args);
      };
    };
    patch(EventEmitter.prototype, 'emit');
    patch(stream.Duplex.prototype, 'write');
    patch(stream.Readable.prototype, 'push');
    await echo();
    return [...calls].sort();
  },

  async 'emit of messages that is patched after the network was used'() {
    await talk();
    const calls = new Set();
    const { emit } = EventEmitter.prototype;
    EventEmitter.prototype.emit = function (...args) {
      calls.add(this.constructor.name);
      return Reflect.apply(emit, this, args);
    };
    await talk();
    return [...calls].filter((name) => /Message|Response|Server|Request/.test(name)).sort();
  },

  async 'domains that are loaded after the network was used'() {
    await talk();
    const domain = require('node:domain').create();
    const caught = [];
    domain.on('error', (error) => caught.push(`${error.message} ${error.domain === domain}`));
    const server = net.createServer((socket) => socket.end('x'));
    await listening(server);
    await new Promise((resolve) => {
      domain.run(() => {
        const socket = net.connect(server.address().port, '127.0.0.1');
        socket.on('data', () => undefined);
        socket.on('close', () => {
          setTimeout(resolve, 10);
          throw new Error('in a listener');
        });
      });
    });
    server.close();
    return caught;
  },

  async 'an Error that is frozen'() {
    const { stackTraceLimit } = Error;
    Object.freeze(Error);
    return [stackTraceLimit, await talk()];
  },

  async 'a formatter of stacks that is handed texts for frames'() {
    let format;
    Object.defineProperty(Error, 'prepareStackTrace', {
      configurable: true,
      get: () => format,
      set: (next) => {
        format = next && ((error, frames) => next(error, frames.map(String)));
      },
    });
    return [await talk(), typeof new Error('mine').stack];
  },

  async 'formatters of stacks'() {
    let formatted = 0;
    Error.prepareStackTrace = (error, frames) => {
      formatted++;
      return frames;
    };
    Error.stackTraceLimit = 3;
    const answer = await talk();
    const frames = new Error('mine').stack.length;
    return [
      formatted,
      frames,
      Error.stackTraceLimit,
      Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit'),
      answer,
    ];
  },

  async 'a limit of stacks that was deleted'() {
    delete Error.stackTraceLimit;
    const answer = await talk();
    return [Error.stackTraceLimit, new Error('x').stack, answer];
  },

  async 'sockets of sub-classes'() {
    const seen = [];
    class Mine extends net.Socket {
      write(...args) {
        seen.push(['write', args.length]);
        return super.write(...args);
      }
      emit(name, ...args) {
        seen.push(['emit', String(name)]);
        return super.emit(name, ...args);
      }
      push(chunk) {
        seen.push(['push', chunk === null]);
        return super.push(chunk);
      }
    }
    const server = net.createServer((socket) => socket.pipe(socket));
    await listening(server);
    const socket = new Mine();
    socket.connect(server.address().port, '127.0.0.1');
    socket.end('hello');
    for await (const chunk of socket) seen.push(String(chunk));
    server.close();
    return seen;
  },

  async 'sockets that the application has frozen'() {
    const server = net.createServer((socket) => socket.pipe(socket));
    await listening(server);
    const socket = Object.preventExtensions(net.connect(server.address().port, '127.0.0.1'));
    socket.end('hello');
    let text = '';
    for await (const chunk of socket) text += chunk;
    server.close();
    return [text, await talk()];
  },

  async 'prototypes that are frozen before the network is used'() {
    Object.freeze(net.Socket.prototype);
    Object.freeze(net.Server.prototype);
    return talk();
  },

  async 'classes that look like drivers'() {
    class Store extends EventEmitter {
      dispatch(...args) {
        return args;
      }
      close() {}
      destroy() {}
      query(...args) {
        return args;
      }
      _pulseQueryQueue() {}
      sendCommand(...args) {
        return args;
      }
      pipeline() {
        throw new Error('not for you');
      }
      multi() {}
      disconnect() {}
    }
    const store = new Store();
    const options = Object.freeze({ type: 'add' });
    const handler = Object.freeze({ payload: 1 });
    const refused = thrown(() => store.dispatch(refusing, refusing));
    return [
      store.dispatch(options, handler).length,
      store.dispatch(options, handler)[0] === options,
      store.query(options)[0] === options,
      store.query().length,
      store.query('one', 2, undefined).length,
      store.sendCommand(options, handler)[1] === handler,
      refused,
      thrown(() => store.pipeline()),
      await talk(),
    ];
  },

  async 'listeners that throw, and an application that goes on'() {
    const caught = [];
    process.on('uncaughtException', (error, origin) => caught.push(`${describe(error)} ${origin}`));
    const web = http.createServer((request, response) => {
      setImmediate(() => response.end('x'));
      throw new Error('request');
    });
    await listening(web);
    await get(web.address().port);
    web.close();
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined).end('x');
      throw new Error('connection');
    });
    await listening(server);
    const socket = net.connect(server.address().port, '127.0.0.1');
    socket.on('data', () => {
      setImmediate(() => socket.destroy());
      throw new Error('data');
    });
    await new Promise((resolve) => socket.on('close', resolve));
    server.close();
    const answer = await talk();
    return [caught.sort(), answer];
  },

  'an error that nobody listens to'() {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => net.connect(port, '127.0.0.1'));
    });
  },

  'an exception in a handler'() {
    const server = http.createServer(() => {
      throw new Error('on purpose');
    });
    server.listen(0, '127.0.0.1', () => get(server.address().port));
  },

  'a rejection in a handler'() {
    const server = http.createServer(async () => {
      throw new Error('on purpose');
    });
    server.listen(0, '127.0.0.1', () => get(server.address().port));
  },

  async 'a value that is no error in a handler'() {
    const server = net.createServer(() => {
      throw { mine: true };
    });
    await listening(server);
    net.connect(server.address().port, '127.0.0.1');
  },
};

function pair() {
  const make = (other) =>
    new stream.Duplex({
      read: () => undefined,
      write: (chunk, _encoding, done) => (other().push(chunk), done()),
      final: (done) => (other().push(null), done()),
    });
  const one = make(() => two);
  const two = make(() => one);
  return [one, two];
}

main(cases);
