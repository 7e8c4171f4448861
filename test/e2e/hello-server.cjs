// The smallest traced program of the command tests: an HTTP server that prints its port.
// argv[2]: `once` asks itself three times and ends; `stay` runs until a signal; `stubborn` ignores signals.

const http = require('node:http');

const mode = process.argv[2] ?? 'stay';
const server = http.createServer((request, response) => response.end(`hello ${request.url}`));

server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  console.log(`listening on ${port}`);
  if (mode !== 'once') return;
  for (let number = 0; number < 3; number++)
    await (await fetch(`http://127.0.0.1:${port}/hello/${number}`)).text();
  server.closeAllConnections();
  server.close();
});

let interrupts = 0;
process.on('SIGINT', () => {
  console.log(`interrupt ${++interrupts}`);
  if (mode === 'stay') setTimeout(() => process.exit(30 + interrupts), 300);
});
process.on('SIGTERM', () => {
  console.log('terminate');
  if (mode === 'stay') process.exit(3);
});
