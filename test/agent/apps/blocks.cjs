// Blocks its event loop inside the `connect` listener of a client connection, until the file argv[2] appears (20 s at most).
// A request makes it connect to itself. Prints its port, then how the waiting ended.
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const file = process.argv[2];

function block() {
  const limit = Date.now() + 20_000;
  while (!fs.existsSync(file)) if (Date.now() > limit) return 'gave up';
  return 'released';
}

const server = http.createServer((request, response) => {
  const { port } = server.address();
  const socket = net.connect(port, '127.0.0.1', () => {
    console.log(block());
    socket.destroy();
    response.end();
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
