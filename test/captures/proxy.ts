// Records what a client and a real server say to each other. In: a port to forward to. Out: a port for the client, and the bytes of
// each connection as they came. Used by record.ts; the tests read what it wrote.

import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Side } from '../../src/protocol/contract.ts';

/** One chunk: who sent it and its bytes in base64. */
export type CapturedChunk = readonly [from: Side, bytes: string];

/** Real bytes with their birth certificate. */
export interface Capture {
  readonly server: string;
  readonly client: string;
  /** What the client was told to do. */
  readonly command: string;
  readonly recordedBy: string;
  readonly date: string;
  readonly connections: readonly (readonly CapturedChunk[])[];
}

export interface Recording {
  readonly port: number;
  /** Ends the proxy and returns what was said on each connection. */
  stop(): Promise<CapturedChunk[][]>;
}

/** Listens on a port of the loopback (0: a free one) and forwards every connection to `to`. */
export async function startRecording(to: number, at = 0): Promise<Recording> {
  const connections: CapturedChunk[][] = [];
  const sockets: Socket[] = [];
  const proxy = createServer((client) => {
    const chunks: CapturedChunk[] = [];
    connections.push(chunks);
    const server = connect(to, '127.0.0.1');
    sockets.push(client, server);
    forward(client, server, 'client', chunks);
    forward(server, client, 'server', chunks);
  });
  await new Promise<void>((resolve) => proxy.listen(at, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  return {
    port,
    async stop() {
      await Promise.all(sockets.map((socket) => (socket.destroyed ? undefined : new Promise((resolve) => socket.once('close', resolve).destroy()))));
      await new Promise((resolve) => proxy.close(resolve));
      return connections;
    },
  };
}

function forward(from: Socket, to: Socket, side: Side, chunks: CapturedChunk[]): void {
  from.on('data', (bytes: Buffer) => {
    chunks.push([side, bytes.toString('base64')]);
    to.write(bytes);
  });
  from.on('end', () => to.end());
  from.on('error', () => to.destroy());
}

/** Records `run` through a proxy to `to` and writes the capture to `file`. `at`: where the proxy listens, for servers that tell clients. */
export async function record(
  file: string,
  to: number,
  birth: { readonly server: string; readonly client: string; readonly command: string },
  run: (port: number) => Promise<void>,
  at = 0,
): Promise<void> {
  const recording = await startRecording(to, at);
  await run(recording.port);
  const connections = await recording.stop();
  const capture: Capture = {
    ...birth,
    recordedBy: 'test/captures/record.ts',
    date: new Date().toISOString().slice(0, 10),
    connections,
  };
  writeFileSync(file, `${JSON.stringify(capture, undefined, 1)}\n`);
  console.log(`${file}: ${connections.length} connections, ${connections.flat().length} chunks`);
}

/** Name and version of an installed package, and of Node. */
export function versioned(name: string): string {
  const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string };
  return `${name} ${version}, Node ${process.version}`;
}
