// What an agent costs a Python program that only starts: modules of the network are imported, nothing is asked. In: configurations.
// Out: CPU of each whole process, medians over interleaved starts, and the median of the differences to the first one beside it.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { round1 } from '../overhead/measured.ts';
import type { Tracer } from './tracers.ts';

const PROGRAM = `
import asyncio, concurrent.futures.thread, socket, ssl, sqlite3, threading, http.client, time
print(time.process_time_ns())
`;

interface Start {
  readonly name: string;
  readonly ms: number;
  readonly addedMs: number;
}

export async function measureStart(tracers: readonly Tracer[], times: number): Promise<readonly Start[]> {
  const all = tracers.map(({ name }) => ({ name, ms: [] as number[] }));
  for (let number = 0; number <= times; number++)
    for (const [index, tracer] of tracers.entries()) {
      const ms = await once(tracer);
      // The first one writes the bytecode.
      if (number > 0) all[index]?.ms.push(ms);
    }
  const base = all[0]?.ms ?? [];
  return all.map(({ name, ms }) => ({
    name,
    ms: round1(median(ms)),
    addedMs: round1(median(ms.map((one, index) => one - (base[index] ?? one)))),
  }));
}

async function once({ programs, env }: Tracer): Promise<number> {
  const { stdout } = await promisify(execFile)(join(programs, 'python'), ['-c', PROGRAM], { env });
  return Number(stdout) / 1e6;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
