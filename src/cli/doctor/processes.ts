// The processes of this machine, as Linux tells of them in /proc. In: nothing. Out: facts about each: what it runs, what of wiretime is in
// its environment, whether it listens. Elsewhere there is no /proc, and the list is empty. Values of other variables are not looked at.

import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

export interface ProcessFacts {
  readonly pid: number;
  /** What the process itself takes for its number: in a PID namespace of its own (a container, `unshare`) it is another one. */
  readonly innerPid: number;
  readonly parent: number;
  readonly user: number;
  /** Path of the file that runs, '' when it cannot be read: the process is somebody else's. */
  readonly executable: string;
  readonly args: readonly string[];
  /** At its start; undefined when it cannot be read. */
  readonly env: Readonly<Record<string, string>> | undefined;
  /** Takes connections, TCP or Unix. */
  readonly isListening: boolean;
}

/** All that a check needs to know. */
const VARIABLES = new Set([
  'NODE_OPTIONS',
  'PYTHONPATH',
  'WIRETIME_SOCKET',
  'WIRETIME_DISABLED',
  'WIRETIME_BUDGET',
]);

export function listProcesses(): readonly ProcessFacts[] {
  const listening = listeningSockets();
  return pids().flatMap((pid) => {
    const parent = parentOf(pid);
    return parent === undefined ? [] : [factsOf(pid, parent, listening)];
  });
}

/** Those that descend from the roots, the roots included. */
export function descendants(
  processes: readonly ProcessFacts[],
  isRoot: (process: ProcessFacts) => boolean,
): readonly ProcessFacts[] {
  const found = new Set<number>();
  // Children have larger numbers than their parents until numbers begin anew: so look until nothing new is found.
  for (let before = -1; found.size > before;) {
    before = found.size;
    for (const process of processes) if (isRoot(process) || found.has(process.parent)) found.add(process.pid);
  }
  return processes.filter(({ pid }) => found.has(pid));
}

function pids(): readonly number[] {
  return listed('/proc').map(Number).filter(Number.isInteger);
}

function factsOf(pid: number, parent: number, listening: ReadonlySet<string>): ProcessFacts {
  const folder = `/proc/${pid}`;
  const args = textOf(`${folder}/cmdline`)?.split('\0').slice(0, -1) ?? [];
  return {
    pid,
    innerPid: innerPidOf(folder) ?? pid,
    parent,
    user: userOf(folder),
    executable: linkOf(`${folder}/exe`).replace(/ \(deleted\)$/, ''),
    args,
    env: variablesIn(textOf(`${folder}/environ`)),
    isListening: listed(`${folder}/fd`).some((name) => listening.has(linkOf(`${folder}/fd/${name}`))),
  };
}

function variablesIn(text: string | undefined): Record<string, string> | undefined {
  if (text === undefined) return undefined;
  const entries = text.split('\0').map((entry) => {
    const end = entry.indexOf('=');
    return [entry.slice(0, end), entry.slice(end + 1)] as const;
  });
  return Object.fromEntries(entries.filter(([name]) => VARIABLES.has(name)));
}

/** undefined: it has ended, or there is no /proc. The name before may hold anything, so numbers are counted from its last bracket. */
function parentOf(pid: number): number | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' ? undefined : Number(parent);
}

/** The line `NSpid` names it as each namespace sees it, from ours to its own. */
function innerPidOf(folder: string): number | undefined {
  const last = /^NSpid:.*?(\d+)$/m.exec(textOf(`${folder}/status`) ?? '')?.[1];
  return last === undefined ? undefined : Number(last);
}

function userOf(folder: string): number {
  try {
    return statSync(folder).uid;
  } catch {
    return -1;
  }
}

/** State of a TCP socket that listens, and the flag of such a Unix socket: linux/include/net/tcp_states.h, net/unix. */
const TCP_LISTENS = '0A';
const UNIX_LISTENS = '00010000';

/** As the links in /proc/PID/fd name them. */
function listeningSockets(): ReadonlySet<string> {
  const tcp = ['tcp', 'tcp6'].flatMap((name) => rowsOf(name)).filter((row) => row[3] === TCP_LISTENS);
  const unix = rowsOf('unix').filter((row) => row[3] === UNIX_LISTENS);
  return new Set([...tcp.map((row) => `socket:[${row[9]}]`), ...unix.map((row) => `socket:[${row[6]}]`)]);
}

function rowsOf(name: string): readonly (readonly string[])[] {
  const lines = textOf(`/proc/self/net/${name}`)?.trim().split('\n').slice(1) ?? [];
  return lines.map((line) => line.trim().split(/\s+/));
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
