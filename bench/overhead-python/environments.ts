// Virtual environments for the Python benchmark: the applications' packages alone, and beside each other tracer. In: the registry, once.
// Out: the folder of programs. The tracers are no dependencies of the project.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const APPLICATIONS = [
  'flask',
  'gunicorn',
  'psycopg[binary,pool]',
  'redis',
  'requests',
  'fastapi',
  'uvicorn[standard]',
  'asyncpg',
  'httpx',
];
const INSTRUMENTED = ['flask', 'psycopg', 'redis', 'requests', 'urllib3', 'fastapi', 'asyncpg', 'httpx'];

const TRACERS = {
  plain: [],
  opentelemetry: [
    'opentelemetry-distro',
    'opentelemetry-exporter-otlp-proto-http',
    ...INSTRUMENTED.map((name) => `opentelemetry-instrumentation-${name}`),
  ],
  ddtrace: ['ddtrace'],
} as const;

export type EnvironmentName = keyof typeof TRACERS;

/** `bin` of the environment, made when it is not there; undefined when its packages cannot be had. `python`: an interpreter. */
export function programsOf(name: EnvironmentName, python: string): string | undefined {
  const version = execFileSync(python, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], {
    encoding: 'utf8',
  }).trim();
  const folder = resolve(`node_modules/.cache/wiretime/python-bench-${version}`, name);
  const mark = join(folder, 'packages');
  const packages = [...APPLICATIONS, ...TRACERS[name]];
  if (existsSync(mark) && readFileSync(mark, 'utf8') === packages.join('\n')) return join(folder, 'bin');
  console.error(`python: making an environment with ${name} (once) …`);
  try {
    execFileSync(python, ['-m', 'venv', folder], { stdio: 'inherit' });
    const bin = join(folder, 'bin');
    execFileSync(join(bin, 'pip'), ['install', '--quiet', '--disable-pip-version-check', 'uv']);
    // pip tries versions of OpenTelemetry's packages for a quarter of an hour.
    const install = ['pip', 'install', '--quiet', '--python', join(bin, 'python'), ...packages];
    execFileSync(join(bin, 'uv'), install, { stdio: 'inherit' });
  } catch {
    return undefined;
  }
  writeFileSync(mark, packages.join('\n'));
  return join(folder, 'bin');
}
