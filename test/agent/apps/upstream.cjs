// Each request asks another server three times, one after the other, on connections that are kept. In: argv[2], the port of the other
// server; without it, this is that server. Out: the port.
const http = require('node:http');

const upstream = process.argv[2];
const agent = new http.Agent({ keepAlive: true, maxSockets: 20 });

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
  if (upstream !== undefined) for (const part of ['a', 'b', 'c']) await ask(`${request.url}/${part}`);
  response.end('done');
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
