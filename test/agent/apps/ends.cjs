// A process that has used the network and then ends in the way argv[2] says.
const net = require('node:net');
const how = process.argv[2];

const endings = {
  natural: () => undefined,
  exit: () => process.exit(3),
  exitCode: () => (process.exitCode = 4),
  throw: () => {
    throw new Error('on purpose');
  },
  reject: () => Promise.reject(new Error('on purpose')),
  sigterm: () => process.kill(process.pid, 'SIGTERM'),
  sigint: () => process.kill(process.pid, 'SIGINT'),
  handled: () => {
    process.once('SIGTERM', () => process.exit(5));
    process.kill(process.pid, 'SIGTERM');
  },
  abort: () => process.abort(),
};

const server = net
  .createServer((socket) => socket.resume().end('x'))
  .listen(0, '127.0.0.1', () => {
    const socket = net.connect(server.address().port, '127.0.0.1');
    socket.resume();
    socket.write('ask');
    socket.on('close', () => {
      server.close(() => {
        console.log('ending');
        if (how === 'sigterm' || how === 'sigint' || how === 'handled') setInterval(() => undefined, 1000);
        endings[how]();
      });
    });
  });
