// OpenTelemetry's auto-instrumentation, all of it, for comparison. In: the registry, once. Out: what to load. Not a dependency.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const PACKAGES = ['@opentelemetry/api@1', '@opentelemetry/auto-instrumentations-node'];

/** The file to load with --require; undefined when it cannot be had. */
export function openTelemetry(): string | undefined {
  const folder = resolve('node_modules/.cache/wiretime/opentelemetry');
  const file = join(folder, 'node_modules/@opentelemetry/auto-instrumentations-node/build/src/register.js');
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const options = ['install', '--silent', '--no-audit', '--no-fund', '--ignore-scripts'];
  try {
    execFileSync('npm', [...options, ...PACKAGES], { cwd: folder, stdio: 'inherit' });
  } catch {
    return undefined;
  }
  return existsSync(file) ? file : undefined;
}
