// Servers and clients of node:http2 in one process. Prints its ports: of node:http, which the test asks, of h2c and of h2 with TLS.
// /via/NAME/ID makes the h2 client NAME (h2c, h2) ask its own server for /echo/ID, and answers with what that said.
const { readFileSync } = require('node:fs');
const http = require('node:http');
const http2 = require('node:http2');
const { join } = require('node:path');

const pem = readFileSync(join(__dirname, 'localhost.pem'));

// The request API.
const plain = http2.createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += chunk));
  request.on('end', () => answer(request.url, body, response));
});

function answer(url, body, response) {
  const [, name, id] = url.split('/');
  if (name === 'status') response.writeHead(Number(id)).end();
  else if (name === 'head') response.writeHead(204).end();
  else if (name === 'hang') response.stream.on('aborted', () => console.log('aborted'));
  else if (name === 'reset') response.stream.close(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
  else if (name === 'leave') response.stream.session.destroy();
  else if (name === 'events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\n\n');
    setTimeout(() => response.end('data: 2\n\n'), 60);
  } else if (name === 'slow') {
    response.write('first');
    setTimeout(() => response.end('last'), 30);
  } else response.end(`${id}${body}`);
}

// The stream API.
const secure = http2.createSecureServer({ key: pem, cert: pem });
secure.on('stream', (stream, headers) => {
  stream.respond({ ':status': 200, 'x-a': 'b' });
  setTimeout(() => stream.end(headers[':path'].split('/')[2]), 5);
});

const sessions = {};

function sessionOf(name) {
  sessions[name] ??=
    name === 'h2c'
      ? http2.connect(`http://localhost:${plain.address().port}`)
      : http2.connect(`https://localhost:${secure.address().port}`, { rejectUnauthorized: false });
  sessions[name].on('error', () => undefined);
  sessions[name].on('close', () => delete sessions[name]);
  return sessions[name];
}

/** What came, or the code of the error. */
function ask(session, headers, body, also = () => undefined) {
  return new Promise((resolve) => {
    const stream = session.request(headers);
    let text = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk) => (text += chunk));
    stream.on('end', () => resolve(text));
    stream.on('error', (error) => resolve(error.code));
    also(stream);
    if (body !== undefined) stream.end(body);
  });
}

const handlers = {
  via: (_request, name, id) => ask(sessionOf(name), { ':path': `/echo/${id}` }),
  post: (_request, name, id) =>
    ask(sessionOf(name), { ':path': `/echo/${id}`, ':method': 'POST' }, 'body'.repeat(10)),
  path: (_request, name, ...path) => ask(sessionOf(name), { ':path': `/${path.join('/')}` }),
  cancel: (_request, name) =>
    ask(sessionOf(name), { ':path': '/hang/1' }, undefined, (stream) =>
      setTimeout(() => stream.close(http2.constants.NGHTTP2_CANCEL), 20),
    ),
  // Nobody listens there.
  refused: () => {
    const session = http2.connect('http://127.0.0.1:1');
    session.on('error', () => undefined);
    return ask(session, { ':path': '/echo/1' });
  },
  own: (_request, name) =>
    ask(sessionOf(name), {
      ':path': '/echo/own',
      TraceParent: '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01',
    }),
  list: (_request, name) => ask(sessionOf(name), [':path', '/echo/list', 'x-a', '1', 'x-a', '2']),
};

const server = http.createServer(async (request, response) => {
  const [, name, ...rest] = request.url.split('/');
  response.end(await handlers[name](request, ...rest));
});

const listening = [server, plain, secure].map(
  (each) => new Promise((resolve) => each.listen(0, 'localhost', () => resolve(each.address().port))),
);
Promise.all(listening).then((ports) => console.log(ports.join(' ')));
