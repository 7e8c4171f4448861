// An agent for tests: says what a process would say, on a clock that the test moves. In: calls. Out: the bytes of batches.

import { Batch } from '../src/record/batch.ts';
import {
  Kind,
  OpenFlag,
  Phase,
  RequestEndFlag,
  StreamEndFlag,
  StreamStartFlag,
} from '../src/record/layout.ts';
import { RecordWriter } from '../src/record/writer.ts';

let nextKey = 1;

/** One process. Times are in µs from 0; `busy` moves the clock with the loop working, `idle` with the loop waiting. */
export class AgentScene {
  readonly #full: Batch[] = [];
  readonly #writer: RecordWriter;
  readonly #key = nextKey++;
  #sequence = 0;
  #nowNs = 0;
  #idleNs = 0;

  constructor(service = 'shop', host = 'here') {
    this.#writer = new RecordWriter({
      next: (full) => {
        if (full !== undefined) this.#full.push(full);
        return new Batch();
      },
      started: () => undefined,
    });
    this.#writer.json(Kind.hello, this.#nowNs, this.#idleNs, {
      pid: 7,
      ppid: 1,
      thread: 0,
      service,
      runtime: 'node',
      version: '20.20.0',
      argv: ['node', 'server.js'],
      cwd: '/app',
      host,
      wallClockMs: 1_000_000,
      monotonicNs: 0,
      hooked: ['net'],
      notVisible: [],
      agent: '0.1.0',
    });
  }

  busy(us: number): this {
    this.#nowNs += us * 1000;
    return this;
  }

  idle(us: number): this {
    this.#nowNs += us * 1000;
    this.#idleNs += us * 1000;
    return this;
  }

  requestStart(
    request: number,
    target = '/',
    options: { method?: string; connection?: number; traceparent?: string; stream?: number } = {},
  ): this {
    const { method = 'GET', connection = 0, traceparent = '', stream = 0 } = options;
    this.#writer.requestStart(
      this.#nowNs,
      this.#idleNs,
      request,
      connection,
      method,
      target,
      'shop',
      traceparent,
      '',
      stream,
    );
    return this;
  }

  requestEnd(
    request: number,
    options: { status?: number; route?: string; aborted?: boolean; openEnd?: boolean } = {},
  ): this {
    const { status = 200, route = '', aborted = false, openEnd = false } = options;
    this.#writer.requestEnd(
      this.#nowNs,
      this.#idleNs,
      (aborted ? RequestEndFlag.aborted : 0) | (openEnd ? RequestEndFlag.openEnd : 0),
      request,
      status,
      this.#nowNs,
      route,
    );
    return this;
  }

  open(
    connection: number,
    options: { host?: string; port?: number; request?: number; call?: number; flags?: number } = {},
  ): this {
    const { host = 'localhost', port = 5432, request = 0, call = 0, flags = 0 } = options;
    const asked = { host, port };
    this.#writer.connectionOpen(this.#nowNs, this.#idleNs, flags, connection, 0, request, call, asked);
    return this;
  }

  connected(connection: number, local: [string, number], remote: [string, number]): this {
    const addresses = {
      localAddress: local[0],
      localPort: local[1],
      remoteAddress: remote[0],
      remotePort: remote[1],
    };
    this.#writer.connectionPhase(this.#nowNs, this.#idleNs, connection, Phase.connected, addresses);
    return this;
  }

  failed(connection: number, code: string): this {
    this.#writer.connectionPhase(this.#nowNs, this.#idleNs, connection, Phase.failed, { code });
    return this;
  }

  accepted(connection: number, local: [string, number], remote: [string, number], wasOpen = false): this {
    const flags = OpenFlag.accepted | (wasOpen ? OpenFlag.alreadyOpen : 0);
    this.#writer.connectionOpen(this.#nowNs, this.#idleNs, flags, connection, 0, 0, 0, {});
    return this.connected(connection, local, remote);
  }

  requestTrace(request: number, traceparent: string): this {
    this.#writer.requestTrace(this.#nowNs, this.#idleNs, request, traceparent);
    return this;
  }

  call(call: number, request: number, callSite = 0): this {
    this.#writer.call(this.#nowNs, this.#idleNs, call, request, callSite);
    return this;
  }

  grant(call: number): this {
    this.#writer.grant(this.#nowNs, this.#idleNs, call);
    return this;
  }

  callSite(id: number, stack: string): this {
    this.#writer.callSite(this.#nowNs, this.#idleNs, id, stack);
    return this;
  }

  write(connection: number, text: string, request = 0, call = 0): this {
    this.#writer.beginWrite(this.#nowNs, this.#idleNs, 0, connection, 1, text.length);
    this.#writer.writeContext(0, request, call);
    this.#writer.writeText(text, 'latin1');
    this.#writer.endWrite();
    return this;
  }

  read(connection: number, text: string): this {
    this.#writer.read(this.#nowNs, this.#idleNs, connection, Buffer.from(text, 'latin1'));
    return this;
  }

  /** A stream of HTTP/2. */
  streamStart(
    stream: number,
    target: string,
    options: {
      method?: string;
      host?: string;
      connection?: number;
      request?: number;
      call?: number;
      id?: number;
      traceparent?: string;
      isGrpc?: boolean;
      timeout?: string;
    } = {},
  ): this {
    const { method = 'GET', host = 'cart:80', connection = 0, request = 0, call = 0, id = 1 } = options;
    const { traceparent = '', isGrpc = false, timeout = '' } = options;
    this.#writer.streamStart(
      this.#nowNs,
      this.#idleNs,
      isGrpc ? StreamStartFlag.grpc : 0,
      stream,
      connection,
      request,
      call,
      id,
      method,
      target,
      host,
      traceparent,
      timeout,
    );
    return this;
  }

  streamAnswer(stream: number, status = 200): this {
    this.#writer.streamAnswer(this.#nowNs, this.#idleNs, stream, status);
    return this;
  }

  /** Its last bytes were handed over and came now; `isCut`: no last byte came. */
  streamEnd(
    stream: number,
    options: { grpcStatus?: number; bytes?: number; reset?: number; error?: string; isCut?: boolean } = {},
  ): this {
    const { grpcStatus = -1, bytes = 0, reset = 0, error = '', isCut = false } = options;
    this.#writer.streamEnd(
      this.#nowNs,
      this.#idleNs,
      grpcStatus < 0 ? 0 : StreamEndFlag.grpcStatus,
      stream,
      Math.max(0, grpcStatus),
      -1,
      isCut ? -1 : this.#nowNs,
      0,
      bytes,
      reset,
      error,
    );
    return this;
  }

  close(connection: number): this {
    this.#writer.close(this.#nowNs, this.#idleNs, 0, connection);
    return this;
  }

  goodbye(payload: object): this {
    this.#writer.json(Kind.goodbye, this.#nowNs, this.#idleNs, payload);
    return this;
  }

  /** Batches lost on the way: the sequence goes on without them. */
  lose(): this {
    this.bytes();
    return this;
  }

  /** Everything said since the last call. */
  bytes(): Buffer {
    const last = this.#writer.take();
    const batches = last === undefined ? this.#full.splice(0) : [...this.#full.splice(0), last];
    for (const batch of batches) batch.seal(this.#key, this.#sequence++, this.#nowNs, 0, 0);
    return Buffer.concat(batches.map((batch) => batch.bytes.subarray(0, batch.length)));
  }
}
