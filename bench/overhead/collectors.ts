// The other ends of the tracers: they accept, and count, so that a tracer that did nothing is found out. In: what tracers send.
// Out: counts; for wiretime, on demand, whether each operation was given to the request that caused it.

import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { RecordReader } from '../../src/record/reader.ts';
import type { RecordHandler } from '../../src/record/record-handler.ts';
import { BATCH_HEADER_BYTES, Kind, RECORD_HEADER_BYTES } from '../../src/record/layout.ts';
import { spansOf, type Span } from './spans.ts';

/** Not within the letters of a password's proof (SCRAM), where one of a few thousand connections has one by chance. */
const MARKS = /(?<![\w+/])m\d+m(?![\w+/=])/g;

/** Of wiretime. Counts ended requests without decoding anything; with `isChecking`, decodes. */
export class Collector {
  ends = 0;
  /** Records that agents could not send. */
  dropped = 0;
  isChecking = false;
  /** By process: what its agent said that it had taken, µs, when so many of its requests had ended. */
  readonly told = new Map<number, { readonly ends: number; readonly ownUs: number }[]>();
  readonly #server: Server;
  readonly #marks = new Map<string, { own: number; foreign: number }>();

  constructor(path: string) {
    this.#server = createServer((socket) => {
      let kept: Buffer = Buffer.alloc(0);
      const targets = new Map<number, string>();
      const reader = new RecordReader(() => this.#handler(targets));
      const stream = { pid: 0, ends: 0 };
      socket.on('data', (chunk) => {
        kept = this.#batches(kept.length === 0 ? chunk : Buffer.concat([kept, chunk]), reader, stream);
      });
      socket.on('error', () => undefined);
    }).listen(path);
  }

  close(): void {
    this.#server.close();
  }

  /** The share of `count` requests that have exactly `operations` operations, all their own. Marks are m0m, m1m … */
  exactShare(count: number, operations: number): number {
    const found = [...this.#marks.values()];
    return found.filter(({ own, foreign }) => own === operations && foreign === 0).length / count;
  }

  /** What is left when all whole batches are taken. */
  #batches(bytes: Buffer, reader: RecordReader, stream: Stream): Buffer {
    let rest = bytes;
    while (rest.length >= BATCH_HEADER_BYTES && rest.length >= rest.readUInt32LE(8)) {
      const length = rest.readUInt32LE(8);
      this.dropped += rest.readUInt32LE(32);
      for (let at = BATCH_HEADER_BYTES; at < length; at += rest.readUInt32LE(at))
        this.#count(rest.readUInt16LE(at + 4), rest.subarray(at + RECORD_HEADER_BYTES), stream);
      if (this.isChecking) reader.feed(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
    return rest;
  }

  #count(kind: number, body: Buffer, stream: Stream): void {
    if (kind === Kind.requestEnd) {
      this.ends++;
      stream.ends++;
    } else if (kind === Kind.hello) stream.pid = Number(payloadOf(body).pid);
    else if (kind === Kind.stats) {
      const { pid, ends } = stream;
      const told = this.told.get(pid) ?? [];
      this.told.set(pid, told);
      told.push({ ends, ownUs: Number(payloadOf(body).ownCpuUs) });
    }
  }

  /** What the agent of a process said that it took for a request, µs, after it had said `from` such things; NaN when it said less than two. */
  ownUsPerRequest(pid: number | undefined, from: number): number {
    const told = this.told.get(pid ?? 0)?.slice(from) ?? [];
    const [first, last] = [told[0], told.at(-1)];
    if (first === undefined || last === undefined || last.ends === first.ends) return Number.NaN;
    return (last.ownUs - first.ownUs) / (last.ends - first.ends);
  }

  #handler(targets: Map<number, string>): RecordHandler {
    const nothing = (): void => undefined;
    return {
      batch: nothing,
      moment: nothing,
      hello: nothing,
      connectionOpen: nothing,
      read: nothing,
      connectionPhase: nothing,
      close: nothing,
      requestEnd: nothing,
      call: nothing,
      grant: nothing,
      callSite: nothing,
      gc: nothing,
      stats: nothing,
      driverOperation: ({ request, statement }) => {
        const mark = /m\d+m/.exec(statement)?.[0];
        if (mark !== undefined) this.#note(mark, targets.get(request) === mark);
      },
      goodbye: nothing,
      requestStart: (request, _connection, { target }) => {
        targets.set(request, /m\d+m/.exec(target)?.[0] ?? '');
      },
      write: (_connection, _size, bytes, contexts) => {
        const text = Buffer.from(bytes).toString('latin1');
        let index = 0;
        for (const { 0: mark, index: at } of text.matchAll(MARKS)) {
          while (!contexts.isOrdered && index + 1 < contexts.count && contexts.offset(index + 1) <= at)
            index++;
          this.#note(mark, targets.get(contexts.request(contexts.isOrdered ? index++ : index)) === mark);
        }
      },
    };
  }

  /** Operations of all requests so far, while checking. */
  get operations(): number {
    return [...this.#marks.values()].reduce((sum, { own, foreign }) => sum + own + foreign, 0);
  }

  /** Before another check. */
  forget(): void {
    this.#marks.clear();
  }

  #note(mark: string, isOwn: boolean): void {
    const found = this.#marks.get(mark) ?? { own: 0, foreign: 0 };
    this.#marks.set(mark, found);
    if (isOwn) found.own++;
    else found.foreign++;
  }
}

interface Stream {
  pid: number;
  ends: number;
}

/** JSON behind its length. */
function payloadOf(body: Buffer): { readonly pid?: unknown; readonly ownCpuUs?: unknown } {
  return JSON.parse(body.toString('utf8', 4, 4 + body.readUInt32LE(0)));
}

/** Of anything that sends bytes: the floor. */
export class ByteCounter {
  bytes = 0;
  readonly #server: Server;

  constructor(path: string) {
    this.#server = createServer((socket) => {
      socket.on('data', (chunk) => (this.bytes += chunk.length));
      socket.on('error', () => undefined);
    }).listen(path);
  }

  close(): void {
    this.#server.close();
  }
}

/** Of tracers that send over HTTP. Counts bytes; with `isChecking` it keeps the spans. */
export class SpanSink {
  bytes = 0;
  port = 0;
  isChecking = false;
  spans: Span[] = [];
  readonly #server = createHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length;
      if (this.isChecking) chunks.push(chunk);
    });
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      const { 'content-type': type = '', 'content-encoding': encoding = '' } = request.headers;
      if (this.isChecking && chunks.length > 0)
        this.spans.push(...spansOf(Buffer.concat(chunks), type, encoding));
    });
  });

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
