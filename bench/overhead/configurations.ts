// The configurations that bench/overhead.ts compares. In: environments, builds of the agent. Out: how each process is started, and how to
// see that its tracer works, and whether it was right. Not here: measuring.

import { join } from 'node:path';
import { ByteCounter, Collector, SpanSink } from './collectors.ts';
import { exactShareOf } from './spans.ts';
import { install, TRACERS, type Tracer } from './tracers.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a tracer said about a number of checkouts. */
export interface Check {
  readonly exactTraces: number;
  /** Operations or spans. */
  readonly perRequest: number;
}

export interface Configuration {
  readonly name: string;
  readonly env: Environment;
  /** What its tracer has reported so far; must grow. */
  readonly reported: () => number;
  /** For tracers that can be right or wrong. Begins a check; answers how it stands. */
  readonly check?: { readonly env: Environment; readonly begin: (count: number) => () => Check };
}

/** The other ends of all tracers. */
export class Sinks {
  readonly folder: string;
  readonly collector: Collector;
  readonly counter: ByteCounter;
  readonly #spans = new Map<string, SpanSink>();

  constructor(folder: string) {
    this.folder = folder;
    this.collector = new Collector(join(folder, 'c.sock'));
    this.counter = new ByteCounter(join(folder, 'floor.sock'));
  }

  async spans(name: string): Promise<SpanSink> {
    const known = this.#spans.get(name) ?? (await new SpanSink().listen());
    this.#spans.set(name, known);
    return known;
  }

  close(): void {
    this.collector.close();
    this.counter.close();
    for (const sink of this.#spans.values()) sink.close();
  }
}

export function untraced(env: Environment): Configuration {
  return { name: 'none', env, reported: () => 0 };
}

export function wiretime(name: string, file: string, none: Environment, sinks: Sinks): Configuration {
  const { collector } = sinks;
  const env = { ...none, NODE_OPTIONS: `--require ${file}`, WIRETIME_SOCKET: join(sinks.folder, 'c.sock') };
  const begin = (count: number): (() => Check) => {
    collector.forget();
    collector.isChecking = true;
    return () => ({
      exactTraces: collector.exactShare(count, OPERATIONS),
      perRequest: collector.operations / count,
    });
  };
  return { name, env, reported: () => collector.ends, check: { env, begin } };
}

/** A checkout: Redis, 3 × PostgreSQL, 2 × HTTP. */
const OPERATIONS = 6;

export function floor(none: Environment, sinks: Sinks): Configuration {
  const env = {
    ...none,
    NODE_OPTIONS: `--require ${join(import.meta.dirname, 'floor.cjs')}`,
    BENCH_FLOOR_SOCKET: join(sinks.folder, 'floor.sock'),
  };
  return { name: 'floor', env, reported: () => sinks.counter.bytes };
}

/** Those that can be had. `isWanted`: by name. */
export async function otherTracers(
  none: Environment,
  sinks: Sinks,
  isWanted: (name: string) => boolean,
): Promise<readonly Configuration[]> {
  const found: Configuration[] = [];
  for (const tracer of TRACERS) {
    const file = isWanted(tracer.name) ? install(tracer) : undefined;
    if (file !== undefined) found.push(configurationOf(tracer, file, none, await sinks.spans(tracer.name)));
  }
  return found;
}

function configurationOf(tracer: Tracer, file: string, none: Environment, sink: SpanSink): Configuration {
  const base = { ...none, NODE_OPTIONS: `--${file.endsWith('.mjs') ? 'import' : 'require'} ${file}` };
  const begin = (count: number): (() => Check) => {
    sink.spans = [];
    sink.isChecking = true;
    return () => ({
      exactTraces: exactShareOf(sink.spans, count),
      perRequest: Math.round((sink.spans.length / count) * 10) / 10,
    });
  };
  return {
    name: tracer.name,
    env: { ...base, ...tracer.env(sink.port, false) },
    reported: () => sink.bytes,
    check: { env: { ...base, ...tracer.env(sink.port, true) }, begin },
  };
}
