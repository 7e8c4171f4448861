// Asks the server at argv[2] in every way that node:http, fetch and undici have. Prints the port of its own server: /KIND asks once in
// that way. What the other server gets is looked at there.
const http = require('node:http');
const undici = require('undici');
const WebSocket = require('ws');

const port = Number(process.argv[2]);
const base = { host: 'localhost', port, agent: false };

/** Sends with node:http, and waits for the answer. */
const send = (options, use = (request) => request.end()) =>
  new Promise((resolve) => {
    const request = http.request({ ...base, ...options }, (response) => response.resume().on('end', resolve));
    request.on('error', resolve);
    for (const event of ['upgrade', 'connect'])
      request.on(event, (_response, socket) => {
        socket.destroy();
        resolve();
      });
    use(request);
  });

const url = `http://localhost:${port}`;
const kinds = {
  plain: () => send({ path: '/plain' }),
  object: () => send({ path: '/object', headers: { A: '1', b: ['2', '3'] } }),
  flat: () => send({ path: '/flat', headers: ['Host', 'localhost', 'A', '1', 'a', '2'] }),
  nested: () =>
    send({
      path: '/nested',
      headers: [
        ['Host', 'localhost'],
        ['A', '1'],
      ],
    }),
  set: () =>
    send({ path: '/set' }, (request) => {
      request.setHeader('A', '1');
      request.end();
      if (request.getHeaderNames().sort().join() !== 'a,host')
        console.log(`seen: ${request.getHeaderNames()}`);
    }),
  post: () =>
    send({ path: '/post', method: 'POST' }, (request) => {
      request.flushHeaders();
      request.write('one');
      request.end('two');
    }),
  length: () =>
    send({ path: '/length', method: 'PUT', headers: { 'content-length': 3 } }, (request) =>
      request.end('abc'),
    ),
  keep: () => send({ path: '/keep', agent: new http.Agent({ keepAlive: true, maxSockets: 1, timeout: 50 }) }),
  expect: () =>
    send({ path: '/expect', method: 'POST', headers: { expect: '100-continue' } }, (request) =>
      request.end('x'),
    ),
  upgrade: () => send({ path: '/upgrade', headers: { connection: 'upgrade', upgrade: 'x' } }),
  connect: () => send({ method: 'CONNECT', path: 'other:1' }),
  proxied: () => send({ path: 'http://api.example.com/proxied' }),
  virtual: () => send({ path: '/virtual', headers: { host: 'api.example.com' } }),
  traced: () =>
    send({
      path: '/traced',
      headers: { TraceParent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00' },
    }),
  zipkin: () => send({ path: '/zipkin', headers: { 'X-B3-TraceId': '4bf92f3577b34da6a3ce929d0e0e4736' } }),
  signed: () => send({ path: '/signed', headers: { authorization: 'AWS4-HMAC-SHA256 Credential=x' } }),
  amazon: () => send({ path: '/amazon', headers: { 'X-Amz-Date': '20261125T000000Z' } }),
  presigned: () => send({ path: '/presigned?X-Amz-Signature=1' }),
  fetch: () => fetch(`${url}/fetch`).then((answer) => answer.text()),
  fetchPost: () =>
    fetch(`${url}/fetchPost`, { method: 'POST', body: 'x', headers: { a: 'b' } }).then((answer) =>
      answer.text(),
    ),
  fetchTraced: () =>
    fetch(`${url}/fetchTraced`, {
      headers: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
    }).then((answer) => answer.text()),
  fetchSigned: () =>
    fetch(`${url}/fetchSigned`, { headers: { 'x-amz-date': '1' } }).then((answer) => answer.text()),
  undici: () => undici.request(`${url}/undici`, { headers: ['a', 'b'] }).then(({ body }) => body.text()),
  ws: () =>
    new Promise((resolve) => {
      const socket = new WebSocket(`ws://localhost:${port}/ws`);
      socket.on('error', resolve);
      socket.on('close', resolve);
    }),
};

const server = http.createServer(async (request, response) => {
  await kinds[request.url.slice(1)]();
  response.end('done');
});

// Of no request.
kinds.plain().then(() => server.listen(0, '127.0.0.1', () => console.log(server.address().port)));
