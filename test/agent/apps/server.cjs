// A backend of plain node:http. Prints its port. /call/N asks the echo server (argv[2]) over a socket of its own and answers with N.
const { EventEmitter } = require('node:events');
const http = require('node:http');
const net = require('node:net');
const upstream = Number(process.argv[2] ?? 0);

const handlers = {
  call(request, response, id) {
    const socket = net.connect(upstream, '127.0.0.1', () => socket.write(`ask ${id}`));
    socket.on('data', (chunk) => {
      socket.end();
      response.statusCode = 201;
      response.end(chunk);
    });
  },
  // The body's events come from the parser, not from the request's handler.
  body(request, response) {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => handlers.call(request, response, body));
  },
  // Somebody's own `emit`, as node:domain has one, does something at an event that nobody listens to.
  emit(request, response, id) {
    const { emit } = EventEmitter.prototype;
    EventEmitter.prototype.emit = function (...args) {
      if (this === request && args[0] === 'close') {
        EventEmitter.prototype.emit = emit;
        const socket = net.connect(upstream, '127.0.0.1', () => socket.end(`ask ${id}`));
      }
      return emit.apply(this, args);
    };
    response.end();
  },
  slow(request, response) {
    response.write('first');
    setTimeout(() => response.end('last'), 30);
  },
  hang(request) {
    request.on('aborted', () => console.log('aborted'));
  },
  exit() {
    process.exit(7);
  },
  throw() {
    throw new Error('on purpose');
  },
  hello(request, response) {
    response.end('hello');
  },
};

const server = http.createServer((request, response) => {
  const [, name, id] = request.url.split('?')[0].split('/');
  handlers[name](request, response, id);
});
server.on('upgrade', (request, socket) => {
  socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: test\r\n\r\n');
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.on('message', () => server.close());
