// A server of event streams. In: port of a peer. Prints its port. `/events` begins a stream and goes on when the peer has answered;
// `/download` is as long, and no stream of events.

const { createServer } = require('node:http');
const { connect } = require('node:net');

const [, , peer] = process.argv;

createServer((request, response) => {
  const type = request.url === '/events' ? 'text/event-stream' : 'text/plain';
  response.writeHead(200, { 'Content-Type': type });
  response.write('data: begun\n\n');
  const socket = connect(Number(peer), '127.0.0.1', () => socket.write(`ask ${request.url}`));
  socket.on('data', () => response.end('data: done\n\n'));
}).listen(0, '127.0.0.1', function () {
  console.log(this.address().port);
});
