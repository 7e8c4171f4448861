// The servers once more, over TLS. In: their ports. Out: ports at which TLS is spoken, passed on to them byte for byte.
// PostgreSQL speaks TLS on its own port, when it is asked for; so does MariaDB.

import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:https';
import { connect, type AddressInfo, type Server } from 'node:net';
import { resolve } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { WebSocketServer } from 'ws';

/** Key and certificate of localhost and 127.0.0.1, which vouches for itself. */
export const CERTIFICATE = resolve(import.meta.dirname, '../../test/agent/apps/localhost.pem');
const pem = readFileSync(CERTIFICATE);

/** Answers after a moment, so that connections are busy. */
const DELAY_MS = 2;

export interface Secure {
  /** Path of the certificate. */
  readonly certificate: string;
  readonly https: string;
  /** By name of a server. */
  readonly ports: Readonly<Record<string, number>>;
}

/** Live as long as the process. */
export async function startSecure(ports: Readonly<Record<string, number | undefined>>): Promise<Secure> {
  const started: [string, number][] = [];
  for (const [name, port] of Object.entries(ports))
    if (port !== undefined)
      started.push([name, await portOf(createServer({ key: pem, cert: pem }, passTo(port)))]);
  const web = createHttpServer({ key: pem, cert: pem }, (request, response) => {
    request.resume().on('end', () => setTimeout(() => response.end('answer'), DELAY_MS));
  });
  const sockets = new WebSocketServer({ server: web });
  sockets.on('connection', (socket) => socket.on('message', (message) => socket.send(message)));
  return {
    certificate: CERTIFICATE,
    https: `https://localhost:${await portOf(web)}`,
    ports: Object.fromEntries(started),
  };
}

function passTo(port: number): (socket: TLSSocket) => void {
  return (socket) => {
    const server = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [socket, server],
      [server, socket],
    ] as const)
      from.on('error', () => to.destroy()).on('close', () => to.destroy());
    socket.pipe(server).pipe(socket);
  };
}

function portOf(server: Server): Promise<number> {
  server.unref();
  return new Promise((done) => {
    server.listen(0, () => done((server.address() as AddressInfo).port));
  });
}
