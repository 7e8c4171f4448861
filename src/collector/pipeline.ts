// The way of the data on one page:
//   a stream of an agent → records (record/reader.ts)
//     → connections (connection/connection.ts) → messages → operations (protocol/driver.ts)
//       → requests (trace/) → where their time went (analysis/time/breakdown.ts)
//         → rows and sums (assemble.ts, rollups.ts) → the store (store/)
// In: bytes of agents, ticks. Out: batches for the store, and what is known right now.

import { ensure } from '../base/assert.ts';
import type { CounterRow } from '../model/row.ts';
import { RecordReader } from '../record/reader.ts';
import type { Batch, LastIds } from '../store/store.ts';
import type { CounterName } from './counters.ts';
import { decodeCounterEntries } from './decode-counters.ts';
import { ProcessFlow } from './process-flow.ts';
import { Shared } from './shared.ts';

/** One stream of bytes from an agent. */
export interface AgentStream {
  feed(bytes: Uint8Array): void;
  /** The stream ended; its process may come back with another. */
  end(): void;
}

interface Known {
  readonly flow: ProcessFlow;
  /** Streams open now: a process that reconnects may have two for a moment. */
  streams: number;
  /** Tick in which its last stream ended. */
  leftAtTick: number;
}

/** A process whose stream ended may reconnect within 3 s; then it is gone. */
const REJOIN_TICKS = 12;

export class Pipeline {
  readonly #shared: Shared;
  readonly #byKey = new Map<number, Known>();
  readonly #byId = new Map<number, ProcessFlow>();
  /** Of the streams that are open. */
  readonly #readers = new Set<RecordReader>();
  /** Counters belong to this session of the collector, not to a process: they are kept under the first process id it gives. */
  readonly #session: number;

  constructor(lastIds: LastIds) {
    this.#session = lastIds.process + 1;
    this.#shared = new Shared(lastIds, (live) =>
      ensure(this.#byId.get(live.process), 'process').assemble(live),
    );
  }

  open(): AgentStream {
    const { counters } = this.#shared;
    let known: Known | undefined;
    const reader = new RecordReader((key) => {
      known = this.#knownProcess(key);
      known.streams++;
      return known.flow;
    });
    this.#readers.add(reader);
    return {
      feed: (bytes) => reader.feed(bytes),
      end: () => {
        this.#readers.delete(reader);
        countReader(reader, (name, amount) => counters.add(name, amount));
        if (known === undefined) return;
        known.streams--;
        known.leftAtTick = this.#shared.tick;
      },
    };
  }

  /** Call every 250 ms: finished requests are assembled, processes that left are ended. */
  tick(): void {
    this.#shared.tick++;
    for (const [key, known] of this.#byKey) {
      if (known.streams > 0 || this.#shared.tick - known.leftAtTick < REJOIN_TICKS) continue;
      known.flow.end();
      this.#byKey.delete(key);
    }
    this.#shared.finishing.tick(this.#shared.tick);
  }

  /** Nothing more will come: ends and assembles everything. */
  finish(): void {
    for (const known of this.#byKey.values()) known.flow.end();
    this.#shared.finishing.tick(this.#shared.tick, true);
  }

  get pendingOperations(): number {
    return this.#shared.pendingOperations;
  }

  /** What was assembled since the last call, and all counters. */
  take(): Batch {
    const told = [...this.#byId.values()].flatMap((flow) => flow.told.rows(flow.id));
    const codeLines = [...this.#byId.values()].flatMap((flow) => flow.code.take());
    return { ...this.#shared.take(), codeLines, counters: [...this.#counterRows(), ...told] };
  }

  processes(): readonly { readonly flow: ProcessFlow; readonly isConnected: boolean }[] {
    const connected = new Set(
      [...this.#byKey.values()].filter((known) => known.streams > 0).map((known) => known.flow),
    );
    return [...this.#byId.values()].map((flow) => ({ flow, isConnected: connected.has(flow) }));
  }

  counters(): Record<string, number> {
    const totals: Record<string, number> = Object.fromEntries(this.#shared.counters.entries());
    for (const reader of this.#readers)
      countReader(reader, (name, amount) => (totals[name] = (totals[name] ?? 0) + amount));
    return { ...totals, ...Object.fromEntries(decodeCounterEntries(this.#shared.decodeCounters)) };
  }

  #counterRows(): CounterRow[] {
    return Object.entries(this.counters()).map(([name, value]) => ({ process: this.#session, name, value }));
  }

  #knownProcess(key: number): Known {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const flow = new ProcessFlow(this.#shared);
    const created = { flow, streams: 0, leftAtTick: 0 };
    this.#byKey.set(key, created);
    this.#byId.set(flow.id, flow);
    return created;
  }
}

function countReader(reader: RecordReader, add: (name: CounterName, amount: number) => void): void {
  add('records.received', reader.records);
  add('records.skipped', reader.skipped);
  add('streams.broken', reader.isBroken ? 1 : 0);
}
