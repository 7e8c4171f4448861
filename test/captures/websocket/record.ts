// Records WebSocket: the client `ws` against its server, with and without compression. It begins as HTTP, so its bytes are kept there.

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { WebSocket, WebSocketServer } from 'ws';
import { record, versioned } from '../proxy.ts';

const folder = join(import.meta.dirname, '../http');

async function talk(port: number, perMessageDeflate: boolean): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/news/42?token=secret`, { perMessageDeflate });
  await once(socket, 'open');
  for (const size of [1, 20, 300, 5000, 70_000]) {
    socket.send('a secret '.repeat(size / 9 + 1));
    await once(socket, 'message');
  }
  socket.ping();
  await once(socket, 'pong');
  socket.send('a secret in ', { fin: false });
  socket.send('two frames', { fin: true });
  await once(socket, 'message');
  socket.close();
  await once(socket, 'close');
}

export async function recordWebsocket(): Promise<void> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: { threshold: 100 } });
  server.on('connection', (socket) => socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })));
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const birth = { server: versioned('ws'), client: versioned('ws'), command: 'talk' };
  await record(join(folder, 'ws.json'), port, birth, (at) => talk(at, false));
  await record(join(folder, 'ws-compressed.json'), port, birth, (at) => talk(at, true));
  await new Promise((resolve) => server.close(resolve));
}
