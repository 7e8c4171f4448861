// Trace events as Perfetto, chrome://tracing and speedscope read them. In: rows. Out: the text of one JSON object. A process is a process, a
// line of requests a thread; calls that ran beside others have lines of their own, and arrows lead from a call to the request it caused.
// Format: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU

import type { ExportOperation, ExportRows } from '../answer/export-rows.ts';
import type { StoredRequest } from '../answer/stored-rows.ts';
import { CATEGORIES } from '../model/category.ts';
import { PHASES, PhaseIndex } from '../model/row.ts';
import { Lanes } from './lanes.ts';

/** Numbers of threads: requests from 1 on, calls beside others and calls of no request behind them. */
const BESIDE_FROM = 100_000;
const NO_REQUEST_FROM = 200_000;
/** The order in which they happen. */
const PHASES_IN_TIME = [0, 1, 2, 3, 8, 4, 5, 6, 7] as const satisfies readonly number[];

type Event = Readonly<Record<string, unknown>>;

export async function* perfetto({ processes, parts }: ExportRows): AsyncGenerator<string> {
  const writer = new Events();
  for (const [id, { service, runtime, version, pid }] of processes)
    writer.name(id, 0, 'process_name', `${service} (${runtime} ${version}, pid ${pid})`);
  yield '{"displayTimeUnit":"ms","traceEvents":[\n';
  let separator = '';
  for await (const { requests, operations } of parts) {
    if (requests.length > 0) writer.forgetRequests();
    for (const request of requests) writer.request(request);
    for (const operation of operations) writer.operation(operation);
    const events = writer.take();
    if (events.length === 0) continue;
    yield separator + events.map((event) => JSON.stringify(event)).join(',\n');
    separator = ',\n';
  }
  const rest = writer.take();
  if (rest.length > 0) yield separator + rest.map((event) => JSON.stringify(event)).join(',\n');
  yield '\n]}\n';
}

class Events {
  #events: Event[] = [];
  readonly #lanes = new Map<string, Lanes>();
  /** Request → its thread, and until when its line is taken by calls. */
  readonly #running = new Map<number, { readonly thread: number; takenUntilUs: number }>();

  take(): readonly Event[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Their operations have all been. */
  forgetRequests(): void {
    this.#running.clear();
  }

  name(process: number, thread: number, what: 'process_name' | 'thread_name', name: string): void {
    this.#events.push({ ph: 'M', name: what, pid: process, tid: thread, args: { name } });
  }

  request(row: StoredRequest): void {
    const endUs = row.atUs + row.durationUs;
    const thread = this.#thread(row.process, 1, 'requests', row.atUs, endUs);
    this.#running.set(row.id, { thread, takenUntilUs: row.atUs });
    const times = CATEGORIES.map(({ name }, index) => [`${name}, µs`, row.categories[index] ?? 0] as const);
    this.#slice(row.process, thread, row, `${row.method} ${row.route}`, 'request', {
      trace: row.traceId,
      status: row.status,
      ...Object.fromEntries(times.filter(([, us]) => us > 0)),
    });
    if (row.parentOperation === 0) return;
    const id = row.parentOperation;
    this.#events.push({ ph: 'f', bp: 'e', id, ts: row.atUs, pid: row.process, tid: thread, ...CALL });
  }

  operation({ row, cause }: ExportOperation): void {
    const { process } = row;
    const thread = this.#threadOf(row, cause);
    this.#slice(process, thread, row, row.statement || row.dependency, row.category, {
      dependency: row.dependency,
      'call site': row.callSite,
      'bytes out': row.bytesOut,
      'bytes in': row.bytesIn,
      outcome: row.errorType === '' ? row.outcome : `${row.outcome}: ${row.errorType}`,
      'waited for, µs': row.exclusiveUs,
    });
    this.#phases(process, thread, row);
    // To whatever it caused: an arrow without an end is not drawn.
    if (row.category === 'http' || row.category === 'msg')
      this.#events.push({ ph: 's', id: row.id, ts: row.atUs, pid: process, tid: thread, ...CALL });
  }

  /** Below its request while nothing else of it is there; what ran beside others, or after its end, has a line of its own. */
  #threadOf({ process, atUs, durationUs }: ExportOperation['row'], cause: StoredRequest | undefined): number {
    const endUs = atUs + durationUs;
    if (cause === undefined) return this.#thread(process, NO_REQUEST_FROM, 'no request', atUs, endUs);
    const running = this.#running.get(cause.id);
    const isInside = atUs >= cause.atUs && endUs <= cause.atUs + cause.durationUs;
    if (running === undefined || !isInside || atUs < running.takenUntilUs)
      return this.#thread(process, BESIDE_FROM, 'calls beside others', atUs, endUs);
    running.takenUntilUs = endUs;
    return running.thread;
  }

  #thread(process: number, from: number, name: string, startUs: number, endUs: number): number {
    const key = `${process} ${from}`;
    const lanes = this.#lanes.get(key) ?? new Lanes();
    this.#lanes.set(key, lanes);
    const before = lanes.count;
    const lane = lanes.take(startUs, endUs);
    if (lane === before) this.name(process, from + lane, 'thread_name', `${name} ${lane + 1}`);
    return from + lane;
  }

  /** One phase is the bar itself. */
  #phases(process: number, thread: number, { atUs, phases }: ExportOperation['row']): void {
    if (phases.filter((us) => us > 0).length < 2) return;
    let at = atUs;
    for (const phase of PHASES_IN_TIME) {
      const durationUs = phases[phase] ?? 0;
      if (durationUs > 0 && phase !== PhaseIndex.wait)
        this.#slice(process, thread, { atUs: at, durationUs }, PHASES[phase].name, 'phase', {});
      at += durationUs;
    }
  }

  #slice(
    process: number,
    thread: number,
    { atUs, durationUs }: { readonly atUs: number; readonly durationUs: number },
    name: string,
    category: string,
    facts: Event,
  ): void {
    const args = Object.keys(facts).length === 0 ? {} : { args: facts };
    this.#events.push({
      ph: 'X',
      name,
      cat: category,
      ts: atUs,
      dur: durationUs,
      pid: process,
      tid: thread,
      ...args,
    });
  }
}

const CALL = { name: 'call', cat: 'call' } as const;
