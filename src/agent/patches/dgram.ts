// UDP: what a socket sends to each of its peers, and what they answer. In: `dgram.Socket`, seen at its first construction. Out: connections,
// writes and reads, one record a datagram. A socket that receives before it has sent anything is a server's, and is left alone.
// Not here: what datagrams mean; Node's own resolver, which does not come here (drivers/resolver.ts).

import { ANSWER_HEAD_BYTES, OpenFlag, READ_HEAD_BYTES } from '../../record/layout.ts';
import { Budget } from '../cost/budget.ts';
import { sampledCall } from '../calls/calls.ts';
import { idleNs, now } from '../clock.ts';
import { nextConnection } from '../connections/connection-state.ts';
import { currentContext, type Context } from '../requests/context.ts';
import { noteHooked, noteNotVisible } from '../sending/coverage.ts';
import { active, guarded } from '../guard.ts';
import { wrap, type AnyMethod, type Method, type Uninstall } from '../hook.ts';
import { epoch, recorder } from '../recorder.ts';
import { Stamped } from '../stamp.ts';

/** Peers of one socket that are told apart; what goes to others is not recorded. */
const PEER_LIMIT = 64;
/** Sent before the socket was bound; beyond it, it is of whoever binds. */
const KEPT_LIMIT = 10_000;
/** Metrics may be sent for everything that happens. 7 µs each, sent and received (Node 20.20, 2026-11): 1.4 % of a core at most. */
const DATAGRAMS_PER_SECOND = 2000;
const budget = new Budget(DATAGRAMS_PER_SECOND, DATAGRAMS_PER_SECOND);

interface Peer {
  readonly connection: number;
  readonly target: string;
  readonly port: number;
  /** In which a collector was told of it (recorder.ts). */
  epoch: number;
}

class UdpSocket {
  isServer = false;
  /** Until it is bound Node keeps what is sent, and then calls `send` again with it. */
  isBound = false;
  /** Who sent what is kept, in order. */
  readonly kept: Context[] = [];
  /** By host and port, as the application names them. */
  readonly peers = new Map<string, Peer>();
}

class UdpStamp extends Stamped {
  #state: UdpSocket = new UdpSocket();

  static of(socket: object): UdpSocket {
    const note = #state in socket ? socket : new UdpStamp(socket);
    return note.#state;
  }
}

interface Address {
  readonly address: string;
  readonly port: number;
}

interface DatagramSocket {
  remoteAddress?(): Address;
}

export function recognizeDatagramSocket(prototype: object): void {
  if ('addMembership' in prototype && 'setMulticastTTL' in prototype && 'send' in prototype)
    installDgram(prototype);
}

/** Patches the prototype of `dgram.Socket`. */
export function installDgram(prototype: object): Uninstall {
  const uninstalls = [wrap(prototype, 'send', sending), wrap(prototype, 'emit', emitting)];
  noteHooked('dgram.Socket');
  return () => {
    for (const uninstall of uninstalls) uninstall();
  };
}

function sending(original: Method): AnyMethod {
  return function send(this: DatagramSocket, ...args: unknown[]): unknown {
    if (active && isObject(this)) guarded(noteSent, this, args);
    return original.apply(this, args);
  };
}

function emitting(original: Method): AnyMethod {
  return function emit(this: DatagramSocket, ...args: unknown[]): unknown {
    if (active && isObject(this)) guarded(noteEvent, this, args);
    return original.apply(this, args);
  };
}

/** `send.call(undefined)` is the application's mistake. */
function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function noteSent(socket: DatagramSocket, args: readonly unknown[]): void {
  const state = UdpStamp.of(socket);
  if (state.isServer) return;
  if (!state.isBound) {
    if (state.kept.length < KEPT_LIMIT) state.kept.push(currentContext());
    return;
  }
  // Called again it has the list of its parts.
  const sender = (Array.isArray(args[0]) ? state.kept.shift() : undefined) ?? currentContext();
  if (recorder === undefined) return;
  const [, offset, length, port] = args;
  // `send(message, offset, length, port, host)`, or without the part: then everything is two places further ahead.
  const hasPart =
    typeof length === 'number' && (typeof port === 'number' || typeof port === 'string' || isConnected(args));
  const peer = hasPart ? peerOf(socket, state, port, args[4]) : peerOf(socket, state, offset, length);
  if (peer === undefined) return;
  const time = now();
  if (!budget.take(time)) return noteNotVisible(`UDP beyond ${DATAGRAMS_PER_SECOND} datagrams a second`);
  const { request, call } = sampledCall(sender, peer.target);
  if (!recorder.beginWrite(time, idleNs(), 0, peer.connection, 1, 0)) return;
  recorder.writeContext(0, request, call);
  const start = typeof offset === 'number' ? offset : 0;
  writeMessage(args[0], hasPart ? start : 0, hasPart ? Number(length) : undefined);
  recorder.endWrite();
}

/** `send(message, offset, length, callback)` */
function isConnected(args: readonly unknown[]): boolean {
  return args.length === 3 || typeof args[3] === 'function';
}

function peerOf(socket: DatagramSocket, state: UdpSocket, port: unknown, host: unknown): Peer | undefined {
  const number = typeof port === 'number' || typeof port === 'string' ? Number(port) : 0;
  if (number > 0)
    return peerNamed(state, typeof host === 'string' && host !== '' ? host : 'localhost', number);
  const [known] = state.peers.values();
  if (known?.epoch === epoch) return known;
  const remote = remoteOf(socket);
  return remote && peerNamed(state, remote.address, remote.port);
}

/** Undefined: it is not connected, and what was sent is refused. */
function remoteOf(socket: DatagramSocket): Address | undefined {
  try {
    return socket.remoteAddress?.();
  } catch {
    return undefined;
  }
}

function peerNamed(state: UdpSocket, host: string, port: number): Peer | undefined {
  const target = `${host}:${port}`;
  const known = state.peers.get(target);
  if (known?.epoch === epoch) return known;
  if (known === undefined && state.peers.size >= PEER_LIMIT) return undefined;
  const peer = known ?? { connection: nextConnection(), target, port, epoch };
  state.peers.set(target, peer);
  peer.epoch = epoch;
  const { request, call } = currentContext();
  const flags = OpenFlag.udp | (known === undefined ? 0 : OpenFlag.alreadyOpen);
  recorder?.connectionOpen(now(), idleNs(), flags, peer.connection, 0, request, call, { host, port });
  return peer;
}

function writeMessage(message: unknown, offset: number, length: number | undefined): void {
  if (Array.isArray(message)) for (const part of message) writeMessage(part, 0, undefined);
  else if (typeof message === 'string') recorder?.writeText(message, 'utf8');
  else if (ArrayBuffer.isView(message)) {
    // `send` refuses what lies outside.
    const start = offset >= 0 && offset <= message.byteLength ? offset : message.byteLength;
    const size = Math.max(0, Math.min(length ?? message.byteLength, message.byteLength - start));
    recorder?.writeBytes(Buffer.from(message.buffer, message.byteOffset + start, size));
  }
}

interface Sender {
  readonly address?: unknown;
  readonly port?: unknown;
}

function noteEvent(socket: DatagramSocket, args: readonly unknown[]): void {
  if (args[0] === 'message') noteReceived(socket, args[1], args[2]);
  else if (args[0] === 'listening') UdpStamp.of(socket).isBound = true;
  else if (args[0] === 'close') noteClosed(socket);
}

function noteReceived(socket: DatagramSocket, message: unknown, sender: unknown): void {
  const state = UdpStamp.of(socket);
  if (state.peers.size === 0) state.isServer = true;
  if (state.isServer || !Buffer.isBuffer(message)) return;
  const peer = senderOf(state, (sender ?? {}) as Sender);
  if (peer === undefined) return;
  const head = message.length > READ_HEAD_BYTES ? ANSWER_HEAD_BYTES : READ_HEAD_BYTES;
  recorder?.read(now(), idleNs(), peer.connection, message, head);
}

/** By address; by port where the application gave a name. */
function senderOf({ peers }: UdpSocket, { address, port }: Sender): Peer | undefined {
  const known = peers.get(`${String(address)}:${String(port)}`);
  if (known !== undefined) return known;
  for (const peer of peers.values()) if (peer.port === port) return peer;
  return undefined;
}

function noteClosed(socket: DatagramSocket): void {
  const { peers } = UdpStamp.of(socket);
  for (const { connection } of peers.values()) recorder?.close(now(), idleNs(), 0, connection);
  peers.clear();
}
