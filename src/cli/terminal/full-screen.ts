// The whole terminal for one command. In: lines, and who hears keys. Out: frames on the alternate screen. Whatever ends the process (a key, a
// signal, a mistake of ours), the terminal is as it was. Not here: what is drawn.

import { writeSync } from 'node:fs';

const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

export interface FullScreen {
  draw(lines: readonly string[]): void;
  /** May be called twice. */
  leave(): void;
}

export function enterFullScreen(onKeys: (text: string) => void, onResize: () => void): FullScreen {
  const { stdin, stdout } = process;
  let isOpen = true;
  const leave = (): void => {
    if (!isOpen) return;
    isOpen = false;
    stdin.off('data', onKeys);
    stdout.off('resize', onResize);
    process.off('exit', leave);
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.pause();
    // At the end of a process only what is written at once is written.
    tryWrite(LEAVE);
  };
  process.once('exit', leave);
  stdout.write(ENTER);
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.setEncoding('utf8').on('data', onKeys).resume();
  stdout.on('resize', onResize);
  return {
    // No newline after the last line: it would scroll.
    draw: (lines) => {
      if (isOpen) stdout.write(HOME + lines.map((line) => line + CLEAR_LINE).join('\r\n') + CLEAR_BELOW);
    },
    leave,
  };
}

/** The terminal may be gone (SIGHUP). */
function tryWrite(text: string): void {
  try {
    writeSync(process.stdout.fd, text);
  } catch {
    // Nobody is there to see it.
  }
}
