// The other tracers, for comparison; not dependencies of the project. In: the registry, once. Out: what to load, and its environment.
// Each traces every request and sends to a server that accepts; everything else that it does by itself (metrics, logs, profiles) is off.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const CACHE = resolve('node_modules/.cache/wiretime');

export interface Tracer {
  readonly name: string;
  readonly folder: string;
  readonly packages: readonly string[];
  /** Below the folder, or a file of ours. Loaded with --import when it is an ES module, otherwise with --require. */
  readonly file: string;
  /** `port`: of the server that accepts. With `isChecked` what is sent must be readable (spans.ts). */
  readonly env: (port: number, isChecked: boolean) => Readonly<Record<string, string>>;
}

const OPENTELEMETRY = {
  folder: join(CACHE, 'opentelemetry'),
  packages: ['@opentelemetry/api@1', '@opentelemetry/auto-instrumentations-node'],
  file: 'node_modules/@opentelemetry/auto-instrumentations-node/build/src/register.js',
};

function openTelemetryEnv(port: number, isChecked: boolean): Record<string, string> {
  return {
    OTEL_SERVICE_NAME: 'bench',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    // Those of clouds would ask the network.
    OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os,process',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    // What is checked comes all at once: the queue's usual 2048 spans are fewer.
    ...(isChecked
      ? {
          OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
          OTEL_BSP_MAX_QUEUE_SIZE: '50000',
          OTEL_BSP_SCHEDULE_DELAY: '200',
        }
      : {}),
  };
}

export const TRACERS: readonly Tracer[] = [
  { name: 'OpenTelemetry', ...OPENTELEMETRY, env: openTelemetryEnv },
  {
    name: 'OpenTelemetry, 4',
    ...OPENTELEMETRY,
    env: (port, isChecked) => ({
      ...openTelemetryEnv(port, isChecked),
      OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,pg,ioredis,undici',
    }),
  },
  {
    name: 'dd-trace',
    folder: join(CACHE, 'dd-trace'),
    // 6 does not run on Node 20.
    packages: ['dd-trace@5'],
    file: 'node_modules/dd-trace/init.js',
    env: (port) => ({
      DD_SERVICE: 'bench',
      DD_TRACE_AGENT_URL: `http://127.0.0.1:${port}`,
      DD_TRACE_SAMPLE_RATE: '1',
      DD_TRACE_RATE_LIMIT: '-1',
      DD_TRACE_STARTUP_LOGS: 'false',
      DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
      DD_REMOTE_CONFIGURATION_ENABLED: 'false',
      DD_TRACE_OBFUSCATION_QUERY_STRING_REGEXP: '',
    }),
  },
  {
    name: 'Sentry',
    folder: join(CACHE, 'sentry'),
    packages: ['@sentry/node'],
    file: join(import.meta.dirname, 'sentry.mjs'),
    env: (port) => ({
      BENCH_SENTRY: join(CACHE, 'sentry/node_modules/@sentry/node'),
      SENTRY_DSN: `http://key@127.0.0.1:${port}/1`,
    }),
  },
];

/** The file to load; undefined when the tracer cannot be had. */
export function install({ folder, packages, file }: Tracer): string | undefined {
  const [first = ''] = packages;
  const isInstalled = existsSync(join(folder, 'node_modules', first.replace(/(.)@.*$/, '$1')));
  if (!isInstalled && !fetchPackages(folder, packages)) return undefined;
  return resolve(folder, file);
}

function fetchPackages(folder: string, packages: readonly string[]): boolean {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const options = ['install', '--silent', '--no-audit', '--no-fund', '--ignore-scripts'];
  try {
    execFileSync('npm', [...options, ...packages], { cwd: folder, stdio: 'inherit' });
    return true;
  } catch {
    return false;
  }
}
