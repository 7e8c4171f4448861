// What the collector counted, by name. In: one event at a time. Out: totals for `doctor` and for coverage.
// They add up:  operations.seen = operations.request + operations.none + operations.hidden
//               requests.started = requests.finished + requests.unfinished + still running

export class Counters {
  readonly #values = new Map<string, number>();

  add(name: CounterName, amount = 1): void {
    if (amount !== 0) this.#values.set(name, (this.#values.get(name) ?? 0) + amount);
  }

  get(name: CounterName): number {
    return this.#values.get(name) ?? 0;
  }

  entries(): Iterable<[string, number]> {
    return this.#values;
  }
}

/** Stable names: they are printed by `doctor` and explained in docs/doctor.md. */
export type CounterName =
  | 'records.received'
  | 'records.droppedByAgent'
  | 'records.skipped'
  | 'bytes.droppedByAgent'
  | 'batches.lost'
  | 'streams.broken'
  | 'connections.opened'
  | 'connections.joined'
  | 'connections.failed'
  | 'connections.forgotten'
  | 'operations.seen'
  | 'operations.request'
  | 'operations.none'
  | 'operations.hidden'
  | 'operations.late'
  | 'operations.beyondLimit'
  | 'requests.started'
  | 'requests.finished'
  | 'requests.unfinished'
  | 'requests.startUnseen'
  | 'requests.skippedByAgent'
  | 'rows.dropped';
