// A client that writes in every way there is. In: where the server is (argv: port or path). Out: 'done' when the server has answered all.
const net = require('node:net');
const target = process.argv[2];
const socket = net.connect(/^\d+$/.test(target) ? { port: Number(target), host: 'localhost' } : target);

socket.write('before connect é', 'utf8');
socket.write(Buffer.from([0, 1, 2, 255]));
socket.on('connect', () => {
  socket.write('größe', 'latin1');
  socket.write('68656c6c6f', 'hex');
  socket.write(new Uint8Array([7, 8, 9]));
  socket.cork();
  socket.write('corked ');
  socket.write(Buffer.from('together'));
  socket.write('ü', 'utf8');
  socket.uncork();
  socket.write(Buffer.alloc(100_000, 'abcdefghij'));
  socket.write('é'.repeat(20_000));
  socket.write('');
  setImmediate(() => socket.end('the end'));
});
let received = 0;
socket.on('data', (chunk) => (received += chunk.length));
socket.on('close', () => console.log(`done ${received}`));
