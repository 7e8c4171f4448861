// A side of a comparison as it is typed: `DIR`, `DIR@14:00..14:15`, `@-30m..-15m`. In: that text. Out: a folder and a range of time.
// Times: ISO 8601, a time of the last day of the recording, or so long before its last request; either end may be missing.

import { ExitCode, Failure } from '../failure.ts';

export interface SideText {
  /** undefined: the folder of --data. */
  readonly folder: string | undefined;
  readonly from: string;
  readonly to: string;
}

/** Throws a Failure when the part behind `@` is no range. */
export function parseSide(text: string): SideText {
  const at = text.lastIndexOf('@');
  const range = at < 0 ? '' : text.slice(at + 1);
  if (!range.includes('..')) return { folder: text, from: '', to: '' };
  const [from = '', to = ''] = range.split('..').map((part) => part.trim());
  for (const time of [from, to]) if (time !== '') timeAt(time, 0);
  return { folder: at === 0 ? undefined : text.slice(0, at), from, to };
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** ms since 1970. `lastMs` is when the recording ends. Throws a Failure for what is no time. */
export function timeAt(text: string, lastMs: number): number {
  const [, ago = '', unit = ''] = /^-(\d+)([smhd])$/.exec(text) ?? [];
  const factor = UNITS[unit];
  if (factor !== undefined) return lastMs - Number(ago) * factor;
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  if (clock !== null) return onLastDay(clock, lastMs);
  const time = Date.parse(text);
  if (!Number.isNaN(time)) return time;
  throw new Failure(
    `"${text}" is no time: write 14:05, 2026-03-04T14:05 or -15m (before the last request)`,
    ExitCode.usage,
  );
}

/** The day before, when the recording ended earlier in the day. */
function onLastDay([, hours, minutes, seconds = '0']: RegExpExecArray, lastMs: number): number {
  const time = new Date(lastMs);
  time.setHours(Number(hours), Number(minutes), Number(seconds), 0);
  if (time.getTime() > lastMs) time.setDate(time.getDate() - 1);
  return time.getTime();
}
