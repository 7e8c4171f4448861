// Ends servers (and the demo) when the process that started them ends, however it ends: by itself, Ctrl-C, an error or SIGKILL.
// A small shell waits on a pipe of which we hold the only other end. The kernel closes it with us; then the shell
// ends the servers and removes their folder. stop() takes the same way, so there is only this one.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';

/** Reads lines "SIGNAL PID"; at the end of input sends them, waits up to 2 s, sends KILL, removes the folder, if any. */
const SCRIPT = `
trap '' INT TERM HUP
targets=
while read -r signal pid; do targets="$targets $signal:$pid"; done
for target in $targets; do kill -"\${target%%:*}" "\${target##*:}" 2>/dev/null; done
tries=0
for target in $targets; do
  while kill -0 "\${target##*:}" 2>/dev/null && [ $tries -lt 40 ]; do sleep 0.05; tries=$((tries + 1)); done
  kill -KILL "\${target##*:}" 2>/dev/null
done
[ -z "$1" ] || rm -rf "$1"
`;

export interface Watchdog {
  /** From now on the process ends with us. */
  watch(pid: number, signal: 'QUIT' | 'KILL' | 'TERM'): void;
  /** Ends everything watched and removes the folder, if any. */
  stop(): Promise<void>;
}

/** A process of its own session, so that Ctrl-C in our terminal does not reach it before us. */
export function startWatchdog(folder = ''): Watchdog {
  const shell = spawn('sh', ['-c', SCRIPT, 'sh', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  letGo(shell);
  return {
    watch: (pid, signal) => shell.stdin.write(`${signal} ${pid}\n`),
    async stop() {
      if (shell.exitCode !== null || shell.signalCode !== null) return;
      shell.ref();
      const ended = once(shell, 'exit');
      shell.stdin.end();
      await ended;
    },
  };
}

/** We may end without waiting for it: that is what it waits for. */
function letGo(shell: ChildProcess): void {
  shell.unref();
  if (shell.stdin instanceof Socket) shell.stdin.unref();
}
