// A program for `check` and `diff`: a backend that asks another one, and its own customer. In: argv[2], calls of GET /cart
// (GET /order always makes one); argv[3], customers' requests; argv[4], ms that the other one takes. Ends by itself.

const http = require('node:http');

const calls = Number(process.argv[2] ?? 8);
const requests = Number(process.argv[3] ?? 40);
const delayMs = Number(process.argv[4] ?? 0);
const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });

const prices = http.createServer((request, response) => setTimeout(() => response.end('1'), delayMs));
const shop = http.createServer(async (request, response) => {
  const count = request.url === '/cart' ? calls : 1;
  for (let number = 0; number < count; number++) await ask(prices, `/price/${number}`, agent);
  response.end('{}');
});

function ask(server, path, agent) {
  return new Promise((resolve, reject) => {
    const { port } = server.address();
    http
      .get({ host: '127.0.0.1', port, path, agent }, (response) => response.resume().on('end', resolve))
      .on('error', reject);
  });
}

const listening = (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

Promise.all([listening(prices), listening(shop)]).then(async () => {
  const customer = new http.Agent({ keepAlive: true });
  for (let number = 0; number < requests; number++) await ask(shop, '/cart', customer);
  for (let number = 0; number < 5; number++) await ask(shop, '/order', customer);
  customer.destroy();
  agent.destroy();
  shop.close();
  prices.close();
});
