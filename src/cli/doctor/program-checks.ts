// The rungs of the ladder about a program that was watched, or that a running wiretime records. In: its processes, what the agents said.
// Out: a diagnosis of each, and what is wrong with all of them together.

import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import type { LiveProcess } from '../../collector/collector.ts';
import { codeOf } from '../failure.ts';
import type { Installation } from '../installation.ts';
import type { Check } from '../terminal/doctor.ts';
import { diagnose, isServer, runtimeOf, type Diagnosis, type Expected } from './explain.ts';
import type { ProcessFacts } from './processes.ts';
import type { Watched } from './watch.ts';

const SHELLS = /^(sh|bash|dash|zsh|ash|busybox|env|sudo|su|timeout|tini|dumb-init)$/;
const NOT_FOUND = 127;

/** Who may open what is asked of the file system, as this user. */
export function expectedOf({ agentFile, pythonFolder }: Installation, socketPath: string): Expected {
  return { agentFile, pythonFolder, socketPath, access, user: process.getuid?.() ?? -1, versionOf };
}

function access(path: string): 'ok' | 'missing' | 'denied' {
  try {
    accessSync(path, constants.W_OK);
    return 'ok';
  } catch (error) {
    return codeOf(error) === 'EACCES' ? 'denied' : 'missing';
  }
}

const VERSION_LIMIT_MS = 2000;

function versionOf(executable: string): string {
  try {
    return execFileSync(executable, ['--version'], {
      env: {},
      encoding: 'utf8',
      timeout: VERSION_LIMIT_MS,
    }).trim();
  } catch {
    return '';
  }
}

/** `socketPath`: that of the private collector exists no longer when this is asked, and was there while the program ran. */
export function diagnoseAll(
  processes: readonly ProcessFacts[],
  seen: readonly Pick<LiveProcess, 'pid' | 'requests' | 'problem' | 'notVisible'>[],
  expected: Expected,
): readonly Diagnosis[] {
  // Without /proc there is only what the agents say.
  if (processes.length === 0) return seen.map((each) => diagnose(unknownProcess(each.pid), each, expected));
  const known = new Map(seen.map((each) => [each.pid, each]));
  const there: Expected = {
    ...expected,
    access: (path) => (path === expected.socketPath ? 'ok' : expected.access(path)),
  };
  return processes
    .filter((process) => !SHELLS.test(runtimeOf(process)) || process.isListening)
    .map((process) => diagnose(process, known.get(process.pid) ?? known.get(process.innerPid), there));
}

function unknownProcess(pid: number): ProcessFacts {
  return {
    pid,
    innerPid: pid,
    parent: 0,
    user: 0,
    executable: '',
    args: [],
    env: undefined,
    isListening: false,
  };
}

/** How the command fared, then whether anybody takes requests. */
export function programChecks(watched: Watched, diagnoses: readonly Diagnosis[]): readonly Check[] {
  return [commandCheck(watched), serverCheck(watched.processes, diagnoses), visibleCheck(diagnoses)];
}

function commandCheck({ code, complaint, leftBehind }: Watched): Check {
  const name = 'The command';
  if (leftBehind.length > 0) return { name, result: 'failed', detail: wentOn(leftBehind) };
  if (code === undefined || code === 0)
    return { name, result: 'ok', detail: code === 0 ? 'ended by itself, with 0' : 'ran, and was ended' };
  const said = gistOf(complaint);
  const why = code === NOT_FOUND ? `could not be started: ${said}` : `ended with ${code}. It said: ${said}`;
  return { name, result: 'failed', detail: why + hintFor(complaint) };
}

/** As pm2 does, and what goes into the background with `&` or `nohup`. */
function wentOn(leftBehind: readonly ProcessFacts[]): string {
  const pids = leftBehind.map(({ pid }) => pid).join(', ');
  return (
    `ended, and left what it started running (process ${pids}). wiretime run ends with its command, and so does the recording. Start the ` +
    'program in the foreground (pm2-runtime, pm2 start --no-daemon), or let it join a `wiretime serve` (`wiretime env`). Look whether it still runs: doctor ends what stayed with the command.'
  );
}

const ERROR_LINE = /^\s*(?:Uncaught )?[\w.]*(?:Error|Exception)\b[^:]{0,80}: /;

/** The last line that says what the error is: after it come stacks, and in Node.js its fields and version. */
function gistOf(complaint: string): string {
  const lines = complaint.trim().split('\n');
  const last = lines.findLast((line) => ERROR_LINE.test(line));
  return (last === undefined ? lines.slice(-3).join(' ') : last).trim();
}

/** What to do about it. When Node.js cannot load the agent, it does not start the program at all. */
function hintFor(complaint: string): string {
  if (/Access to this API has been restricted/.test(complaint))
    return ' With --experimental-permission Node.js 20 may not read the agent: add --allow-fs-read with its path.';
  if (complaint.includes('internal/preload'))
    return ' Node.js could not load the agent: may the user that it runs as read the file?';
  if (complaint.includes('EADDRINUSE'))
    return ' Something listens there already: is the program running, without wiretime? End that one first.';
  if (/is not allowed in NODE_OPTIONS/.test(complaint))
    return ' NODE_OPTIONS holds something that belongs on the command line of node.';
  return '';
}

function serverCheck(processes: readonly ProcessFacts[], diagnoses: readonly Diagnosis[]): Check {
  const name = 'Takes requests';
  const requests = diagnoses.reduce((sum, diagnosis) => sum + diagnosis.requests, 0);
  if (requests > 0) return { name, result: 'ok', detail: `${requests} arrived` };
  if (processes.length === 0)
    return {
      name,
      result: 'skipped',
      detail: 'no request came; no process was there to look at: it ended at once, or this is not Linux',
    };
  const listening = processes.filter(isServer).length;
  if (listening > 0)
    return {
      name,
      result: 'ok',
      detail: `${listening} of its processes ${listening === 1 ? 'listens' : 'listen'}; no request came while it ran`,
    };
  return {
    name,
    result: 'failed',
    detail:
      'none of its processes listens (TCP or Unix socket), and no request came. wiretime counts what a program does for its ' +
      'requests: a script without any shows its operations under "no request". Is this the command that starts the server?',
  };
}

function visibleCheck(diagnoses: readonly Diagnosis[]): Check {
  const name = 'Its processes';
  const unseen = diagnoses.filter(({ state }) => state === 'unseen').length;
  const seen = diagnoses.filter(({ state }) => state === 'seen').length;
  const stopped = diagnoses.filter(({ state, problem }) => state === 'seen' && problem !== undefined).length;
  const detail = `${seen} seen, ${unseen} not${stopped > 0 ? `, ${stopped} of which the agent has stopped` : ''}`;
  return { name, result: unseen + stopped > 0 || seen === 0 ? 'failed' : 'ok', detail };
}
