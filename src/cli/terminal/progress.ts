// How far long work is. In: steps done of all. Out: on a terminal one line that moves, elsewhere a line now and then; on stderr.
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
