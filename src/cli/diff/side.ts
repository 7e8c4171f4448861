// A part of a recording as it is typed: `DIR`, `DIR@14:00..14:15`, `@-30m..-15m`, `@v2`. In: that text. Out: a folder and a range of time.
// Times: ISO 8601, a time of the last day of the recording, so long before its last request, or the name of a mark; either end may be missing.

import type { Range } from '../../answer/api.ts';
import { ExitCode, Failure } from '../failure.ts';
import type { Mark } from '../session/marks.ts';

export interface Part {
  readonly from: string;
  readonly to: string;
  /** All that belongs to the mark `from`: up to the next one. */
  readonly isMark: boolean;
}

export interface SideText extends Part {
  /** undefined: the folder of --data. */
  readonly folder: string | undefined;
}

const ALL: Part = { from: '', to: '', isMark: false };

export function parseSide(text: string): SideText {
  const at = text.lastIndexOf('@');
  const part = at < 0 ? ALL : parsePart(text.slice(at + 1));
  // Folders may have an @ in their names.
  if (part.isMark && at > 0) return { ...ALL, folder: text };
  return { ...part, folder: at < 0 ? text : at === 0 ? undefined : text.slice(0, at) };
}

/** `FROM..TO`, or the name of a mark. */
export function parsePart(text: string): Part {
  if (!text.includes('..')) return { from: text.trim(), to: '', isMark: true };
  const [from = '', to = ''] = text.split('..').map((end) => end.trim());
  return { from, to, isMark: false };
}

/** `lastMs` is when the recording ends. Throws a Failure for what is neither a time nor a mark. */
export function rangeOf({ from, to, isMark }: Part, lastMs: number, marks: readonly Mark[]): Range {
  if (isMark) return rangeOfMark(from, marks);
  return {
    ...(from === '' ? {} : { from: timeAt(from, lastMs, marks) }),
    // The end is where the other side begins.
    ...(to === '' ? {} : { to: timeAt(to, lastMs, marks) - 1 }),
  };
}

function rangeOfMark(name: string, marks: readonly Mark[]): Range {
  const index = marks.findLastIndex((mark) => mark.name === name);
  const [mark, next] = [marks[index], marks[index + 1]];
  if (mark === undefined) throw new Failure(noMark(name, marks), ExitCode.usage);
  return { from: mark.at, ...(next === undefined ? {} : { to: next.at - 1 }) };
}

function noMark(name: string, marks: readonly Mark[]): string {
  const known = marks.map((mark) => mark.name).join(', ');
  const there = known === '' ? 'it has none (set one: wiretime mark NAME)' : `there are ${known}`;
  return `The recording has no mark "${name}": ${there}`;
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** ms since 1970. Throws a Failure for what is neither a time nor a mark. */
export function timeAt(text: string, lastMs: number, marks: readonly Mark[] = []): number {
  const time = marks.findLast(({ name }) => name === text)?.at ?? timeOf(text, lastMs);
  if (time !== undefined) return time;
  const known = marks.length === 0 ? '' : `, or a mark: ${marks.map(({ name }) => name).join(', ')}`;
  throw new Failure(
    `"${text}" is no time: write 14:05, 2026-03-04T14:05 or -15m (before the last request)${known}`,
    ExitCode.usage,
  );
}

/** undefined for what is no time. */
export function timeOf(text: string, lastMs: number): number | undefined {
  const [, ago = '', unit = ''] = /^-(\d+)([smhd])$/.exec(text) ?? [];
  const factor = UNITS[unit];
  if (factor !== undefined) return lastMs - Number(ago) * factor;
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  if (clock !== null) return onLastDay(clock, lastMs);
  // Date.parse takes "v2" for February.
  const time = /^\d{4}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

/** The day before, when the recording ended earlier in the day. */
function onLastDay([, hours, minutes, seconds = '0']: RegExpExecArray, lastMs: number): number {
  const time = new Date(lastMs);
  time.setHours(Number(hours), Number(minutes), Number(seconds), 0);
  if (time.getTime() > lastMs) time.setDate(time.getDate() - 1);
  return time.getTime();
}
