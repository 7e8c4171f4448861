// What bench/overhead-python.ts compares. In: sinks, the environment. Out: how each is started, and how to see that its tracer works. Each traces
// every request and sends to a server that accepts; what else it does by itself (metrics, logs, profiles) is off.

import { join, resolve } from 'node:path';
import { exactShareOf } from '../overhead/spans.ts';
import type { Check, Sinks } from '../overhead/configurations.ts';
import { programsOf, type EnvironmentName } from './environments.ts';

export interface Tracer {
  readonly name: string;
  readonly programs: string;
  readonly prefix: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** What it has reported so far; must grow. Not there where nothing is noted. */
  readonly reported?: () => number;
  /** Begins a check of `count` checkouts; answers how it stands. */
  readonly check?: { readonly env: NodeJS.ProcessEnv; readonly begin: (count: number) => () => Check };
}

/** A checkout: Redis, 3 × PostgreSQL, 2 × HTTP. */
const OPERATIONS = 6;
const CHECKING = { BENCH_CHECK: '1' };

export function none(env: NodeJS.ProcessEnv, python: string): Tracer {
  return { name: 'none', programs: needed('plain', python), prefix: [], env };
}

/** The least that a tracer must do (floor/sitecustomize.py), and the same functions replaced by ones that only call the original. */
export function floors(
  env: NodeJS.ProcessEnv,
  python: string,
  { counter, folder }: Sinks,
): readonly Tracer[] {
  const hooked = { ...env, PYTHONPATH: join(import.meta.dirname, 'floor') };
  const noting = { ...hooked, BENCH_FLOOR_SOCKET: join(folder, 'floor.sock') };
  const programs = needed('plain', python);
  return [
    { name: 'hooks', programs, prefix: [], env: hooked },
    { name: 'floor', programs, prefix: [], env: noting, reported: () => counter.bytes },
  ];
}

/** `agent`: the folder of the Python agent. */
export function wiretime(
  name: string,
  agent: string,
  env: NodeJS.ProcessEnv,
  python: string,
  { collector, folder }: Sinks,
): Tracer {
  const traced = {
    ...env,
    PYTHONPATH: join(resolve(agent), 'boot'),
    WIRETIME_SOCKET: join(folder, 'c.sock'),
  };
  const begin = (count: number): (() => Check) => {
    collector.forget();
    collector.isChecking = true;
    return () => ({
      exactTraces: collector.exactShare(count, OPERATIONS),
      perRequest: collector.operations / count,
    });
  };
  return {
    name,
    programs: needed('plain', python),
    prefix: [],
    env: traced,
    reported: () => collector.ends,
    check: { env: { ...traced, ...CHECKING }, begin },
  };
}

/** Those that can be had. */
export async function others(
  env: NodeJS.ProcessEnv,
  python: string,
  sinks: Sinks,
): Promise<readonly Tracer[]> {
  const found: Tracer[] = [];
  const telemetry = programsOf('opentelemetry', python);
  if (telemetry !== undefined) {
    const sink = await sinks.spans('opentelemetry');
    found.push({
      name: 'OpenTelemetry',
      programs: telemetry,
      prefix: ['opentelemetry-instrument'],
      env: {
        ...env,
        OTEL_SERVICE_NAME: 'bench',
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_LOGS_EXPORTER: 'none',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${sink.port}`,
      },
      reported: () => sink.bytes,
    });
  }
  const datadog = programsOf('ddtrace', python);
  if (datadog !== undefined) {
    const sink = await sinks.spans('ddtrace');
    const traced = {
      ...env,
      DD_SERVICE: 'bench',
      DD_TRACE_AGENT_URL: `http://127.0.0.1:${sink.port}`,
      DD_TRACE_API_VERSION: 'v0.4',
      DD_TRACE_RATE_LIMIT: '-1',
      DD_TRACE_STARTUP_LOGS: 'false',
      DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
      DD_REMOTE_CONFIGURATION_ENABLED: 'false',
      DD_TRACE_OBFUSCATION_QUERY_STRING_REGEXP: '',
    };
    const begin = (count: number): (() => Check) => {
      sink.spans = [];
      sink.isChecking = true;
      return () => ({
        exactTraces: exactShareOf(sink.spans, count),
        perRequest: Math.round((sink.spans.length / count) * 10) / 10,
      });
    };
    found.push({
      name: 'ddtrace',
      programs: datadog,
      prefix: ['ddtrace-run'],
      env: traced,
      reported: () => sink.bytes,
      check: { env: { ...traced, ...CHECKING }, begin },
    });
  }
  return found;
}

function needed(name: EnvironmentName, python: string): string {
  const programs = programsOf(name, python);
  if (programs === undefined) throw new Error('the packages of the applications cannot be had');
  return programs;
}
