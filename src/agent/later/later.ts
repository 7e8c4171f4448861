// The part of the agent that few programs need: it lies in the bundle as text, and is compiled when the application has loaded something that it
// is for. In: signs of that. Out: that part installed, once, before the thing is used. Not here: what it does (later-install.ts).

import { onBuiltin } from './builtins.ts';
import type { ConnectionState } from '../connections/connection-state.ts';
import { noteNotVisible } from '../sending/coverage.ts';
import { onNewPrototype } from '../emitter-init.ts';
import type { Exchange } from '../requests/exchange.ts';
import { onFirstWrite } from '../connections/first-write.ts';
import { coreExports, laterSource } from './later-part.ts';
import { onLoadedModule, searchLoadedModules } from '../routes/loaded-modules.ts';

/** The name of this very file: stacks tell the agent's frames by it. */
declare const __filename: string;

/** One name for each class that a recognizer of the later part looks for: a prototype that has it is perhaps one of them. */
export const SIGNS: readonly string[] = [
  'goaway', // sessions of HTTP/2
  'sentTrailers', // their streams
  'addMembership', // dgram
  'handleReadyForQuery', // pg
  'requestSsl',
  '_pulseQueryQueue',
  '_acquireClient',
  '_getPromise',
  '_awaitResult', // pg-native
  'stateName', // mysql2
  'handlePacket',
  '_removeConnection',
  '_implyConnect', // mysql
  '_dequeue',
  'hasErrorHandler',
  'nextSendCmd', // mariadb
  '_hasIdleConnection',
  'throwUnexpectedError',
  'initializePool', // knex
  '_finalizeBody', // got
  'pipeline', // ioredis
  '_executeMulti', // node-redis
  'idleClients',
  'destroySocket',
  'executeIsolated', // node-redis 4
  'writeCommand',
  'PSUBSCRIBE',
  'sendHeartbeat', // amqplib
  'sendOrEnqueue',
  'fulfillRequest', // kafkajs
  'processEachMessage',
  'callProcessJob', // bullmq
  'trimEvents',
  'addTree',
  'completeUpgrade', // ws
  'setSocket',
  'writeSASL', // memjs
  'waitQueueSize', // mongodb
  'getPeer', // grpc-js
];

/** Files of modules without an emitter, as the recognizers of the later part know them. */
export const MODULES = {
  sequelize: '/sequelize-pool/lib/Pool.js',
  elasticsearch: '/@elastic/elasticsearch/lib/Transport.js',
  bluebird: '/bluebird/js/release/bluebird.js',
} as const;

/** The name of the agent's file, as stacks tell it. */
export function agentFile(): string {
  return __filename;
}

/** What the rest of the agent calls in it. */
export interface LaterPart {
  beginStream(stream: unknown, headers: unknown, rawHeaders: unknown): Exchange | undefined;
  noteAddon(module: unknown, file: unknown): void;
  /** Returns what ends it. */
  startProfile(): (() => void) | undefined;
}

/** `undefined` until it is needed, and when it could not be compiled. */
export let laterPart: LaterPart | undefined;
let isLoaded = false;

/** Called by the part itself. */
export function providePart(part: LaterPart): void {
  laterPart = part;
}

/** Before the application's first emitter, once per thread. */
export function installLater(): void {
  onNewPrototype((prototype) => {
    if (!isLoaded && SIGNS.some((name) => name in prototype)) loadLater();
    // Connections of pg, mysql2 and mariadb: by now a pool of Sequelize is loaded if it is used at all.
    if ('_pulseQueryQueue' in prototype || 'handlePacket' in prototype || 'addCommandEnable' in prototype)
      searchLoadedModules();
    return undefined;
  });
  for (const ending of Object.values(MODULES)) onLoadedModule({ ending, found: loadLater });
  onBuiltin('sqlite', loadLater);
  onFirstWrite((_state: ConnectionState, chunk: unknown) => {
    if (!isLoaded && (isNatsLogin(chunk) || isPostgresStartup(chunk))) loadLater();
  });
}

/** Not through the module loader, where the application would see it; a program that forbids to make code of strings allows this. */
export function loadLater(): void {
  if (isLoaded) return;
  isLoaded = true;
  try {
    const { compileFunction } = process.getBuiltinModule('node:vm');
    const install = compileFunction(laterSource(), ['$', 'require'], { filename: __filename });
    Reflect.apply(install, undefined, [coreExports(), process.getBuiltinModule]);
  } catch {
    noteNotVisible('all but the common drivers');
  }
}

const NATS_LOGIN = 'CONNECT {';

/** Codes that stand where a later protocol version would: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const PROTOCOL_3 = 196_608;
const SSL_REQUEST = 80_877_103;

/** Is it the first that a client of Postgres writes? */
export function isPostgresStartup(chunk: unknown): boolean {
  if (!Buffer.isBuffer(chunk) || chunk.length < 8) return false;
  const code = chunk.readInt32BE(4);
  return code === PROTOCOL_3 || code === SSL_REQUEST;
}

/** Is it the first that a client of NATS writes? */
export function isNatsLogin(chunk: unknown): boolean {
  if (!(chunk instanceof Uint8Array)) return false;
  return String.fromCharCode(...chunk.subarray(0, NATS_LOGIN.length)) === NATS_LOGIN;
}
