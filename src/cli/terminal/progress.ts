// How far long work is. In: steps done of all, or work whose steps nobody knows. Out: on a terminal one line that moves, elsewhere a line
// now and then; on stderr. Nothing for work that is done at once, and nothing is left of the line: at the end, or after Ctrl-C.

import { formatCount } from '../../base/numbers.ts';
import { beforeInterrupt } from '../process/signals.ts';
import { say } from './say.ts';
import { cut, printable, widthOf } from './text.ts';
import { traitsOf } from './traits.ts';

export interface Progress {
  step(done: number, all: number): void;
  /** Removes the line from a terminal. */
  end(): void;
}

/** Whoever waits for less sees nothing. */
const PATIENCE_MS = 500;
const PLAIN_EVERY_MS = 5000;
/** Faster than that nobody reads. */
const DRAWN_EVERY_MS = 100;
const MOST_BAR_COLUMNS = 30;
/** A bar of fewer columns says less than the numbers. */
const LEAST_BAR_COLUMNS = 8;

/** A terminal that can write over its line. */
function canMove(): boolean {
  return process.stderr.isTTY && process.env['TERM'] !== 'dumb';
}

export function startProgress(what: string): Progress {
  const started = performance.now();
  const line = new MovingLine();
  let saidAt = started;
  return {
    step: (done, all) => {
      const now = performance.now();
      if (now - started < PATIENCE_MS) return;
      if (canMove()) {
        if (now - saidAt < DRAWN_EVERY_MS && done < all) return;
        saidAt = now;
        line.show((columns) => barLine(what, done, all, columns));
      } else if (now - saidAt >= PLAIN_EVERY_MS) {
        saidAt = now;
        say(`${what}: ${formatCount(done)} of ${formatCount(all)}`);
      }
    },
    end: () => line.remove(),
  };
}

/** `Exporting requests  ███████████▓▓▓▓  412 of 1 000  41%` in so many columns: the bar gives way first, then the end of the line. */
export function barLine(what: string, done: number, all: number, columns: number): string {
  const share = all === 0 ? 0 : Math.min(1, done / all);
  const numbers = `${formatCount(done)} of ${formatCount(all)}  ${Math.floor(share * 100)}%`;
  const room = Math.min(MOST_BAR_COLUMNS, columns - widthOf(`${what}    ${numbers}`));
  if (room < LEAST_BAR_COLUMNS) return cut(`${what}  ${numbers}`, columns);
  const full = Math.round(room * share);
  return `${what}  ${'█'.repeat(full)}${'░'.repeat(room - full)}  ${numbers}`;
}

/** One line of a terminal that is written over. */
class MovingLine {
  #isShown = false;
  #interrupt: { stop(): void } | undefined = undefined;

  show(lineIn: (columns: number) => string): void {
    const { stderr } = process;
    const { isUnicode } = traitsOf(stderr, process.env);
    // The last column stays free: a full line would break in some terminals. As wide as it is now: it may have been resized.
    const columns = (stderr.columns || 80) - 1;
    // Before the first line is out: whoever sees it may press Ctrl-C at once.
    this.#interrupt ??= beforeInterrupt(() => this.#clear());
    this.#isShown = true;
    stderr.write(`\r${printable(lineIn(columns), isUnicode)}\u001b[K`);
  }

  remove(): void {
    if (this.#isShown) this.#clear();
    this.#interrupt?.stop();
    this.#interrupt = undefined;
    this.#isShown = false;
  }

  #clear(): void {
    process.stderr.write('\r\u001b[K');
  }
}

const SECOND_MS = 1000;

/** For work that does not say how far it is: on a terminal the seconds count, elsewhere one line says what is waited for. */
export async function whileWaiting<T>(what: string, work: Promise<T>): Promise<T> {
  const started = performance.now();
  const line = new MovingLine();
  let isSaid = false;
  const show = (): void => {
    const seconds = Math.round((performance.now() - started) / SECOND_MS);
    if (canMove()) line.show((columns) => cut(`${what}  ${seconds} s`, columns));
    else if (!isSaid) say(what);
    isSaid = true;
  };
  const first = setTimeout(show, PATIENCE_MS);
  const timer = setInterval(show, SECOND_MS);
  try {
    return await work;
  } finally {
    clearTimeout(first);
    clearInterval(timer);
    line.remove();
  }
}
