// The facts of the golden batch, and how the Node writer says them. In: nothing. Out: facts for batch.json, bytes for batch.bin.

import { Batch } from '../../src/record/batch.ts';
import {
  ANSWER_HEAD_BYTES, CloseFlag, Kind, OpenFlag, Phase, READ_HEAD_BYTES, RequestEndFlag, StreamEndFlag, StreamStartFlag, WriteFlag } from '../../src/record/layout.ts';
import { RecordWriter } from '../../src/record/writer.ts';

export const HEADER = {
  processKey: 1234567890123456,
  sequence: 7,
  time: 5000000000,
  droppedRecords: 3,
  droppedBytes: 4096,
};

/** n bytes that no mistake in an offset leaves unnoticed. */
export function fill(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, index) => (index * 7 + 3) % 256));
}

interface Base {
  readonly time: number;
  readonly idle: number;
}

export type Fact = Base &
  (
    | {
        /** Of gRPC, on a connection that nobody sees. */
        readonly kind: 'streamStart';
        readonly stream: number;
        readonly request: number;
        readonly call: number;
        /** Method, target, host, traceparent, timeout. */
        readonly texts: readonly [string, string, string, string, string];
      }
    | { readonly kind: 'streamEnd'; readonly stream: number; readonly grpcStatus: number }
    | { readonly kind: 'json'; readonly number: number; readonly payload: object }
    | {
        readonly kind: 'connectionOpen';
        readonly flags: number;
        readonly connection: number;
        readonly over: number;
        readonly request: number;
        readonly call: number;
        readonly payload: object;
      }
    | {
        readonly kind: 'connectionPhase';
        readonly connection: number;
        readonly phase: number;
        readonly payload: object;
      }
    | { readonly kind: 'close'; readonly flags: number; readonly connection: number }
    | {
        readonly kind: 'write';
        readonly flags: number;
        readonly connection: number;
        readonly contexts: readonly (readonly [number, number, number])[];
        readonly chunks: readonly Chunk[];
      }
    | {
        readonly kind: 'read';
        readonly connection: number;
        readonly chunk: Chunk;
        /** The first read after a write. */
        readonly isAnswer?: true;
      }
    | {
        readonly kind: 'requestStart';
        readonly request: number;
        readonly connection: number;
        readonly texts: readonly [string, string, string, string, string];
      }
    | {
        readonly kind: 'requestEnd';
        readonly flags: number;
        readonly request: number;
        readonly status: number;
        readonly firstByte: number;
        readonly route: string;
      }
    | { readonly kind: 'call'; readonly call: number; readonly request: number; readonly callSite: number }
    | { readonly kind: 'grant'; readonly call: number }
    | { readonly kind: 'callSite'; readonly callSite: number; readonly stack: string }
    | { readonly kind: 'gc'; readonly durationNs: number; readonly gcKind: number }
  );

export type Chunk =
  | { readonly fill: number }
  | { readonly text: string; readonly encoding: 'utf8' | 'latin1' };

const HELLO = {
  pid: 4711,
  ppid: 1,
  thread: 0,
  service: 'größe',
  runtime: 'node',
  version: '20.20.0',
  argv: ['node', 'server.js'],
  cwd: '/app',
  host: 'here',
  wallClockMs: 1795613836972,
  monotonicNs: 1000,
  hooked: ['net.Socket'],
  notVisible: [],
  agent: '0.1.0',
};

export const FACTS: readonly Fact[] = [
  { kind: 'json', number: Kind.hello, time: 1000, idle: -1, payload: HELLO },
  {
    kind: 'connectionOpen',
    time: 1001.5,
    idle: 10,
    flags: OpenFlag.tls | OpenFlag.unix,
    connection: 1,
    over: 0,
    request: 4294967295,
    call: 9,
    payload: { path: '/run/x.sock' },
  },
  {
    kind: 'connectionPhase',
    time: 1002,
    idle: 10,
    connection: 1,
    phase: Phase.connected,
    payload: {
      localAddress: '127.0.0.1',
      localPort: 40000,
      remoteAddress: '127.0.0.1',
      remotePort: 5432,
    },
  },
  {
    kind: 'requestStart',
    time: 1003,
    idle: 11,
    request: 1,
    connection: 2,
    texts: ['GET', '/größe?a=1', 'localhost:80', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', ''],
  },
  { kind: 'callSite', time: 1004, idle: 11, callSite: 1, stack: '/app/a.js:10:3 load\n/app/a.js:20:1' },
  { kind: 'call', time: 1004, idle: 11, call: 1, request: 1, callSite: 1 },
  { kind: 'grant', time: 1005, idle: 12, call: 1 },
  {
    kind: 'write',
    time: 1006,
    idle: 12,
    flags: 0,
    connection: 1,
    contexts: [[0, 1, 1]],
    chunks: [{ text: 'SELECT é', encoding: 'utf8' }],
  },
  {
    kind: 'write',
    time: 1007,
    idle: 12,
    flags: 0,
    connection: 1,
    contexts: [
      [0, 1, 1],
      [16000, 2, 0],
    ],
    chunks: [{ fill: 16000 }, { text: 'x'.repeat(500), encoding: 'latin1' }, { fill: 1 }],
  },
  {
    kind: 'write',
    time: 1008,
    idle: 12,
    flags: WriteFlag.orderedContexts,
    connection: 1,
    contexts: [
      [0, 1, 1],
      [0, 4294967295, 0],
      [0, 0, 0],
    ],
    chunks: [{ fill: 3 }],
  },
  { kind: 'read', time: 1009, idle: 13, connection: 1, chunk: { fill: 5 } },
  { kind: 'read', time: 1010, idle: 13, connection: 1, chunk: { fill: 576 } },
  { kind: 'read', time: 1011, idle: 13, connection: 1, chunk: { fill: 577 } },
  { kind: 'read', time: 1011, idle: 13, connection: 1, chunk: { fill: 2112 }, isAnswer: true },
  { kind: 'read', time: 1011, idle: 13, connection: 1, chunk: { fill: 2113 }, isAnswer: true },
  {
    kind: 'requestEnd',
    time: 1012,
    idle: 14,
    flags: 0,
    request: 1,
    status: 200,
    firstByte: 1011.5,
    route: '/:name',
  },
  {
    kind: 'requestEnd',
    time: 1013,
    idle: 14,
    flags: RequestEndFlag.aborted,
    request: 2,
    status: 0,
    firstByte: -1,
    route: '',
  },
  { kind: 'gc', time: 900, idle: 9, durationNs: 1500000, gcKind: 1 },
  { kind: 'close', time: 1014, idle: 15, flags: CloseFlag.error, connection: 1 },
  { kind: 'json', number: Kind.goodbye, time: 1015, idle: 15, payload: { reason: 'exit' } },
  {
    kind: 'streamStart',
    time: 1016,
    idle: 15,
    stream: 3,
    request: 1,
    call: 4,
    texts: ['POST', '/shop.Cart/Get', 'cart:50051', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', ''],
  },
  { kind: 'streamEnd', time: 1017, idle: 15, stream: 3, grpcStatus: 5 },
];

/** The golden batch as the Node writer makes it. */
export function goldenBatch(): Uint8Array {
  const batch = new Batch();
  const writer = new RecordWriter({ next: () => batch, started: () => undefined });
  // Memory that was used before must not shine through the padding.
  batch.bytes.fill(0xff);
  for (const fact of FACTS) say(writer, fact);
  batch.seal(HEADER.processKey, HEADER.sequence, HEADER.time, HEADER.droppedRecords, HEADER.droppedBytes);
  return batch.bytes.subarray(0, batch.length);
}

/** One fact in the words of the writer. */
function say(writer: RecordWriter, fact: Fact): void {
  const { time, idle } = fact;
  switch (fact.kind) {
    case 'json':
      return writer.json(fact.number, time, idle, fact.payload);
    case 'connectionOpen':
      return void writer.connectionOpen(
        time,
        idle,
        fact.flags,
        fact.connection,
        fact.over,
        fact.request,
        fact.call,
        fact.payload,
      );
    case 'connectionPhase':
      return writer.connectionPhase(time, idle, fact.connection, fact.phase, fact.payload);
    case 'close':
      return writer.close(time, idle, fact.flags, fact.connection);
    case 'write':
      return sayWrite(writer, fact);
    case 'read':
      return writer.read(
        time,
        idle,
        fact.connection,
        bytesOf(fact.chunk),
        fact.isAnswer === true ? ANSWER_HEAD_BYTES : READ_HEAD_BYTES,
      );
    case 'requestStart':
      return writer.requestStart(time, idle, fact.request, fact.connection, ...fact.texts);
    case 'requestEnd':
      return writer.requestEnd(
        time,
        idle,
        fact.flags,
        fact.request,
        fact.status,
        fact.firstByte,
        fact.route,
      );
    case 'call':
      return writer.call(time, idle, fact.call, fact.request, fact.callSite);
    case 'grant':
      return writer.grant(time, idle, fact.call);
    case 'callSite':
      return writer.callSite(time, idle, fact.callSite, fact.stack);
    case 'gc':
      return writer.gc(time, idle, fact.durationNs, fact.gcKind);
    case 'streamStart': {
      const { stream, request, call, texts } = fact;
      return writer.streamStart(time, idle, StreamStartFlag.grpc, stream, 0, request, call, 0, ...texts);
    }
    case 'streamEnd':
      return writer.streamEnd(
        time,
        idle,
        StreamEndFlag.grpcStatus,
        fact.stream,
        fact.grpcStatus,
        -1,
        -1,
        0,
        0,
        0,
        '',
      );
  }
}

function sayWrite(writer: RecordWriter, fact: Fact & { readonly kind: 'write' }): void {
  const { time, idle, flags, connection, contexts, chunks } = fact;
  writer.beginWrite(time, idle, flags, connection, contexts.length, 0);
  for (const context of contexts) writer.writeContext(...context);
  for (const chunk of chunks)
    if ('text' in chunk) writer.writeText(chunk.text, chunk.encoding);
    else writer.writeBytes(fill(chunk.fill));
  writer.endWrite();
}

function bytesOf(chunk: Chunk): Buffer {
  return 'text' in chunk ? Buffer.from(chunk.text, chunk.encoding) : fill(chunk.fill);
}
