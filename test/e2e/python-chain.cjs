// Node in front of python-chain.py in front of Node, and their customers: every request goes through all three. Ends by itself.
// argv: the Python to use, `proxied` when something between them changes their addresses.

const { spawn } = require('node:child_process');
const http = require('node:http');
const { join } = require('node:path');
const net = require('node:net');

const [python, between, role, port] = process.argv.slice(2);

const listening = (server) =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));

/** Not traced: passes bytes on. */
function runProxy() {
  const server = net.createServer((socket) => {
    const onward = net.connect(Number(port), '127.0.0.1');
    for (const each of [socket, onward]) each.on('error', () => undefined);
    socket.pipe(onward).pipe(socket);
  });
  listening(server).then((own) => console.log(own));
}

function runBack() {
  // A signal that nobody handles leaves no time to say what was seen last.
  process.once('SIGINT', () => process.exit());
  const server = http.createServer((request, response) => response.end('ok'));
  listening(server).then((own) => console.log(own));
}

const children = [];

/** The port that a program prints. */
function start(command, args, env) {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  children.push(child);
  return new Promise((resolve) => child.stdout.once('data', (printed) => resolve(Number(printed))));
}

const startNode = (role, port, env) =>
  start(process.execPath, [__filename, python, between, role, String(port)], env);

/** The port that leads to this one. */
const reached = (port) =>
  between === 'proxied' ? startNode('proxy', port, { WIRETIME_DISABLED: '1' }) : port;

const agent = new http.Agent({ keepAlive: true });

function get(port, path, options = {}) {
  return new Promise((resolve, reject) => {
    http
      .get({ port, path, host: '127.0.0.1', ...options }, (response) => response.resume().on('end', resolve))
      .on('error', reject);
  });
}

async function runFront() {
  const back = await reached(await startNode('back', 0, { WIRETIME_SERVICE: 'back' }));
  const script = join(__dirname, 'python-chain.py');
  const middle = await reached(await start(python, [script, String(back)], { WIRETIME_SERVICE: 'middle' }));
  const front = http.createServer(async (request, response) => {
    await get(middle, request.url, { agent });
    response.end('ok');
  });
  const own = await listening(front);
  for (let round = 0; round < 5; round++)
    await Promise.all(Array.from({ length: 10 }, (_, index) => get(own, `/order/${index}`)));
  agent.destroy();
  front.close();
  for (const child of children) child.kill('SIGINT');
}

const run = { proxy: runProxy, back: runBack }[role] ?? runFront;
run();
