// A gateway in Node in front of python-backend.py, and its customers: every request asks the backend once. Ends by itself.
// argv[2]: the Python to use.

const { spawn } = require('node:child_process');
const http = require('node:http');
const { join } = require('node:path');

const agent = new http.Agent({ keepAlive: true });
const backend = spawn(process.argv[2], [join(__dirname, 'python-backend.py')], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: { ...process.env, WIRETIME_SERVICE: 'backend' },
});

function get(port, path, options = {}) {
  return new Promise((resolve, reject) => {
    http
      .get({ port, path, host: '127.0.0.1', ...options }, (response) => {
        response.resume();
        response.on('end', resolve);
      })
      .on('error', reject);
  });
}

backend.stdout.once('data', (printed) => {
  const gateway = http.createServer(async (request, response) => {
    await get(Number(printed), request.url, { agent });
    response.end('ok');
  });
  gateway.listen(0, '127.0.0.1', async () => {
    for (let round = 0; round < 10; round++)
      await Promise.all(['/slow/1', '/nap/2', '/nap/3'].map((path) => get(gateway.address().port, path)));
    backend.kill('SIGINT');
    agent.destroy();
    gateway.close();
  });
});
