// How the agent's bundle is made. In: where to put it. Out: options for esbuild; the build, the tests and the benchmarks share them.

import { readFileSync } from 'node:fs';
import type { BuildOptions } from 'esbuild';

const root = new URL('..', import.meta.url).pathname;

/** Runs inside the user's process: one CommonJS file for the oldest supported Node, nothing but itself, small because every process reads it. */
export function agentOptions(outfile: string): BuildOptions {
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string };
  return {
    absWorkingDir: root,
    entryPoints: ['src/agent/main.ts'],
    outfile,
    bundle: true,
    logLevel: 'warning',
    legalComments: 'none',
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minify: true,
    define: { WIRETIME_VERSION: JSON.stringify(version) },
  };
}
