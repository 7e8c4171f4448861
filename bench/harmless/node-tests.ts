// The files of Node's own test suite, as commands. In: the folder of a Node source tree, which modules. Out: one command for each file.
// Node's runner (tools/test.py) does the same: the flags a file asks for, a folder for its files, a number for its ports.

import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from './program.ts';

export const MODULES = [
  'net',
  'tls',
  'http',
  'https',
  'http2',
  'dns',
  'dgram',
  'stream',
  'async-hooks',
  'async-local-storage',
  'diagnostics-channel',
  'diagnostic-channel',
  'events',
  'event-emitter',
  'domain',
  'worker',
  'cluster',
  'child-process',
  'process',
  'permission',
  'vm',
  'fetch',
  'eventsource',
  'websocket',
  'timers',
];

const TIMEOUT_MS = 60_000;

/** `modules`: the word after `test-` in a file's name. */
export function testFiles(source: string, modules: readonly string[]): readonly string[] {
  const pattern = new RegExp(`^test-(?:${modules.join('|')})(?:-.*)?\\.m?js$`);
  return readdirSync(join(source, 'test/parallel'))
    .filter((name) => pattern.test(name))
    .sort();
}

/** `slot`: no two programs of the same slot run at the same time. */
export function commandOf(
  source: string,
  name: string,
  node: string,
  slot: number,
  temporary: string,
): Command {
  const file = join(source, 'test/parallel', name);
  const folder = join(temporary, `slot-${slot}`);
  mkdirSync(folder, { recursive: true });
  return {
    file: node,
    args: [...flagsOf(file), file],
    folder: source,
    env: { TEST_THREAD_ID: String(slot), TEST_PARALLEL: '1', NODE_TEST_DIR: folder },
    timeoutMs: TIMEOUT_MS,
  };
}

/** `// Flags: --expose-internals` in the head of the file. */
function flagsOf(file: string): readonly string[] {
  const found = /^\/\/ Flags:(.*)$/m.exec(readFileSync(file, 'utf8').slice(0, 4096))?.[1];
  return found?.trim().split(/\s+/) ?? [];
}
