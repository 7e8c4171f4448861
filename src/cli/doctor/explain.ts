// Why is a process not seen? In: facts about it, and what the collector knows of it. Out: what happened, why, and what to do.
// Pure: looking at processes and files is done before (processes.ts).

import { isTool } from '../../base/tools.ts';
import type { ProcessFacts } from './processes.ts';

/** What the collector knows of a process. */
export interface Seen {
  readonly pid: number;
  readonly requests: number;
  readonly problem: string;
  readonly notVisible: readonly string[];
}

export interface Problem {
  /** Stable, for scripts: docs/doctor.md lists them. */
  readonly id: string;
  readonly what: string;
  readonly why: string;
  readonly fix: string;
}

export interface Diagnosis {
  readonly pid: number;
  /** As it was started, cut. */
  readonly program: string;
  readonly runtime: string;
  /** `aside`: it need not be seen: a tool, a shell, a program that does not use the network. */
  readonly state: 'seen' | 'unseen' | 'aside';
  readonly requests: number;
  readonly notVisible: readonly string[];
  readonly problem: Problem | undefined;
}

export interface Expected {
  /** Where agents are expected to connect. */
  readonly socketPath: string;
  readonly agentFile: string;
  readonly pythonFolder: string;
  /** Does a file or socket exist, and may this user open it? */
  readonly access: (path: string) => 'ok' | 'missing' | 'denied';
  readonly user: number;
  /** What `node --version` says of this file; '' when it says nothing. */
  readonly versionOf: (executable: string) => string;
}

const PROGRAM_LIMIT = 120;
const CONTAINERS = /^(docker|docker-compose|podman|nerdctl)$/;

export function diagnose(process: ProcessFacts, seen: Seen | undefined, expected: Expected): Diagnosis {
  const runtime = runtimeOf(process);
  const problem = seen === undefined ? unseenProblem(process, runtime, expected) : seenProblem(seen);
  return {
    pid: process.pid,
    program: programOf(process.args),
    runtime,
    state: seen !== undefined ? 'seen' : problem === undefined ? 'aside' : 'unseen',
    requests: seen?.requests ?? 0,
    notVisible: seen?.notVisible ?? [],
    problem,
  };
}

/** Enough to recognize it. Addresses and what is set by `=` may hold passwords, and this is pasted into issues. */
function programOf(args: readonly string[]): string {
  const shown = args.slice(0, 4).map((each) => each.replace(/(=|:\/\/).*/s, '$1…'));
  return shown.join(' ').slice(0, PROGRAM_LIMIT);
}

/** By the file that runs: what a program calls itself may be anything. */
export function runtimeOf({ executable }: ProcessFacts): string {
  const name = executable.slice(executable.lastIndexOf('/') + 1).replace(/\.exe$/, '');
  if (/^node(js)?[\d.-]*$/.test(name)) return 'node';
  if (/^(python[\d.]*|pypy[\d.]*)$/.test(name)) return 'python';
  if (CONTAINERS.test(name)) return 'container';
  return name;
}

function seenProblem({ problem }: Seen): Problem | undefined {
  if (problem === '') return undefined;
  return {
    id: 'agent-stopped',
    what: 'Its agent has switched itself off.',
    why: `It met an error of its own: ${problem}.`,
    fix: 'The program is not affected. Please report this with the message.',
  };
}

function unseenProblem(process: ProcessFacts, runtime: string, expected: Expected): Problem | undefined {
  if (runtime === 'container') return CONTAINER;
  if (runtime === 'node') return nodeProblem(process, expected);
  if (runtime === 'python') return pythonProblem(process, expected);
  return process.isListening && runtime !== '' ? foreign(runtime) : undefined;
}

const CONTAINER: Problem = {
  id: 'container',
  what: 'The program runs in a container.',
  why: 'Containers have an environment and files of their own: what wiretime sets here does not get in.',
  fix: 'In the container, install wiretime, mount the socket of a `wiretime serve --socket`, and set the variables that `wiretime env` prints.',
};

function foreign(runtime: string): Problem {
  const isJavaScript = runtime === 'bun' || runtime === 'deno';
  return {
    id: 'other-runtime',
    what: `It runs on ${runtime}.`,
    why: isJavaScript
      ? `${runtime} does not load what NODE_OPTIONS names.`
      : 'wiretime has agents for Node.js and Python only.',
    fix: isJavaScript
      ? 'Run the program on Node.js to see it. What other services ask of it is seen there.'
      : 'It shows as a dependency of the services that ask it.',
  };
}

/** pm2's daemon, whose title stands where its arguments were; it listens, for pm2's own commands. */
function isDaemonOfTool({ args }: ProcessFacts): boolean {
  return /^PM2 v[\w.-]+: God Daemon/.test(args[0] ?? '');
}

/** It only starts others. npm has put its title where its arguments were. */
export function isToolProcess(process: ProcessFacts): boolean {
  const [title = '', script = ''] = process.args;
  return isTool(script) || /^(npm|npx) \w/.test(title) || isDaemonOfTool(process);
}

/** Takes connections of others than its own tools. */
export function isServer(process: ProcessFacts): boolean {
  return process.isListening && !isDaemonOfTool(process);
}

function nodeProblem(process: ProcessFacts, expected: Expected): Problem | undefined {
  const { env, args } = process;
  if (isToolProcess(process)) return undefined;
  const general = environmentProblem(process, expected);
  if (general !== undefined) return general;
  const options = env?.['NODE_OPTIONS'] ?? '';
  if (!options.includes('agent.cjs')) return OPTIONS_LOST;
  if (args.includes('--experimental-permission')) return PERMISSION;
  if (!options.includes(expected.agentFile)) return otherAgent(expected.agentFile);
  if (!process.isListening) return undefined;
  const version = expected.versionOf(process.executable);
  return isTooOld(version) ? tooOld(version) : IGNORED;
}

/** package.json says the same of Node.js. */
const OLDEST_NODE = 20;

function isTooOld(version: string): boolean {
  const major = Number(/^v(\d+)\./.exec(version)?.[1]);
  return major < OLDEST_NODE;
}

function tooOld(version: string): Problem {
  return {
    id: 'node-version',
    what: `It runs on Node.js ${version}.`,
    why: `The agent works on ${OLDEST_NODE} and newer, and stays out of older ones.`,
    fix: `Run the program on Node.js ${OLDEST_NODE} or newer to see it. What other services ask of it is seen there.`,
  };
}

/** What both languages have in common: from the first thing that must be in place to the last. */
function environmentProblem(process: ProcessFacts, expected: Expected): Problem | undefined {
  const { env } = process;
  if (env === undefined) return somebodyElses(process.user);
  if (env['WIRETIME_DISABLED'] === '1') return DISABLED;
  const socket = env['WIRETIME_SOCKET'] ?? '';
  if (socket === '') return ENVIRONMENT_LOST;
  if (process.user !== expected.user && process.user !== 0) return otherUser(process.user, socket);
  const access = expected.access(socket);
  if (access === 'denied') return otherUser(process.user, socket);
  if (access === 'missing') return collectorGone(socket);
  return socket === expected.socketPath ? undefined : otherCollector(socket, expected.socketPath);
}

function somebodyElses(user: number): Problem {
  return {
    id: 'other-user',
    what: `It belongs to another user (number ${user}).`,
    why: 'Its environment cannot be read from here, and it may not be able to open the socket.',
    fix: 'Start wiretime as the same user, or `wiretime serve --socket PATH` in a folder that both may use.',
  };
}

const DISABLED: Problem = {
  id: 'disabled',
  what: 'The agent is switched off.',
  why: 'WIRETIME_DISABLED=1 is in its environment.',
  fix: 'Unset WIRETIME_DISABLED and start the program again.',
};

const ENVIRONMENT_LOST: Problem = {
  id: 'environment',
  what: 'The agent was not loaded.',
  why:
    'WIRETIME_SOCKET is not in its environment: whoever started it gave it one of its own ' +
    '(`env` of spawn, fork or Worker; env -i; sudo; a service manager; turbo).',
  fix:
    'Pass the environment on: { ...process.env, MINE: 1 }, sudo -E, turbo run --env-mode=loose, or the lines of `wiretime env` ' +
    'in the unit file.',
};

const OPTIONS_LOST: Problem = {
  id: 'node-options',
  what: 'The agent was not loaded.',
  why:
    'NODE_OPTIONS was replaced on the way, by a script, an entry of package.json or node-options in an .npmrc, and names the ' +
    'agent no longer.',
  fix:
    'Append instead: NODE_OPTIONS="$NODE_OPTIONS --max-old-space-size=4096", in an .npmrc node-options=${NODE_OPTIONS} ' +
    '--max-old-space-size=4096.',
};

const PERMISSION: Problem = {
  id: 'permission',
  what: 'Node.js may not read the agent.',
  why: 'On Node.js 20 --experimental-permission also holds for the file that NODE_OPTIONS loads.',
  fix: 'Add --allow-fs-read with the path of the agent (above), or use Node.js 22 or newer, where it is not needed.',
};

function otherAgent(agentFile: string): Problem {
  return {
    id: 'other-agent',
    what: 'It loads the agent of another installation.',
    why: `NODE_OPTIONS names one that is not ${agentFile}.`,
    fix: 'Run `wiretime env` of this installation again, or remove the other one, and start the program anew.',
  };
}

const IGNORED: Problem = {
  id: 'options-ignored',
  what: 'It listens, and its agent has not said hello.',
  why:
    'The server may run in a Worker with an `env` of its own. Or Node.js ignores NODE_OPTIONS: it does so when its file has ' +
    'capabilities or is setuid, and when it was built without them. Or the program has replaced what the agent stands on (EventEmitter.init).',
  fix:
    'Give the Worker { ...process.env }. Or load the agent on the command line: node --require AGENT server.js ' +
    '(its path is above).',
};

function otherUser(user: number, socket: string): Problem {
  return {
    id: 'socket-permission',
    what: 'Its agent cannot reach the collector.',
    why: `It runs as user ${user}, who may not open ${socket}.`,
    fix: 'Start wiretime as the same user, or `wiretime serve --socket PATH` in a folder that both may use.',
  };
}

function collectorGone(socket: string): Problem {
  return {
    id: 'collector-gone',
    what: 'Its agent has no collector.',
    why: `Nobody listens at ${socket}: that wiretime has ended, or the path is wrong.`,
    fix: 'Start wiretime again and the program after it (a `wiretime serve --socket PATH` keeps its path).',
  };
}

function otherCollector(socket: string, expected: string): Problem {
  return {
    id: 'other-collector',
    what: 'It sends to another wiretime.',
    why: `Its socket is ${socket}, and this recording listens at ${expected}.`,
    fix: 'Look into the recording of that one, or start the program from this one.',
  };
}

function pythonProblem(process: ProcessFacts, expected: Expected): Problem | undefined {
  const flag = isolatingFlag(process.args);
  if (flag !== undefined) return isolated(flag);
  const general = environmentProblem(process, expected);
  if (general !== undefined) return general;
  const paths = (process.env?.['PYTHONPATH'] ?? '').split(':');
  if (!paths.includes(expected.pythonFolder)) return PYTHONPATH_LOST;
  return process.isListening ? PYTHON_SILENT : undefined;
}

/** Before the script: `-I`, `-E`, `-S`, also in one (`-IS`). */
function isolatingFlag(args: readonly string[]): string | undefined {
  for (const arg of args.slice(1)) {
    if (!arg.startsWith('-') || arg === '-c' || arg === '-m') return undefined;
    if (/^-[a-zA-Z]*[IES]/.test(arg)) return arg;
  }
  return undefined;
}

function isolated(flag: string): Problem {
  return {
    id: 'python-isolated',
    what: 'The agent was not loaded.',
    why: `Python was started with ${flag}: it then looks at no PYTHONPATH (-I, -E) or loads no sitecustomize (-I, -S).`,
    fix: `Start it without ${flag} while you record.`,
  };
}

const PYTHONPATH_LOST: Problem = {
  id: 'python-path',
  what: 'The agent was not loaded.',
  why: 'PYTHONPATH was replaced on the way, and names the folder of the agent no longer.',
  fix: 'Put yours before it: PYTHONPATH="mine:$PYTHONPATH".',
};

const PYTHON_SILENT: Problem = {
  id: 'python-silent',
  what: 'It listens, and its agent has not said hello.',
  why: 'Another sitecustomize.py may come first in its path, or it has taken no request yet.',
  fix: 'Send a request and look again. Else start it with python -v and look which sitecustomize is loaded.',
};
