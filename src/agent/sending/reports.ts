// What the agent says about the process and about itself. In: the process. Out: the payloads of `hello` and `stats`.

import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Hello, Stats } from '../../record/layout.ts';
import type { RecordWriter } from '../../record/writer.ts';
import { now } from '../clock.ts';
import { hookedNames, notVisibleNames } from './coverage.ts';
import type { Collections } from '../cost/collections.ts';
import { skippedRequests } from '../cost/frugality.ts';
import { ownErrors } from '../guard.ts';
import { isBuiltinLoaded } from '../later/builtins.ts';
import { ownCostNs } from '../cost/own-cost.ts';
import { poolsMade } from '../calls/pools.ts';
import { workerThreads } from '../thread.ts';

/** Written into the bundle by the build. */
declare const WIRETIME_VERSION: string | undefined;

const ARGUMENT_LIMIT = 20;
const ARGUMENT_CHARS = 200;

export function hello(): Hello {
  return {
    pid: process.pid,
    ppid: process.ppid,
    thread: workerThreads()?.threadId ?? 0,
    service: serviceName(),
    runtime: 'node',
    version: process.versions.node,
    argv: process.argv.slice(0, ARGUMENT_LIMIT).map((argument) => String(argument).slice(0, ARGUMENT_CHARS)),
    cwd: workingFolder(),
    host: hostName(),
    wallClockMs: Date.now(),
    monotonicNs: now(),
    hooked: hookedNames(),
    notVisible: notVisibleNames(),
    agent: typeof WIRETIME_VERSION === 'string' ? WIRETIME_VERSION : '0.0.0',
  };
}

/** `undefined` when the process has no descriptor left to ask the system with. */
export function stats(writer: RecordWriter, step: number, collections: Collections): Stats | undefined {
  try {
    return measured(writer, step, collections);
  } catch {
    return undefined;
  }
}

function measured(writer: RecordWriter, step: number, { count, pausedNs, busyNs }: Collections): Stats {
  const cpu = process.cpuUsage();
  return {
    droppedRecords: writer.droppedRecords,
    droppedBytes: writer.droppedBytes,
    records: writer.records,
    bytes: writer.bytes,
    cpuUserUs: cpu.user,
    cpuSystemUs: cpu.system,
    rssBytes: process.memoryUsage.rss(),
    ownCpuUs: Math.round(ownCostNs() / 1000),
    gcCount: count,
    gcPausedUs: Math.round(pausedNs / 1000),
    gcBusyUs: Math.round(busyNs / 1000),
    step,
    skippedRequests,
    errors: ownErrors,
    hooked: hookedNames(),
    notVisible: notVisibleNames(),
    pools: poolsMade(),
  };
}

/** `node:os` is not loaded by Node itself: 0.16 to 0.19 ms of a start; the kernel tells the same in a file, 0.03 (Node 20.20, 24.21, 2026-11). */
function hostName(): string {
  try {
    if (!isBuiltinLoaded('os')) return readFileSync('/proc/sys/kernel/hostname', 'utf8').trimEnd();
  } catch {
    // Not Linux, or not to be read.
  }
  return process.getBuiltinModule('node:os').hostname();
}

/** It may have been deleted. */
function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    return '';
  }
}

/** WIRETIME_SERVICE, or the name in the nearest package.json of the main script, or the script's own name. */
function serviceName(): string {
  const chosen = process.env['WIRETIME_SERVICE'];
  if (chosen) return chosen;
  const script: unknown = process.argv[1];
  if (typeof script !== 'string') return 'node';
  return packageName(dirname(script)) ?? basename(script).replace(/\.[cm]?[jt]sx?$/, '');
}

function packageName(folder: string): string | undefined {
  // Not `join`, which V8 would compile for this: 0.3 ms of a start (Node 24.21, 2026-11).
  const found = nameIn(`${folder}/package.json`);
  const parent = dirname(folder);
  return found ?? (parent === folder ? undefined : packageName(parent));
}

/** Most folders have none: to ask first costs less than an error. */
function nameIn(file: string): string | undefined {
  try {
    if (!existsSync(file)) return undefined;
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isNamed(content) ? content.name : undefined;
  } catch {
    return undefined;
  }
}

function isNamed(content: unknown): content is { readonly name: string } {
  return (
    typeof content === 'object' &&
    content !== null &&
    'name' in content &&
    typeof content.name === 'string' &&
    content.name !== ''
  );
}
