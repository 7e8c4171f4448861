// Starts itself with and without an environment of its own. Then asks itself, for ever.
const { fork, spawn } = require('node:child_process');
const { once } = require('node:events');

if (process.argv[2] === 'child') process.exit();
const http = require('node:http');
const server = http.createServer((request, response) => response.end());

server.listen(0, '127.0.0.1', async () => {
  const children = [
    fork(__filename, ['child'], { env: { A: '1' } }),
    spawn(process.execPath, ['--no-warnings', __filename, 'child']),
    spawn(process.execPath, ['--version'], { env: {} }),
    spawn('/bin/sh', ['-c', 'true'], { env: {} }),
  ];
  await Promise.all(children.map((child) => once(child, 'exit')));
  // The agent tells about itself while there is traffic.
  setInterval(() => http.get({ port: server.address().port }, (response) => response.resume()), 100);
});
