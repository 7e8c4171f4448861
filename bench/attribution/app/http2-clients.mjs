// What the backend under test does with node:http2, gRPC and undici over HTTP/2. In, out: as in workloads.mjs. Markers are in paths.

import { called, fourTimes } from './parts.mjs';

const get = (session, headers, body) =>
  called((done) => {
    const stream = session.request(headers); /* call */
    stream
      .resume()
      .on('end', () => done())
      .on('error', done);
    if (body !== undefined) stream.end(body);
  });

const bytes = { serialize: (value) => value, deserialize: (value) => value };
const MESSAGE = Buffer.from('message');

const clientOf = (grpc, { http }) =>
  new grpc.Client(http.http2.replace('http://', ''), grpc.credentials.createInsecure());

const unary = (client, tag, done) =>
  client.makeUnaryRequest(`/bench.Echo/${tag}`, bytes.serialize, bytes.deserialize, MESSAGE, done); /* call */

const ended = (stream) =>
  new Promise((resolve, reject) => stream.on('end', resolve).on('error', reject).resume());

export const HTTP2_CLIENTS = {
  'http2 session': {
    markers: 4,
    async setup(http2, { http }) {
      const session = http2.connect(http.http2);
      return fourTimes((tag) => get(session, { ':path': `/${tag}` })); /* call */
    },
  },
  'http2 cold, TLS': {
    markers: 4,
    async setup(http2, { http }) {
      let session;
      return fourTimes((tag) => {
        session ??= http2.connect(http.http2Secure, { rejectUnauthorized: false });
        return get(session, { ':path': `/${tag}` }); /* call */
      });
    },
  },
  'http2 bodies': {
    markers: 4,
    async setup(http2, { http }) {
      const session = http2.connect(http.http2);
      return fourTimes((tag) => get(session, { ':path': `/${tag}`, ':method': 'POST' }, 'body')); /* call */
    },
  },
  'http2, callbacks': {
    markers: 2,
    async setup(http2, { http }) {
      const session = http2.connect(http.http2);
      return (tag) =>
        called((done) => {
          const first = session.request({ ':path': `/${tag}` });
          first.resume().on('end', () => {
            session
              .request({ ':path': `/${tag}` })
              .resume()
              .on('end', done)
              .on('error', done);
          });
        });
    },
  },
  'grpc unary': {
    markers: 4,
    async setup(grpc, servers) {
      const client = clientOf(grpc, servers);
      return fourTimes((tag) => called((done) => unary(client, tag, done))); /* call */
    },
  },
  'grpc connected': {
    markers: 4,
    async setup(grpc, servers) {
      const client = clientOf(grpc, servers);
      await called((done) => client.waitForReady(Date.now() + 5000, done));
      return fourTimes((tag) => called((done) => unary(client, tag, done))); /* call */
    },
  },
  'grpc, nested callbacks': {
    markers: 3,
    async setup(grpc, servers) {
      const client = clientOf(grpc, servers);
      return (tag) =>
        called((done) => unary(client, tag, () => unary(client, tag, () => unary(client, tag, done))));
    },
  },
  'grpc streams': {
    markers: 3,
    async setup(grpc, servers) {
      const client = clientOf(grpc, servers);
      const path = (tag) => [`/bench.Echo/${tag}`, bytes.serialize, bytes.deserialize];
      return async (tag) => {
        await ended(client.makeServerStreamRequest(...path(tag), MESSAGE)); /* call */
        await called((done) => {
          const call = client.makeClientStreamRequest(...path(tag), done); /* call */
          call.write(MESSAGE);
          setTimeout(() => call.end(), 1);
        });
        const call = client.makeBidiStreamRequest(...path(tag)); /* call */
        call.end(MESSAGE);
        await ended(call);
      };
    },
  },
  'grpc and http2': {
    markers: 8,
    async setup(grpc, servers, http2) {
      const client = clientOf(grpc, servers);
      const session = http2.connect(servers.http.http2);
      return fourTimes((tag) =>
        Promise.all([
          called((done) => unary(client, tag, done)) /* call */,
          get(session, { ':path': `/${tag}` }) /* call */,
        ]),
      );
    },
  },
  'grpc, interceptors': {
    markers: 4,
    async setup(grpc, servers) {
      const client = clientOf(grpc, servers);
      // One that waits before it goes on, as those for tokens do.
      const waiting = (options, next) =>
        new grpc.InterceptingCall(next(options), {
          start: (metadata, listener, go) => setTimeout(go, 1, metadata, listener),
        });
      return fourTimes((tag) =>
        called((done) =>
          client.makeUnaryRequest(
            `/bench.Echo/${tag}`,
            bytes.serialize,
            bytes.deserialize,
            MESSAGE,
            { interceptors: [waiting] },
            done,
          ),
        ),
      );
    },
  },
  'grpc, one channel after the other': {
    markers: 2,
    async setup(grpc, servers) {
      return async (tag) => {
        const client = clientOf(grpc, servers);
        const own = { 'grpc.use_local_subchannel_pool': 1 };
        const other = new grpc.Client(servers.http.http2.slice(7), grpc.credentials.createInsecure(), own);
        await Promise.all([client, other].map((each) => called((done) => unary(each, tag, done))));
        for (const each of [client, other]) each.close();
      };
    },
  },
  'undici HTTP/2': {
    markers: 4,
    async setup(undici, { http }) {
      const agent = new undici.Agent({
        allowH2: true,
        connections: 1,
        connect: { rejectUnauthorized: false },
      });
      return fourTimes(async (tag) => {
        const { body } = await undici.request(`${http.http2Secure}/${tag}`, { dispatcher: agent }); /* call */
        await body.text();
      });
    },
  },
};
