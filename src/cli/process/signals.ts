// Signals that we get while the program runs, and what the program gets. In: signals. Out: signals, and the wish to force the end.
// A Ctrl-C in a terminal reaches the whole foreground process group, so the program has it already: not delivered twice.

import { readFileSync } from 'node:fs';
import { constants } from 'node:os';

import { ExitCode } from '../failure.ts';

/** Handed on as they come. SIGUSR1 is not among them: Node answers it itself (inspector). */
const FORWARDED: readonly NodeJS.Signals[] =
  process.platform === 'win32' ? ['SIGBREAK'] : ['SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'];
/** What a terminal sends to the group. */
const FROM_KEYBOARD: ReadonlySet<NodeJS.Signals> = new Set<NodeJS.Signals>(['SIGINT', 'SIGQUIT', 'SIGBREAK']);

/** End a program that does not listen to them, at once: what its agent has not sent by then is lost. */
const ENDING: ReadonlySet<NodeJS.Signals> = new Set<NodeJS.Signals>([
  'SIGTERM',
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
]);
/** Agents send every 50 ms: after twice that everything that happened before the signal is here. Nobody notices it at an end. */
const LAST_WORDS_MS = 100;

export interface SignalTarget {
  kill(signal: NodeJS.Signals): unknown;
}

/** Until `stop`: hands signals on; the second interrupt kills. Returns how to stop, which makes signals default again. */
export function relaySignals(target: SignalTarget): { stop(): void } {
  let interrupts = 0;
  const relay = (signal: NodeJS.Signals) => {
    if (signal === 'SIGINT') interrupts++;
    if (interrupts > 1) target.kill('SIGKILL');
    else if (FROM_KEYBOARD.has(signal) && isForeground()) return;
    else if (ENDING.has(signal)) setTimeout(() => target.kill(signal), LAST_WORDS_MS);
    else target.kill(signal);
  };
  const signals: readonly NodeJS.Signals[] = ['SIGINT', ...FORWARDED];
  for (const signal of signals) process.on(signal, relay);
  return {
    stop: () => {
      for (const signal of signals) process.off(signal, relay);
    },
  };
}

/** Until `stop`: keeps signals back while nothing can receive them yet. `first` is the first that came. */
export function holdSignals(): { readonly first: NodeJS.Signals | undefined; stop(): void } {
  let first: NodeJS.Signals | undefined;
  const hold = (signal: NodeJS.Signals) => {
    first ??= signal;
  };
  for (const signal of ['SIGINT', ...FORWARDED] as const) process.on(signal, hold);
  return {
    get first() {
      return first;
    },
    stop: () => {
      for (const signal of ['SIGINT', ...FORWARDED] as const) process.off(signal, hold);
    },
  };
}

/** Whether we are in the process group that the keyboard of a terminal signals. */
export function isForeground(): boolean {
  try {
    return isForegroundByStat(readFileSync('/proc/self/stat', 'latin1'));
  } catch {
    return process.stdin.isTTY;
  }
}

/** proc(5): after the name in brackets come state, ppid, pgrp, session, tty_nr, tpgid. */
export function isForegroundByStat(stat: string): boolean {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [, , group, , terminal, foreground] = fields;
  return terminal !== '0' && group === foreground;
}

/** While the recording is saved: the first signal says so, the next one ends at once, without saving. */
export function guardSaving(say: (sentence: string) => void): { stop(): void } {
  let count = 0;
  const guard = (signal: NodeJS.Signals) => {
    if (++count > 1) process.exit(ExitCode.signal + constants.signals[signal]);
    say('Saving the recording. Once more to end without it.');
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, guard);
  return {
    stop: () => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, guard);
    },
  };
}

/** Ends as the keyboard's Ctrl-C ends a program, so that a shell loop around us ends, too. Returns when that is not possible. */
export function dieOfInterrupt(): void {
  process.removeAllListeners('SIGINT');
  process.kill(process.pid, 'SIGINT');
}

const lastDuties = new Set<() => void>();

function interrupted(): void {
  for (const duty of lastDuties) duty();
  dieOfInterrupt();
}

/** Until `stop`: Ctrl-C does this first and then ends the process, as it would have. Not for commands that have their own way to end. */
export function beforeInterrupt(duty: () => void): { stop(): void } {
  if (lastDuties.size === 0) process.on('SIGINT', interrupted);
  lastDuties.add(duty);
  return {
    stop: () => {
      lastDuties.delete(duty);
      if (lastDuties.size === 0) process.off('SIGINT', interrupted);
    },
  };
}

/** Resolves at the first of the signals that end a daemon. */
export function endSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => resolve(signal));
  });
}
