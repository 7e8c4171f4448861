// The application, in TypeScript: compiled, its lines are others. `/request/17` asks the database four times; `/stop` ends the process with code 3.
import { appendFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';

interface Asked {
  readonly tag: string;
  readonly times?: number;
}

type Answer = Promise<void>;

const pool = new pg.Pool({ connectionString: process.env['WAYS_DATABASE'], max: 2 });

async function ask({ tag }: Asked): Answer {
  await pool.query('select $1::text', [tag]); /* call */
}

async function answer({ url = '' }: IncomingMessage, response: ServerResponse): Promise<unknown> {
  if (url === '/stop') return response.end('stopping', () => process.exit(3));
  const tag = `RQ${url.split('/').at(-1)}Q`;
  await ask({ tag });
  await ask({ tag });
  await Promise.all([ask({ tag }), ask({ tag })]);
  return response.end('ok');
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    response.statusCode = 500;
    response.end(String(error));
  });
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  appendFileSync(process.env['WAYS_PORTS'] ?? '', `${port}\n`);
});
