// What one run of the backend under test told the collector. In: records. Out: writes with their contexts, calls, grants and call sites,
// copied, in order. Knows nothing of drivers and markers.

import type { Nanos } from '../../src/base/time.ts';
import type { RecordHandler, RequestTexts } from '../../src/record/record-handler.ts';
import type { StreamHandler } from '../../src/record/stream-facts.ts';
import type { WriteContexts } from '../../src/record/write-contexts.ts';

export interface ContextEntry {
  readonly offset: number;
  readonly request: number;
  readonly call: number;
}

export interface Write {
  readonly connection: number;
  readonly time: Nanos;
  readonly bytes: string;
  readonly isOrdered: boolean;
  readonly contexts: readonly ContextEntry[];
}

export interface Call {
  readonly time: Nanos;
  readonly request: number;
  readonly callSite: number;
  granted: Nanos | undefined;
}

export class Recording implements RecordHandler {
  readonly writes: Write[] = [];
  readonly calls = new Map<number, Call>();
  readonly callSites = new Map<number, string>();
  readonly targets = new Map<number, string>();
  /** By connection: the request and call that opened it. */
  readonly opened = new Map<number, ContextEntry>();
  /** How the process was started. */
  argv: readonly string[] = [];
  /** And where. */
  cwd = '';
  readonly notVisible = new Set<string>();
  /** What was lost or went wrong on the way; a run with any of it proves nothing. */
  readonly losses: string[] = [];
  #time = 0 as Nanos;

  batch(droppedRecords: number, droppedBytes: number, lostBatches: number): void {
    if (droppedRecords + droppedBytes + lostBatches === 0) return;
    this.losses.push(`${droppedRecords} records, ${droppedBytes} bytes, ${lostBatches} batches dropped`);
  }

  moment(time: Nanos): void {
    this.#time = time;
  }

  hello(payload: unknown): void {
    const { argv, cwd }: { readonly argv?: unknown; readonly cwd?: unknown } = Object(payload);
    if (Array.isArray(argv)) this.argv = argv.map(String);
    this.cwd = String(cwd);
    this.#noteNotVisible(payload);
  }

  stats(payload: unknown): void {
    this.#noteNotVisible(payload);
  }

  #noteNotVisible(payload: unknown): void {
    const names: unknown = Object(payload).notVisible;
    if (Array.isArray(names)) for (const name of names) this.notVisible.add(String(name));
  }

  connectionOpen(connection: number, _flags: number, _over: number, request: number, call: number): void {
    this.opened.set(connection, { offset: 0, request, call });
  }

  write(connection: number, _size: number, bytes: Uint8Array, contexts: WriteContexts): void {
    this.writes.push({
      connection,
      time: this.#time,
      bytes: Buffer.from(bytes).toString('latin1'),
      isOrdered: contexts.isOrdered,
      contexts: Array.from({ length: contexts.count }, (_, index) => ({
        offset: contexts.offset(index),
        request: contexts.request(index),
        call: contexts.call(index),
      })),
    });
  }

  /** A stream of HTTP/2 is like the write of its head: the marker is in its path. */
  readonly streams: StreamHandler = {
    started: ({ connection, target, request, call }) =>
      this.writes.push({
        connection,
        time: this.#time,
        bytes: target,
        isOrdered: false,
        contexts: [{ offset: 0, request, call }],
      }),
    answered: () => undefined,
    ended: () => undefined,
  };

  requestStart(request: number, _connection: number, texts: RequestTexts): void {
    this.targets.set(request, texts.target);
  }

  call(call: number, request: number, callSite: number): void {
    const known = this.calls.get(call);
    this.calls.set(
      call,
      known === undefined
        ? { time: this.#time, request, callSite, granted: undefined }
        : { ...known, callSite },
    );
  }

  grant(call: number): void {
    const known = this.calls.get(call);
    if (known !== undefined) known.granted ??= this.#time;
  }

  callSite(callSite: number, stack: string): void {
    this.callSites.set(callSite, stack);
  }

  goodbye(payload: unknown): void {
    const { reason, error } = Object(payload);
    if (reason !== 'exit') this.losses.push(`agent disabled: ${error ?? reason}`);
  }

  read(): void {}
  connectionPhase(): void {}
  close(): void {}
  requestEnd(): void {}
  gc(): void {}
  driverOperation(): void {}
}
