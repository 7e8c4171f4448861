// The HTTP server that the backend under test calls. In: nothing. Out: its address. Answers after a moment, so that connections are busy.
// Stands in for Elasticsearch, S3 and DynamoDB, too: it answers what their clients need to go on, and has no data.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { WebSocketServer } from 'ws';

const DELAY_MS = 2;

/** Lives as long as the process. */
export function startBackend(): Promise<{ readonly url: string }> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => setTimeout(answer, DELAY_MS, request, response));
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => socket.on('message', (message) => socket.send(message)));
  server.unref();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({
        url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
      });
    });
  });
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
