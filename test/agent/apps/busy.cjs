// Writes argv[2] records' worth of traffic to itself as fast as it can, then ends. Prints what arrived.
const net = require('node:net');
const count = Number(process.argv[2]);
let received = 0;
const server = net
  .createServer((socket) => {
    socket.on('data', (chunk) => (received += chunk.length));
    socket.on('end', () => socket.end());
  })
  .listen(0, '127.0.0.1', () => {
    const socket = net.connect(server.address().port, '127.0.0.1');
    const chunk = Buffer.alloc(1000, 'x');
    let sent = 0;
    const more = () => {
      while (sent < count) {
        sent++;
        if (!socket.write(chunk)) return void socket.once('drain', more);
      }
      socket.end();
    };
    socket.resume();
    socket.on('close', () => server.close(() => console.log(received)));
    more();
  });
