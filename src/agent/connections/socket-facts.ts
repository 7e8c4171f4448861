// Facts about sockets that need a look inside, in one place. In: a socket or the arguments of `connect`. Out: addresses, targets, layers.

import type { Socket } from 'node:net';

/** The fields of Node's sockets that the agent reads; the same on Node 20, 22, 24 and 26. */
export interface InnerSocket extends Socket {
  readonly _handle?: SocketHandle | null;
  readonly _parent?: object | null;
  readonly _httpMessage?: object | null;
  readonly _tlsOptions?: { readonly isServer?: boolean };
  readonly alpnProtocol?: string | false | null;
  readonly getProtocol?: () => string | null;
  readonly isSessionReused?: () => boolean;
}

interface SocketHandle {
  readonly getpeername?: (out: object) => number;
  readonly getsockname?: (out: object) => number;
}

interface Address {
  readonly address?: string;
  readonly port?: number;
}

export interface Addresses {
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
}

/** Asks the handle, not the socket: the socket would remember the answer, and `remoteAddress` would outlive the connection. */
export function addressesOf(socket: InnerSocket): Addresses {
  const local: Address = {};
  const remote: Address = {};
  socket._handle?.getsockname?.(local);
  socket._handle?.getpeername?.(remote);
  return {
    localAddress: plain(local.address),
    localPort: local.port,
    remoteAddress: plain(remote.address),
    remotePort: remote.port,
  };
}

/** The peer of a dual-stack socket is an IPv4 address in disguise; its other end calls it by the plain one. */
function plain(address: string | undefined): string | undefined {
  return address?.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
}

/**
 * Neither connected nor accepted here, and not one of the standard streams: those have no address. Applications call `write` of sockets on
 * whatever they like.
 */
export function isHandedOver(socket: InnerSocket | undefined): boolean {
  try {
    return typeof socket?._handle?.getpeername === 'function';
  } catch {
    return false;
  }
}

/** Pipes between a runner and the application's process: tsx reports loaded files through one. */
export function isToolPipe(path: string | undefined): boolean {
  return path !== undefined && /\/tsx-\d+\/\d+\.pipe$/.test(path);
}

export interface Target {
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly path: string | undefined;
}

const UNKNOWN: Target = { host: undefined, port: undefined, path: undefined };

/**
 * What `connect(options)`, `connect(port, host)`, `connect(path)` and the list `net.connect` passes on ask for. The application may pass
 * what `connect` is going to refuse: symbols, getters that throw.
 */
export function targetOf(args: readonly unknown[]): Target {
  try {
    return targetOfArguments(args);
  } catch {
    return UNKNOWN;
  }
}

function targetOfArguments(args: readonly unknown[]): Target {
  const first = Array.isArray(args[0]) ? (args[0][0] as unknown) : args[0];
  if (typeof first === 'object' && first !== null) return targetOfOptions(first);
  const isPath = typeof first === 'string' && !(Number(first) >= 0);
  return {
    host: typeof args[1] === 'string' && !isPath ? args[1] : undefined,
    port: isPath ? undefined : Number(first),
    path: isPath ? first : undefined,
  };
}

function targetOfOptions(options: {
  readonly host?: unknown;
  readonly port?: unknown;
  readonly path?: unknown;
}): Target {
  const path = typeof options.path === 'string' && options.path !== '' ? options.path : undefined;
  return {
    host: typeof options.host === 'string' && path === undefined ? options.host : undefined,
    port: options.port === undefined || path !== undefined ? undefined : Number(options.port),
    path,
  };
}

/** Node's own field of sockets; the same on Node 20 to 26. */
let bufferField: symbol | undefined;

/** The application reads into a buffer of its own (`onread`): what comes in passes by all of JavaScript that could be patched. */
export function isRawRead(socket: object): boolean {
  bufferField ??= Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'kBuffer');
  return bufferField !== undefined && Boolean(Reflect.get(socket, bufferField));
}

export function isTls(socket: InnerSocket): boolean {
  return typeof socket.getProtocol === 'function';
}

/** The socket a TLS socket was put upon, if any. */
export function tlsCarrier(socket: InnerSocket): object | undefined {
  return socket._parent ?? undefined;
}

interface Http2Session {
  readonly socket?: { removeListener(name: string, listener: () => void): unknown };
}

const NOBODY = (): void => undefined;

/** The socket itself: `session.socket` is a proxy, whose methods work on the socket. Removing what is not there answers it, and does nothing else. */
export function socketOfSession(session: Http2Session): InnerSocket | undefined {
  const socket = session.socket?.removeListener('wiretime', NOBODY);
  return typeof socket === 'object' && socket !== null ? (socket as InnerSocket) : undefined;
}
