// Listens. In: answers and where to listen. Out: an address, and how to stop.
// Not here: what is answered (routes.ts).

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Answers } from '../answer/answers.ts';
import { isLoopback } from './guard.ts';
import { defaultUiFolder } from './pages.ts';
import { createApp } from './routes.ts';

export interface ServerOptions {
  readonly answers: Answers;
  /** Default 127.0.0.1. Anything that other machines can reach needs a token. */
  readonly host?: string;
  /** Default 7717; when taken, the next free one of the following 20. 0: any. */
  readonly port?: number;
  readonly token?: string;
  /** Default dist/ui. */
  readonly uiFolder?: string;
  /** ms since 1970; for tests. */
  readonly now?: () => number;
}

export interface RunningServer {
  /** For a browser on this machine; with the token when there is one. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const DEFAULT_PORT = 7717;
const PORTS_TRIED = 20;

/** Starts to listen. Throws with a sentence for the user when it may not, or when no port is free. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const host = options.host ?? '127.0.0.1';
  const loopbackOnly = isLoopback(host);
  if (!loopbackOnly && !options.token)
    throw new Error(`Other machines could read everything on ${host}: give a token, or listen on 127.0.0.1.`);
  const { app, live } = createApp({
    answers: options.answers,
    uiFolder: options.uiFolder ?? defaultUiFolder(),
    loopbackOnly,
    token: options.token,
    now: options.now ?? Date.now,
  });
  // Never undefined here: without `createServer`, the adaptor makes a plain node:http server.
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;
  const port = await listenNear(server, options.port ?? DEFAULT_PORT, host);
  return { url: address(host, port, options.token), port, close: () => close(server, live) };
}

async function listenNear(server: Server, wanted: number, host: string): Promise<number> {
  for (let port = wanted; port < wanted + PORTS_TRIED; port++) {
    const got = await listen(server, port, host);
    if (got !== undefined) return got;
  }
  throw new Error(`No free port between ${wanted} and ${wanted + PORTS_TRIED - 1} on ${host}.`);
}

/** The port, or undefined when it is taken. */
function listen(server: Server, port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => {
      server.off('listening', onListening);
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(new Error(`Cannot listen on ${host}:${port}: ${error.message}`, { cause: error }));
    };
    const onListening = () => {
      server.off('error', onError);
      resolve((server.address() as AddressInfo).port);
    };
    server.once('error', onError).once('listening', onListening).listen(port, host);
  });
}

function address(host: string, port: number, token: string | undefined): string {
  const name = host === '127.0.0.1' || host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  const base = `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
  return token === undefined ? base : `${base}/?token=${encodeURIComponent(token)}`;
}

/** Open event streams would keep it alive for ever. */
function close(server: Server, live: { close(): void }): Promise<void> {
  live.close();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
