// A gRPC server and its client in one process, all four kinds of calls. Prints its ports: of node:http, which the test asks, and of gRPC.
// argv: the module, `tls`. /KIND/ID calls the method of that kind with ID, and answers with what it said. No channel is connected before the first request.
const { readFileSync } = require('node:fs');
const http = require('node:http');
const { join } = require('node:path');
const grpc = require(process.argv[2] ?? '@grpc/grpc-js');

const text = { serialize: (value) => Buffer.from(value), deserialize: (bytes) => bytes.toString() };
const method = (name, requestStream, responseStream) => ({
  path: `/test.Echo/${name}`,
  requestStream,
  responseStream,
  requestSerialize: text.serialize,
  requestDeserialize: text.deserialize,
  responseSerialize: text.serialize,
  responseDeserialize: text.deserialize,
});
const service = {
  say: method('Say', false, false),
  fail: method('Fail', false, false),
  slow: method('Slow', false, false),
  list: method('List', false, true),
  sum: method('Sum', true, false),
  chat: method('Chat', true, true),
};

const after = (ms, act) => setTimeout(act, ms);

const server = new grpc.Server();
server.addService(service, {
  say: (call, callback) => after(2, () => callback(null, `said ${call.request}`)),
  fail: (call, callback) => callback({ code: grpc.status.NOT_FOUND, details: `no ${call.request}` }),
  slow: (call, callback) => {
    const timer = after(2000, () => callback(null, 'late'));
    call.on('cancelled', () => clearTimeout(timer));
  },
  list: (call) => {
    call.write(`${call.request} a`);
    after(5, () => {
      call.write(`${call.request} b`);
      call.end();
    });
  },
  sum: (call, callback) => {
    const words = [];
    call.on('data', (word) => words.push(word));
    call.on('end', () => callback(null, words.join('+')));
  },
  chat: (call) => {
    call.on('data', (word) => call.write(`re ${word}`));
    call.on('end', () => call.end());
  },
});

const Client = grpc.makeGenericClientConstructor(service, 'Echo');
let client;

const unary = (name, value, options = {}) =>
  new Promise((resolve) =>
    client[name](value, new grpc.Metadata(), options, (error, answer) =>
      resolve(error ? `code ${error.code}` : answer),
    ),
  );
const gathered = (call) =>
  new Promise((resolve) => {
    const words = [];
    call.on('data', (word) => words.push(word));
    call.on('error', (error) => resolve(`code ${error.code}`));
    call.on('end', () => resolve(words.join(',')));
  });

const kinds = {
  say: (id) => unary('say', id),
  fail: (id) => unary('fail', id),
  unknown: () =>
    new Promise((resolve) =>
      client.makeUnaryRequest('/test.Echo/Nothing', text.serialize, text.deserialize, 'x', (error) =>
        resolve(`code ${error.code}`),
      ),
    ),
  deadline: (id) => unary('slow', id, { deadline: Date.now() + 60 }),
  cancel: (id) =>
    new Promise((resolve) => {
      const call = client.slow(id, (error) => resolve(`code ${error.code}`));
      after(40, () => call.cancel());
    }),
  list: (id) => gathered(client.list(id)),
  sum: (id) =>
    new Promise((resolve) => {
      const call = client.sum((error, answer) => resolve(error ? `code ${error.code}` : answer));
      call.write(id);
      after(3, () => call.end(id));
    }),
  chat: (id) => {
    const call = client.chat();
    call.write(id);
    after(3, () => call.end(id));
    return gathered(call);
  },
  // What the callback does belongs to the request, too.
  twice: (id) =>
    new Promise((resolve) =>
      client.say(id, () =>
        client.say(`again ${id}`, (error, answer) => resolve(error ? `code ${error.code}` : answer)),
      ),
    ),
};

const front = http.createServer(async (request, response) => {
  const [, kind, id] = request.url.split('/');
  response.end(await kinds[kind](id));
});

const isSecure = process.argv[3] === 'tls';
const pem = readFileSync(join(__dirname, 'localhost.pem'));
const ofServer = isSecure
  ? grpc.ServerCredentials.createSsl(null, [{ private_key: pem, cert_chain: pem }])
  : grpc.ServerCredentials.createInsecure();
const ofClient = isSecure ? grpc.credentials.createSsl(pem) : grpc.credentials.createInsecure();

server.bindAsync('localhost:0', ofServer, (error, port) => {
  if (error) throw error;
  client = new Client(`localhost:${port}`, ofClient);
  front.listen(0, '127.0.0.1', () => console.log(front.address().port, port));
});
