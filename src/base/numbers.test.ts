// The examples of the interface's number rules, pinned.

import { test } from 'node:test';
import { deepEqual, equal } from 'node:assert/strict';
import {
  durationParts,
  formatBytes,
  formatCount,
  formatCountShort,
  formatDuration,
  formatRate,
  formatShare,
  formatSignedDuration,
  formatSignedShare,
  formatWholeShare,
} from './numbers.ts';

/** Test text is written with plain spaces and hyphens; the real ones are narrow spaces and true minuses. */
function plain(text: string): string {
  return text.replaceAll('\u202f', ' ').replaceAll('\u2212', '-');
}

function shows<T>(format: (value: T) => string, cases: readonly (readonly [T, string])[]): void {
  for (const [value, text] of cases) equal(plain(format(value)), text, `of ${String(value)}`);
}

test('durations have three significant digits and the unit that fits', () => {
  shows(formatDuration, [
    [0, '0'],
    [0.4, '<1 µs'],
    [1, '1.00 µs'],
    [412, '412 µs'],
    [999.4, '999 µs'],
    [999.6, '1.00 ms'],
    [1_240, '1.24 ms'],
    [12_400, '12.4 ms'],
    [81_000, '81.0 ms'],
    [124_000, '124 ms'],
    [999_600, '1.00 s'],
    [1_240_000, '1.24 s'],
    [46_400_000, '46.4 s'],
    [58.1 * 60e6, '58.1 min'],
    [3.2 * 3600e6, '3.2 h'],
    [1234.5 * 3600e6, '1 234.5 h'],
    [-2_100, '-2.10 ms'],
  ]);
});

test('rounding never shows four digits', () => {
  shows(formatDuration, [
    [9_996, '10.0 ms'],
    [99_960, '100 ms'],
    [9.994, '9.99 µs'],
    [99_940_000, '99.9 s'],
    [99_960_000, '1.67 min'],
  ]);
});

test('the real characters are a narrow no-break space and a true minus', () => {
  equal(formatDuration(124_000), '124\u202fms');
  equal(formatSignedShare(-0.3), '\u221230.0%');
  equal(formatCount(47_756), '47\u202f756');
  deepEqual(durationParts(5_600), { number: '5.60', unit: 'ms' });
});

test('differences are signed, and nothing below 30 µs', () => {
  shows(formatSignedDuration, [
    [104_000, '+104 ms'],
    [-104_000, '-104 ms'],
    [30, '+30.0 µs'],
    [29, '0'],
    [-29, '0'],
  ]);
  shows(formatSignedShare, [
    [-0.3, '-30.0%'],
    [0.012, '+1.2%'],
    [0.0004, '0%'],
  ]);
});

test('counts are grouped, and short from 10 000 on in tight places', () => {
  shows(formatCount, [
    [0, '0'],
    [999, '999'],
    [1_000, '1 000'],
    [47_756, '47 756'],
    [1_234_567, '1 234 567'],
  ]);
  shows(formatCountShort, [
    [9_999, '9 999'],
    [20_400, '20.4k'],
    [47_756, '47.8k'],
    [999_600, '1.00M'],
    [1_200_000, '1.20M'],
  ]);
});

test('rates', () => {
  shows(formatRate, [
    [0, '0'],
    [0.001, '<0.01'],
    [0.25, '0.25'],
    [1.2, '1.20'],
    [93.4, '93.4'],
    [979, '979'],
    [20_400, '20 400'],
  ]);
});

test('shares', () => {
  shows(formatShare, [
    [0, '0%'],
    [0.489, '48.9%'],
    [0.0004, '<0.1%'],
    [0.0005, '0.1%'],
    [1, '100.0%'],
  ]);
  shows(formatWholeShare, [
    [0.532, '53%'],
    [0.004, '<1%'],
    [1, '100%'],
  ]);
});

test('bytes', () => {
  shows(formatBytes, [
    [0, '0 B'],
    [512, '512 B'],
    [1024, '1.00 KB'],
    [14.2 * 1024 ** 2, '14.2 MB'],
    [2 * 1024 ** 3, '2.00 GB'],
  ]);
});
