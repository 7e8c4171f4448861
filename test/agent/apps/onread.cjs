// Sockets with `onread` in every form, and one without, to the echo server at argv[2] (and its TLS twin at argv[3]). Prints what they heard.
const { readFileSync } = require('node:fs');
const net = require('node:net');
const { join } = require('node:path');
const tls = require('node:tls');

const [port, tlsPort] = process.argv.slice(2).map(Number);
const ca = readFileSync(join(__dirname, 'localhost.pem'));

const reading = (hear) => ({
  buffer: Buffer.alloc(100),
  callback: (size, buffer) => {
    hear(buffer.toString('latin1', 0, size));
    return true;
  },
});

/** Says hello; what comes back, through `onread` or as data. */
const talk = (make) =>
  new Promise((resolve) => {
    const socket = make((text) => {
      socket.destroy();
      resolve(text);
    });
    socket.write('hello');
  });

const ways = {
  options: (hear) => net.connect({ port, host: '127.0.0.1', onread: reading(hear) }),
  constructor: (hear) => new net.Socket({ onread: reading(hear) }).connect(port, '127.0.0.1'),
  function: (hear) => {
    const { callback } = reading(hear);
    return net.connect({ port, host: '127.0.0.1', onread: { buffer: () => Buffer.alloc(50), callback } });
  },
  tls: (hear) => tls.connect({ port: tlsPort, host: 'localhost', ca, onread: reading(hear) }),
  none: (hear) =>
    net.connect({ port, host: '127.0.0.1', onread: null }).on('data', (chunk) => hear(String(chunk))),
};

(async () => {
  for (const [name, way] of Object.entries(ways)) console.log(name, await talk(way));
})();
