// The HTTP server that the backend under test calls. In: nothing. Out: its address. Answers after a moment, so that connections are busy.
// Stands in for Elasticsearch, S3 and DynamoDB, too: it answers what their clients need to go on, and has no data.

import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as http2 from 'node:http2';
import type { Server } from 'node:net';
import { resolve } from 'node:path';
import { WebSocketServer } from 'ws';

const DELAY_MS = 2;
/** Long enough to be waited for. */
const SLOW_MS = 20;

/** Key and certificate of localhost. */
const PEM = resolve(import.meta.dirname, '../../test/agent/apps/localhost.pem');

export interface Backend {
  readonly url: string;
  /** The same over HTTP/2, where every call of gRPC gets an empty message, too. */
  readonly http2: string;
  readonly http2Secure: string;
}

/** Lives as long as the process. */
export async function startBackend(): Promise<Backend> {
  const server = createServer((request, response) => {
    const delay = request.url?.startsWith('/slow/') === true ? SLOW_MS : DELAY_MS;
    request.resume().on('end', () => setTimeout(answer, delay, request, response));
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => socket.on('message', (message) => socket.send(message)));
  const pem = readFileSync(PEM);
  const plain = http2.createServer().on('stream', answerStream);
  const secure = http2.createSecureServer({ key: pem, cert: pem }).on('stream', answerStream);
  return {
    url: `http://127.0.0.1:${await portOf(server)}`,
    http2: `http://127.0.0.1:${await portOf(plain)}`,
    http2Secure: `https://localhost:${await portOf(secure)}`,
  };
}

function portOf(server: Server): Promise<number> {
  server.unref();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

/** A message of gRPC without a byte: not compressed, length 0. */
const EMPTY_MESSAGE = Buffer.alloc(5);

function answerStream(stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders): void {
  const isGrpc = headers['content-type']?.startsWith('application/grpc') === true;
  stream.on('error', () => undefined);
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.resume().on('end', () => setTimeout(isGrpc ? answerCall : answerGet, DELAY_MS, stream));
}

function answerCall(stream: http2.ServerHttp2Stream): void {
  if (stream.closed) return;
  stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.end(EMPTY_MESSAGE);
}

function answerGet(stream: http2.ServerHttp2Stream): void {
  if (stream.closed) return;
  stream.respond({ ':status': 200 });
  stream.end('answer');
}

const FOUND_NOTHING = '{"took":1,"timed_out":false,"hits":{"total":{"value":0,"relation":"eq"},"hits":[]}}';
/** What Elasticsearch's client of version 7 asks for before its first search. */
const ELASTIC_PRODUCT =
  '{"version":{"number":"8.0.0","build_flavor":"default"},"tagline":"You Know, for Search"}';

function answer({ url = '', method, headers }: IncomingMessage, response: ServerResponse): void {
  if (url.startsWith('/elastic')) {
    response.setHeader('x-elastic-product', 'Elasticsearch');
    response.setHeader('content-type', headers.accept?.split(',')[0] ?? 'application/json');
    response.end(/^\/elastic\/?$/.test(url) ? ELASTIC_PRODUCT : FOUND_NOTHING);
  } else if (url.startsWith('/dynamodb')) {
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end('{"Item":{}}');
  } else if (url === '/post' && method === 'POST' && headers['content-type'] === 'application/json') {
    response.setHeader('content-type', 'application/json');
    response.end('"answer"');
  } else response.end('answer');
}
