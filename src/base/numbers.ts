// Numbers as the pages and the terminal show them. In: µs, counts, shares, bytes. Out: short text, the same everywhere.
// Three significant digits; a narrow no-break space before the unit and between thousands; a true minus.
// Not here: colours, columns, time of day.

/** U+202F: keeps a number and its unit on one line. */
export const NARROW_SPACE = '\u202f';
/** U+2212, as wide as a plus. */
export const MINUS = '\u2212';

/** A number and its unit, for tables that show the unit in a weaker colour. `unit` is '' when there is none. */
export interface Parts {
  readonly number: string;
  readonly unit: string;
}

/** Each unit up to where three digits would round into the next: 999.5 µs is 1.00 ms. */
const DURATION_UNITS = [
  { unit: 'µs', us: 1, below: 999.5 },
  { unit: 'ms', us: 1e3, below: 999.5e3 },
  { unit: 's', us: 1e6, below: 99.95e6 },
  { unit: 'min', us: 60e6, below: 99.95 * 60e6 },
  { unit: 'h', us: 3600e6, below: Infinity },
] as const;

/** A duration, as number and unit; the sign is dropped. */
export function durationParts(us: number): Parts {
  const size = Math.abs(us);
  if (size === 0) return { number: '0', unit: '' };
  if (size < 1) return { number: '<1', unit: 'µs' };
  const { unit, us: one } = DURATION_UNITS.find(({ below }) => size < below) ?? DURATION_UNITS[4];
  return { number: unit === 'h' ? grouped((size / one).toFixed(1)) : threeDigits(size / one), unit };
}

/** `412 µs`, `1.24 ms`, `81.0 ms`, `58.1 min`, `3.2 h`; `<1 µs` below 1; `0`. Negative durations carry a true minus. */
export function formatDuration(us: number): string {
  return (us < 0 ? MINUS : '') + joined(durationParts(us));
}

/** Smaller differences are below what a comparison of two requests can show. */
const NO_DIFFERENCE_US = 30;

/** `+104 ms`, `−2.10 ms`; `0` under 30 µs. */
export function formatSignedDuration(us: number): string {
  return Math.abs(us) < NO_DIFFERENCE_US ? '0' : signed(us, joined(durationParts(us)));
}

/** `47 756`, rounded to a whole number. */
export function formatCount(count: number): string {
  return (count < 0 ? MINUS : '') + grouped(Math.abs(count).toFixed(0));
}

/** `1 call`, `47 756 calls`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** For tight places: `20.4k` from 10 000 on, `1.20M` from a million on. */
export function formatCountShort(count: number): string {
  const size = Math.abs(count);
  if (size < 9999.5) return formatCount(count);
  const text = size < 999.5e3 ? `${threeDigits(size / 1e3)}k` : `${threeDigits(size / 1e6)}M`;
  return (count < 0 ? MINUS : '') + text;
}

/** A rate or a mean count: `979`, `93.4`, `1.20`; `0`. */
export function formatRate(rate: number): string {
  if (rate === 0) return '0';
  return rate < 0.005 ? '<0.01' : rate < 1 ? rate.toFixed(2) : threeDigits(rate);
}

/** `48.9%`; `<0.1%` below 0.05 %; `0%`. `share` is 0..1. */
export function formatShare(share: number): string {
  if (share === 0) return '0%';
  return share > 0 && share < 0.0005 ? '<0.1%' : `${(share * 100).toFixed(1)}%`;
}

/** In sentences: `53%`, `<1%`. */
export function formatWholeShare(share: number): string {
  if (share === 0) return '0%';
  return share > 0 && share < 0.005 ? '<1%' : `${(share * 100).toFixed(0)}%`;
}

/** `−30.0%`, `+1.2%`; `0%` when it rounds to nothing. */
export function formatSignedShare(share: number): string {
  return Math.abs(share) < 0.0005 ? '0%' : signed(share, `${(Math.abs(share) * 100).toFixed(1)}%`);
}

/** `512 B`, `1.50 KB`, `14.2 MB`, in steps of 1024. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return joined({ number: bytes.toFixed(0), unit: 'B' });
  const units = ['KB', 'MB', 'GB', 'TB'] as const;
  const step = Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10) - 1);
  return joined({ number: threeDigits(bytes / 1024 ** (step + 1)), unit: units[step] ?? 'TB' });
}

function signed(value: number, text: string): string {
  return (value < 0 ? MINUS : '+') + text;
}

function joined({ number, unit }: Parts): string {
  return unit === '' ? number : number + NARROW_SPACE + unit;
}

/** `1.24`, `12.4`, `124`, `1 240`: from a thousand on, whole. `size` is at least 1. */
function threeDigits(size: number): string {
  return grouped(size.toFixed(size < 9.995 ? 2 : size < 99.95 ? 1 : 0));
}

function grouped(digits: string): string {
  return digits.replace(/(?<=^\d*)\B(?=(\d{3})+(?!\d))/g, NARROW_SPACE);
}
