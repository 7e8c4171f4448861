// A steady stream that a collector can follow: argv[2] times 100 KB to itself, every 5 ms. Prints how much arrived.
const net = require('node:net');
let left = Number(process.argv[2]);
let received = 0;
const chunk = Buffer.alloc(10_000, 'x');
const server = net
  .createServer((socket) => {
    socket.on('data', (bytes) => (received += bytes.length));
    socket.on('end', () => socket.end());
  })
  .listen(0, '127.0.0.1', () => {
    const socket = net.connect(server.address().port, '127.0.0.1').resume();
    socket.on('close', () => server.close(() => console.log(received)));
    const more = () => {
      for (let part = 0; part < 10; part++) socket.write(chunk);
      if (--left > 0) setTimeout(more, 5);
      else socket.end();
    };
    more();
  });
