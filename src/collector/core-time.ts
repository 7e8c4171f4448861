// How long traced processes ran, and how long they were ready to run but had no core: from the kernel, outside of them. In: the
// processes that are connected, about once a second. Out: counters of each process. Only on Linux, and only of this host.
// Read here and not in the agent: a reading takes 10 µs, and no other clock tells "no core" from "waited for nothing we know".
// https://docs.kernel.org/scheduler/sched-stats.html (/proc/<pid>/task/<tid>/schedstat), https://docs.kernel.org/admin-guide/cgroup-v2.html (cpu.stat)

import { readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { CounterRow } from '../model/row.ts';

/** More threads than that are not looked at; a thread pool of 40 and what serves it are fewer. */
const THREAD_LIMIT = 256;
const NS_PER_US = 1000;

export interface Traced {
  readonly id: number;
  readonly info: { readonly pid: number; readonly host: string; readonly runtime: 'node' | 'python' };
}

/** The files of the kernel; tests give others. */
export interface Kernel {
  /** The text of a file, '' when it cannot be read. */
  read(path: string): string;
  /** The names in a folder, none when it cannot be read. */
  list(path: string): readonly string[];
}

/** In ns, since the thread or the control group began. */
interface Known {
  readonly pid: number;
  readonly threads: Map<string, { ran: number; waited: number }>;
  readonly throttledBefore: number;
  ran: number;
  waited: number;
  throttled: number;
}

export class CoreTime {
  readonly #kernel: Kernel;
  readonly #host: string;
  readonly #known = new Map<number, Known>();
  readonly #connected = new Set<number>();

  constructor(kernel: Kernel = LINUX, host: string = hostname()) {
    this.#kernel = kernel;
    this.#host = host;
  }

  /** Those that are connected now. One that is missing is gone: its totals are told once more. */
  look(processes: Iterable<Traced>): void {
    this.#connected.clear();
    for (const { id, info } of processes) {
      if (info.pid === 0 || info.host !== this.#host) continue;
      this.#connected.add(id);
      const known = this.#known.get(id);
      if (known === undefined) this.#begin(id, info);
      else this.#read(known, info);
    }
  }

  /** Totals in µs since each process was first seen; nothing of a process of which the kernel says nothing. */
  rows(): CounterRow[] {
    const rows = [...this.#known].flatMap(([process, { ran, waited, throttled }]) => [
      rowOf(process, 'cores.ranUs', ran),
      rowOf(process, 'cores.waitedUs', waited),
      rowOf(process, 'cores.throttledUs', throttled),
    ]);
    for (const id of this.#known.keys()) if (!this.#connected.has(id)) this.#known.delete(id);
    return rows.filter(({ value }) => value > 0);
  }

  /** What it used to start is nothing that a request waited for. */
  #begin(id: number, info: Traced['info']): void {
    const throttledBefore = this.#throttled(info.pid);
    const known = { pid: info.pid, threads: new Map(), throttledBefore, ran: 0, waited: 0, throttled: 0 };
    this.#read(known, info);
    known.ran = 0;
    known.waited = 0;
    this.#known.set(id, known);
  }

  #read(known: Known, { pid, runtime }: Traced['info']): void {
    // The main thread of Node runs the code; what its helpers wait for, requests need not wait for.
    this.#add(known, runtime === 'node' ? [String(pid)] : this.#threadsOf(pid));
    known.throttled = Math.max(known.throttled, this.#throttled(pid) - known.throttledBefore);
  }

  /** What each thread ran and waited since the last look: the totals of one that ended are not lost. */
  #add(known: Known, threads: readonly string[]): void {
    for (const thread of threads) {
      const [ran, waited] = numbersIn(this.#kernel.read(`/proc/${known.pid}/task/${thread}/schedstat`));
      if (ran === undefined || waited === undefined) continue;
      const before = known.threads.get(thread);
      known.threads.set(thread, { ran, waited });
      // A smaller total is another thread of the same number.
      known.ran += ran - (before !== undefined && before.ran <= ran ? before.ran : 0);
      known.waited += waited - (before !== undefined && before.waited <= waited ? before.waited : 0);
    }
    for (const thread of known.threads.keys()) if (!threads.includes(thread)) known.threads.delete(thread);
  }

  #threadsOf(pid: number): readonly string[] {
    return this.#kernel.list(`/proc/${pid}/task`).slice(0, THREAD_LIMIT);
  }

  /** How long the limit of its control group (a container's CPU limit) kept its threads from running, in ns; 0 without one. */
  #throttled(pid: number): number {
    const groups = this.#kernel.read(`/proc/${pid}/cgroup`);
    for (const file of statFilesOf(groups)) {
      const text = this.#kernel.read(file);
      const us = /^throttled_usec (\d+)$/m.exec(text)?.[1];
      if (us !== undefined) return Number(us) * NS_PER_US;
      const ns = /^throttled_time (\d+)$/m.exec(text)?.[1];
      if (ns !== undefined) return Number(ns);
    }
    return 0;
  }
}

/** Of version 2 and 1 of control groups; as seen from inside of a container, too, where the path is `/`. */
function statFilesOf(groups: string): string[] {
  const v2 = /^0::(\/.*)$/m.exec(groups)?.[1];
  const v1 = /^\d+:(?:[^:\n]*,)?cpu(?:,[^:\n]*)?:(\/.*)$/m.exec(groups)?.[1];
  return [
    ...(v2 === undefined ? [] : [`/sys/fs/cgroup${v2}/cpu.stat`]),
    ...(v1 === undefined
      ? []
      : [`/sys/fs/cgroup/cpu${v1}/cpu.stat`, `/sys/fs/cgroup/cpu,cpuacct${v1}/cpu.stat`]),
  ];
}

function rowOf(process: number, name: string, ns: number): CounterRow {
  return { process, name, value: Math.round(ns / NS_PER_US) };
}

function numbersIn(text: string): (number | undefined)[] {
  return text === '' ? [] : text.trim().split(' ').map(Number);
}

const LINUX: Kernel = {
  read: (path) => attempt(() => readFileSync(path, 'utf8'), ''),
  list: (path) => attempt(() => readdirSync(path), []),
};

/** Processes end while they are looked at. */
function attempt<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
