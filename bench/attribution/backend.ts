// The HTTP server that the backend under test calls. In: nothing. Out: its address. Answers after a moment, so that connections are busy.

import { createServer } from 'node:http';

/** Lives as long as the process. */
export function startBackend(): Promise<{ readonly url: string }> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => setTimeout(() => response.end('answer'), 2));
  });
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
