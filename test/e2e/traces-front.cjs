// A service that asks another one (argv: its ports for HTTP/1.1, HTTP/2 and gRPC) in four ways at once. /order/217 asks for the status 217 and for the
// gRPC code 217 mod 17, and answers with that status. Prints its port.
const grpc = require('@grpc/grpc-js');
const http = require('node:http');
const http2 = require('node:http2');

const [port, port2, portOfCalls] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: 5 });
const session = http2.connect(`http://127.0.0.1:${port2}`);
const client = new grpc.Client(`127.0.0.1:${portOfCalls}`, grpc.credentials.createInsecure());
const text = { serialize: (value) => Buffer.from(value), deserialize: (bytes) => bytes.toString() };

const ways = {
  request: (path) =>
    new Promise((resolve, reject) =>
      http
        .get({ port, host: '127.0.0.1', path, agent }, (response) => response.resume().on('end', resolve))
        .on('error', reject),
    ),
  fetch: (path) => fetch(`http://127.0.0.1:${port}${path}`).then((response) => response.text()),
  session: (path) =>
    new Promise((resolve, reject) =>
      session.request({ ':path': path }).resume().on('end', resolve).on('error', reject),
    ),
  call: (path) =>
    new Promise((resolve) =>
      client.makeUnaryRequest(
        '/back.Orders/Count',
        text.serialize,
        text.deserialize,
        String(Number(path.split('/')[2]) % 17),
        resolve,
      ),
    ),
};

http
  .createServer(async (request, response) => {
    await Promise.all(Object.values(ways).map((way) => way(request.url)));
    response.statusCode = Number(request.url.split('/')[2]);
    response.end('done');
  })
  .listen(0, '127.0.0.1', function () {
    console.log(this.address().port);
  });
