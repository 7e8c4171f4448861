// How far long work is. In: steps done of all, or work whose steps nobody knows. Out: on a terminal one line that moves, elsewhere a line
// now and then; on stderr.
// Nothing for work that is done at once.

import { say } from './say.ts';
import { left, printable } from './text.ts';
import { traitsOf } from './traits.ts';

export interface Progress {
  step(done: number, all: number): void;
  /** Removes the line from a terminal. */
  end(): void;
}

/** Whoever waits for less sees nothing. */
const PATIENCE_MS = 500;
const PLAIN_EVERY_MS = 5000;
const BAR_COLUMNS = 30;

export function startProgress(what: string): Progress {
  const { stderr } = process;
  const started = performance.now();
  let saidAt = started;
  let isShown = false;
  return {
    step: (done, all) => {
      const now = performance.now();
      if (now - started < PATIENCE_MS) return;
      if (stderr.isTTY) {
        const { isUnicode } = traitsOf(stderr, process.env);
        const length = all === 0 ? 0 : Math.round((BAR_COLUMNS * done) / all);
        const drawn = printable(
          `${what}  ${left('█'.repeat(length), BAR_COLUMNS)} ${done} of ${all}`,
          isUnicode,
        );
        stderr.write(`\r${drawn}\u001b[K`);
        isShown = true;
      } else if (now - saidAt >= PLAIN_EVERY_MS) {
        saidAt = now;
        say(`${what}: ${done} of ${all}`);
      }
    },
    end: () => {
      if (isShown) stderr.write('\r\u001b[K');
    },
  };
}

const SECOND_MS = 1000;

/** For work that does not say how far it is: on a terminal the seconds count, elsewhere one line says what is waited for. */
export async function whileWaiting<T>(what: string, work: Promise<T>): Promise<T> {
  const { stderr } = process;
  const started = performance.now();
  let isShown = false;
  const show = (): void => {
    const seconds = Math.round((performance.now() - started) / SECOND_MS);
    if (stderr.isTTY)
      stderr.write(
        `\r${printable(`${what}  ${seconds} s`, traitsOf(stderr, process.env).isUnicode)}\u001b[K`,
      );
    else if (!isShown) say(what);
    isShown = true;
  };
  const first = setTimeout(show, PATIENCE_MS);
  const timer = setInterval(show, SECOND_MS);
  try {
    return await work;
  } finally {
    clearTimeout(first);
    clearInterval(timer);
    if (isShown && stderr.isTTY) stderr.write('\r\u001b[K');
  }
}
