// A backend on whose http.Server another tool has put an `emit`, before any server was made and in the way pm2 does: it calls the one that was
// inherited then. Prints what it answered to itself.
const http = require('node:http');
const { once } = require('node:events');

const { emit } = http.Server.prototype;
http.Server.prototype.emit = function (...args) {
  return emit.apply(this, args);
};

const server = http.createServer((request, response) => response.end('hello'));
server.on('upgrade', (request, socket) => {
  socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: test\r\n\r\n');
});
server.listen(0, '127.0.0.1', async () => {
  const base = { port: server.address().port, host: '127.0.0.1', agent: false };
  const [response] = await once(http.get({ ...base, path: '/plain' }), 'response');
  const body = String((await response.toArray()).join(''));
  const headers = { connection: 'upgrade', upgrade: 'test' };
  const [upgraded, socket] = await once(http.get({ ...base, path: '/upgrade', headers }), 'upgrade');
  socket.destroy();
  server.close();
  console.log(`${body},${upgraded.statusCode}`);
});
