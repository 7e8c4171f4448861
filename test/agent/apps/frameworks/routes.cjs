// The same routes for every framework. In: nothing. Out: method, path and what is answered; the parts that handlers answer with.
// Each program beside this one starts a server with them, in the way of its framework, and prints the port.
const { once } = require('node:events');
const { Readable } = require('node:stream');

/** So many that 32 concurrent requests are all different. */
const things = Array.from({ length: 26 }, (_, index) => ['GET', `/things${index}/:id/parts/:part`, 'text']);

exports.routes = [
  ['GET', '/orders', 'text'],
  ['GET', '/orders/:id', 'text'],
  ['POST', '/orders/:id', 'echo'],
  ['GET', '/shops/:shop/orders/:id', 'text'],
  ['GET', '/streams/:id', 'stream'],
  ['GET', '/aborts/:id', 'abort'],
  ['GET', '/errors/:id', 'error'],
  ...things,
];

/** Two chunks, some time apart. */
exports.stream = () =>
  Readable.from(
    (async function* chunks() {
      yield Buffer.from('a');
      await exports.pause();
      yield Buffer.from('b');
    })(),
    { objectMode: false },
  );

/** Begins, and never ends. */
exports.endless = () => {
  const stream = new Readable({ read() {} });
  stream.push('a');
  return stream;
};

exports.pause = () => new Promise((resolve) => setTimeout(resolve, 2));

/** For frameworks whose handlers answer with a value: what to answer; throws for `error`. */
exports.answer = async (kind, body) => {
  await exports.pause();
  if (kind === 'error') throw new Error('as asked');
  if (kind === 'stream') return exports.stream();
  if (kind === 'abort') return exports.endless();
  return kind === 'echo' ? body : 'text';
};

exports.start = async (server) => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  exports.print(server);
};

exports.print = (server) => console.log(server.address().port);
