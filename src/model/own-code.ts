// Which lines the CPU of a service goes to, as a profiler saw it, and the words for it. In: sums by line. Out: sentences, or none.

import { formatWholeShare } from '../base/numbers.ts';

/** Of a service whose whole CPU was looked at. */
export interface OwnCode {
  readonly service: string;
  /** All that ran, whatever it was. */
  readonly us: number;
  /** The largest first, not all of them. */
  readonly lines: readonly OwnCodeLine[];
}

export interface OwnCodeLine {
  /** `file:line:column`; '' when nothing of the application was on the stack. */
  readonly callSite: string;
  /** Of the function. */
  readonly name: string;
  /** What it had called: `hashSync of bcryptjs`, `(garbage collector)`; '' when it ran itself. */
  readonly called: string;
  readonly us: number;
}

/** So many lines of a service are said, as far as they take this share. */
const SAID = 3;
const LEAST_SHARE = 0.05;

/** '' when nobody has looked. */
export function ownCodeSentence(all: readonly OwnCode[]): string {
  return all
    .map(({ service, us, lines }) => {
      const parts = lines
        .filter((line) => line.us >= LEAST_SHARE * us)
        .slice(0, SAID)
        .map((line) => `${formatWholeShare(line.us / us)} ${lineWords(line)}`);
      return parts.length === 0
        ? `No line takes more than ${formatWholeShare(LEAST_SHARE)} of the CPU of ${service}.`
        : `Of the CPU of ${service}, ${parts.join(', ')}.`;
    })
    .join(' ');
}

/** `checkPassword at src/auth.js:9 (pbkdf2Sync)` */
export function lineWords({ callSite, name, called }: Omit<OwnCodeLine, 'us'>): string {
  const what = called.replace(/^\((.*)\)$/, '$1');
  if (callSite === '') return what === 'program' ? 'native code' : what;
  const line = callSite.replace(/:\d+$/, '');
  const place = name === '' ? line : `${name} at ${line}`;
  return what === '' ? place : `${place} (${what})`;
}
