// Answers with 1.5 KB of head, as helmet and cookies make it, and 10 KB of body. In: nothing. Out: it asks itself once through fetch and
// once through http.request, each because of a request of its own, waits as an idle backend does, and ends.
const http = require('node:http');

const BODY = 'x'.repeat(10_000);
const agent = new http.Agent({ keepAlive: true });
let port = 0;

const routes = {
  '/answer': (response) => {
    // Node writes Content-Length behind these.
    response.setHeader('content-security-policy', "default-src 'self'; ".repeat(60));
    response.setHeader('set-cookie', ['a=1'.padEnd(150, '-'), 'b=2'.padEnd(150, '-')]);
    response.end(BODY);
  },
  '/with-fetch': async (response) => {
    const text = await (await fetch(`http://127.0.0.1:${port}/answer`)).text();
    setTimeout(() => response.end(String(text.length)), 100);
  },
  '/with-request': (response) => {
    http.get({ agent, port, host: '127.0.0.1', path: '/answer' }, (answer) => {
      let length = 0;
      answer.on('data', (chunk) => (length += chunk.length));
      answer.on('end', () => setTimeout(() => response.end(String(length)), 100));
    });
  },
};

async function ask(path) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } });
  console.log(path, await response.text());
}

const server = http.createServer((request, response) => void routes[request.url](response));
server.listen(0, '127.0.0.1', async () => {
  ({ port } = server.address());
  await ask('/with-fetch');
  await ask('/with-request');
  // Longer than the collector waits for what belongs to a request that has ended.
  setTimeout(() => process.exit(), 1500);
});
