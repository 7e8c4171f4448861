// Each request asks Redis four times, all requests on one connection, and then another server. In: argv[2] and argv[3], the ports of the
// other server and of Redis; without them, this is that server. Out: the port.
const http = require('node:http');

const [, , upstream, redisPort] = process.argv;
const agent = new http.Agent({ keepAlive: true, maxSockets: 20 });
const { Redis } = upstream === undefined ? {} : require('ioredis');
const redis = Redis && new Redis({ host: '127.0.0.1', port: Number(redisPort) });
/** By their lengths answers are told apart. */
const KEYS = { budgetalpha: 2, budgetbeta: 12, budgetgamma: 23, budgetdelta: 34 };

function ask(path) {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port: upstream, path, agent }, (response) => {
      response.resume();
      response.on('end', resolve);
    });
    request.on('error', reject);
  });
}

const server = http.createServer(async (request, response) => {
  if (redis !== undefined) {
    for (const key of Object.keys(KEYS)) await redis.get(key);
    await ask(request.url);
  }
  response.end('done');
});

async function start() {
  if (redis !== undefined)
    for (const [key, length] of Object.entries(KEYS)) await redis.set(key, 'x'.repeat(length));
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
}

void start();
