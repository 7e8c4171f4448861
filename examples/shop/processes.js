// The shop's processes: how they start, and in which order they end. In: what to run, as which part of the shop.
// Out: where each listens. All end with us, however we end. Not here: what there is to run (start.js).

import { spawn } from 'node:child_process';

/** The order of the end: first the customers, so that no request is cut off; then the services; then what they talk to. */
const PARTS = ['customers', 'services', 'outside'];
/** What is no part of the backend is not measured. */
const UNMEASURED = { WIRETIME_DISABLED: '1', NODE_OPTIONS: '' };
const END_LIMIT_MS = 5000;

/** A shell that reads process ids until our end of the pipe closes, which the kernel does when we are killed. */
const WATCHDOG =
  'trap "" INT TERM HUP; while read -r pid; do pids="$pids $pid"; done; kill -TERM $pids 2>/dev/null; rm -rf "$1"';

/** In a session of its own: a terminal's Ctrl-C is for us, who end the others in order. */
const APART = { detached: true };

export class Processes {
  #parts = Object.fromEntries(PARTS.map((part) => [part, []]));
  #watchdog;
  #env;
  #onEarlyEnd;
  isEnding = false;

  /** `folder` is removed at the end; `onEarlyEnd` hears of a process that ends by itself. */
  constructor(folder, env, onEarlyEnd) {
    const stdio = ['pipe', 'ignore', 'ignore'];
    this.#watchdog = spawn('sh', ['-c', WATCHDOG, 'sh', folder], { ...APART, stdio });
    this.#env = env;
    this.#onEarlyEnd = onEarlyEnd;
  }

  #spawn(part, [command, ...args], env, stdio) {
    const measured = part === 'services' ? {} : UNMEASURED;
    const child = spawn(command, args, {
      ...APART,
      stdio,
      env: { ...process.env, ...this.#env, ...measured, ...env },
    });
    this.#parts[part].push(child);
    if (child.pid !== undefined) this.#watchdog.stdin.write(`${child.pid}\n`);
    return child;
  }

  /** Runs until the shop ends. Resolves with the rest of its line "… listening on …". */
  start(part, name, command, env = {}) {
    const child = this.#spawn(part, command, env, ['ignore', 'pipe', 'inherit']);
    child.once('exit', (code, signal) => {
      if (!this.isEnding) this.#onEarlyEnd(`${name} ended by itself (${signal ?? code})`);
    });
    return new Promise((resolve, reject) => {
      let printed = '';
      child.once('error', (error) => reject(new Error(`${name} does not start: ${error.message}`)));
      child.once('exit', () => reject(new Error(`${name} does not start`)));
      child.stdout.on('data', (chunk) => {
        printed += chunk;
        const found = / listening on (.*)\n/.exec(printed);
        if (found !== null) resolve(found[1]);
      });
    });
  }

  /** Runs to its end. */
  run(part, command, env = {}) {
    const child = this.#spawn(part, command, env, ['ignore', 'inherit', 'inherit']);
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${command[0]} failed`))));
    });
  }

  async end() {
    if (this.isEnding) return;
    this.isEnding = true;
    for (const part of PARTS) await Promise.all(this.#parts[part].map(endChild));
    this.#watchdog.stdin.end();
  }
}

function endChild(child) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return undefined;
  const timer = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS);
  child.kill('SIGTERM');
  return new Promise((resolve) => {
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
