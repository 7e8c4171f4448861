// Records memcached: memjs (binary), and lines of text and meta commands over a plain socket.

import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Client } from 'memjs';
import { record, versioned } from '../proxy.ts';
import { startProgram } from '../servers.ts';

const folder = import.meta.dirname;

async function withMemjs(port: number): Promise<void> {
  const client = Client.create(`127.0.0.1:${port}`);
  await client.set('sess:9f86d081884c7d659a2feaa0c55ad015', 'a secret', { expires: 60 });
  await client.get('sess:9f86d081884c7d659a2feaa0c55ad015');
  await client.get('sess:nothing');
  await client.add('user:42:cart', 'a secret', {});
  await client.add('user:42:cart', 'again', {});
  await client.replace('user:42:cart', 'x'.repeat(5000), {});
  await client.get('user:42:cart');
  await client.increment('visits:1', 1, { initial: 7 });
  await client.increment('user:42:cart', 1, {}).catch(() => undefined);
  await client.append('user:42:cart', 'y');
  await client.touch('user:42:cart', 60);
  await client.delete('user:42:cart');
  await client.delete('user:42:cart');
  await Promise.all([1, 2, 3].map((id) => client.get(`stock:${id}`)));
  await new Promise<void>((resolve) => client.stats(() => resolve()));
  client.close();
}

/** Each is sent when the one before is answered; the last line of its answer ends with the word. */
const SCRIPT: readonly (readonly [text: string, end: string])[] = [
  ['version\r\n', 'VERSION'],
  ['set user:42 0 60 8\r\na secret\r\n', 'STORED'],
  ['get user:42\r\n', 'END'],
  ['get user:41 user:42 user:43\r\n', 'END'],
  ['gets user:42\r\n', 'END'],
  ['cas user:42 0 60 1 999999\r\nx\r\n', 'EXISTS'],
  ['set page:1 0 60 4000\r\n' + 'p'.repeat(4000) + '\r\n', 'STORED'],
  ['get page:1 user:42\r\n', 'END'],
  ['set quiet:1 0 60 1 noreply\r\nx\r\nget quiet:1\r\n', 'END'],
  ['incr user:42 1\r\n', 'CLIENT_ERROR'],
  ['gat 60 user:42\r\n', 'END'],
  ['touch user:42 60\r\n', 'TOUCHED'],
  ['delete user:42\r\n', 'DELETED'],
  ['ms meta:1 8 T60\r\na secret\r\n', 'HD'],
  ['mg meta:1 v t\r\n', 'VA'],
  ['mg meta:1 v k q\r\nmg meta:2 v k q\r\nmn\r\n', 'MN'],
  ['md meta:1\r\n', 'HD'],
  ['ma n:1 N60 J5 v\r\n', 'VA'],
  ['stats\r\n', 'END'],
  ['flush_all\r\n', 'OK'],
];

async function withLines(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  for (const [text, end] of SCRIPT) {
    socket.write(text);
    let answer = '';
    while (!new RegExp(`(^|\\n)${end}.*\\r\\n(.*\\r\\n)?$`).test(answer)) {
      const [bytes] = (await once(socket, 'data')) as [Buffer];
      answer += bytes.toString('latin1');
    }
  }
  socket.end('quit\r\n');
  await once(socket, 'close');
}

export async function recordMemcached(): Promise<void> {
  const args = (port: number): string[] => ['-u', 'nobody', '-l', '127.0.0.1', '-p', String(port), '-U', '0'];
  const server = await startProgram('memcached', args, ['-V']);
  try {
    const birth = { server: server.version };
    await record(join(folder, 'memjs.json'), server.port, { ...birth, client: versioned('memjs'), command: 'withMemjs' }, withMemjs);
    await record(join(folder, 'lines.json'), server.port, { ...birth, client: 'lines over a socket', command: SCRIPT.map(([text]) => text.slice(0, 60)).join('') }, withLines);
  } finally {
    await server.stop();
  }
}
