// One HTTP request and one exchange over a bare socket, on loopback: after it every patch of the agent is in place and was used.
const http = require('node:http');
const net = require('node:net');

/** Resolves with what was answered. */
exports.talk = async function talk() {
  const server = http.createServer((request, response) => response.end(`you asked ${request.url}`));
  await listening(server);
  const answer = await get(server.address().port);
  server.close();
  server.closeAllConnections();
  return `${answer}, ${await echo()}`;
};

async function listening(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
}
exports.listening = listening;

function get(port, path = '/x') {
  return new Promise((resolve, reject) => {
    const request = http.get({ port, host: '127.0.0.1', path, agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += chunk));
      response.on('end', () => resolve(`${response.statusCode} ${body}`));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}
exports.get = get;

async function echo() {
  const server = net.createServer((socket) => socket.pipe(socket));
  await listening(server);
  const socket = net.connect(server.address().port, '127.0.0.1');
  socket.end('hello');
  let text = '';
  for await (const chunk of socket) text += chunk;
  server.close();
  return text;
}
exports.echo = echo;

/** Runs the case that argv[2] names; prints what it answers. `--list` prints the names. */
exports.main = async function main(cases) {
  const name = process.argv[2];
  if (name === '--list') return console.log(Object.keys(cases).join('\n'));
  const run = cases[name];
  if (run === undefined) throw new Error(`no case ${name}`);
  const seen = await run();
  if (seen !== undefined)
    await new Promise((resolve) => process.stdout.write(`${JSON.stringify(seen, undefined, 1)}\n`, resolve));
};

/** A note of what an error says. */
exports.describe = (error) => `${error?.name} ${error?.code} ${error?.message}`;

/** What the function throws. */
exports.thrown = (run) => {
  try {
    run();
    return 'nothing';
  } catch (error) {
    return exports.describe(error);
  }
};
