// Text in columns. In: text from anywhere, widths. Out: text that is safe to print, and exactly as wide as asked.
// Not here: colours (paint.ts). A width is in terminal columns: 0, 1 or 2 a character.

import stringWidth from 'string-width';

import { NARROW_SPACE } from '../../base/numbers.ts';

/** UTF-16 units a column: a family of four is 11 in two columns. */
const LONGEST_CHARACTER = 8;
const ELLIPSIS = '…';
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** C0, DEL, C1, and what reorders or breaks lines. Whitespace among them becomes a space, the rest is spelt out. */
// oxlint-disable-next-line no-control-regex -- these are what a route or a statement must not bring into a terminal
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** Text that others wrote (routes, statements, names) without anything a terminal would obey. */
export function safe(text: string): string {
  return text.replace(UNSAFE, (character) => (/\s/.test(character) ? ' ' : spelt(character)));
}

function spelt(character: string): string {
  const code = character.charCodeAt(0).toString(16);
  return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code.padStart(4, '0')}`;
}

export function widthOf(text: string): number {
  return stringWidth(text);
}

/** At most `width` columns; what does not fit ends in `…`. Never splits a character. */
export function cut(text: string, width: number): string {
  // Measuring takes 8 µs a character, and statements may have 100 KB: what lies far beyond the width is not looked at.
  const head = text.slice(0, width * LONGEST_CHARACTER);
  if (head.length === text.length && widthOf(text) <= width) return text;
  let kept = '';
  let left = width - 1;
  for (const { segment } of graphemes.segment(head)) {
    left -= widthOf(segment);
    if (left < 0) break;
    kept += segment;
  }
  return width > 0 ? `${kept.trimEnd()}${ELLIPSIS}` : '';
}

/** Exactly `width` columns, the text on the left. */
export function left(text: string, width: number): string {
  const fitting = cut(text, width);
  return fitting + ' '.repeat(Math.max(0, width - widthOf(fitting)));
}

/** Exactly `width` columns, the text on the right. */
export function right(text: string, width: number): string {
  const fitting = cut(text, width);
  return ' '.repeat(Math.max(0, width - widthOf(fitting))) + fitting;
}

/** ASCII of the same width for what the renderers draw; 1:1, so that columns stay. */
const ASCII: Readonly<Record<string, string>> = {
  '…': '~',
  '−': '-',
  '×': 'x',
  '→': '>',
  '·': '-',
  '•': '*',
  '↓': 'v',
  µ: 'u',
  '✕': 'x',
  '↻': '@',
  '✓': '+',
  '█': '#',
  '▒': ':',
  '░': '.',
};

/** The last step before printing: a plain space for the narrow one (many fonts lack it), and ASCII where that is all there is. */
export function printable(text: string, isUnicode: boolean): string {
  const plain = text.replaceAll(NARROW_SPACE, ' ');
  // oxlint-disable-next-line no-control-regex -- everything outside ASCII
  return isUnicode ? plain : plain.replace(/[^\u0000-\u007f]/gu, toAscii);
}

function toAscii(character: string): string {
  return ASCII[character] ?? '?'.repeat(widthOf(character));
}
