// A service that is asked over HTTP/1.1, HTTP/2 and gRPC. Prints its three ports. Answers with the status in the path: /order/217, or, for
// gRPC, with the code that the message is.
const grpc = require('@grpc/grpc-js');
const http = require('node:http');
const http2 = require('node:http2');

const answer = (request, response) => {
  setTimeout(() => {
    response.statusCode = Number(request.url.split('/')[2]);
    response.end('done');
  }, 3);
};
const text = { serialize: (value) => Buffer.from(value), deserialize: (bytes) => bytes.toString() };

const calls = new grpc.Server();
calls.addService(
  {
    count: {
      path: '/back.Orders/Count',
      requestStream: false,
      responseStream: false,
      requestDeserialize: text.deserialize,
      responseSerialize: text.serialize,
    },
  },
  {
    count: ({ request }, done) =>
      setTimeout(() => done(request === '0' ? null : { code: Number(request) }, 'one'), 3),
  },
);

const listening = (server) =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));

const bound = new Promise((resolve, reject) =>
  calls.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) =>
    error ? reject(error) : resolve(port),
  ),
);

Promise.all([...[http.createServer(answer), http2.createServer(answer)].map(listening), bound]).then(
  (ports) => console.log(ports.join(' ')),
);
