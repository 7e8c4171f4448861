// Lines on stderr, which leave the program's stdout alone. In: a line. Out: the line.

import { printable } from './text.ts';
import { traitsOf } from './traits.ts';

/** The line as it is. */
export function say(line: string): void {
  const { isUnicode } = traitsOf(process.stderr, process.env);
  process.stderr.write(`${printable(line, isUnicode)}\n`);
}

/** A remark among the program's own output: says who speaks. */
export function tell(sentence: string): void {
  say(`wiretime: ${sentence}`);
}
