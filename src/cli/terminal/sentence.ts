// Sentences made of words, wrapped to the terminal. In: the pieces that answer/ built. Out: lines.
// Not here: what the sentences say.

import type { Words } from '../../answer/api.ts';
import { cut, safe, widthOf } from './text.ts';
import type { Paint } from './paint.ts';

interface Word {
  readonly text: string;
  readonly isStrong: boolean;
}

/** Lines of at most `width` columns. Breaks at plain spaces only: a number and its unit stay together. */
export function wrap(pieces: readonly Words[], width: number, paint: Paint): readonly string[] {
  const lines: Word[][] = [[]];
  let used = 0;
  for (const word of wordsOf(pieces, width)) {
    const wide = widthOf(word.text);
    if (used > 0 && used + 1 + wide > width) {
      lines.push([]);
      used = 0;
    }
    used += wide + (used > 0 ? 1 : 0);
    lines.at(-1)?.push(word);
  }
  return lines.filter((line) => line.length > 0).map((line) => painted(line, paint));
}

/** Pieces meet in the middle of a word (`**53%**, and`): such a word is strong when its first piece is. */
function wordsOf(pieces: readonly Words[], width: number): readonly Word[] {
  const words: { text: string; isStrong: boolean }[] = [];
  let isOpen = false;
  for (const piece of pieces) {
    for (const [index, text] of safe(piece.text).split(' ').entries()) {
      const last = words.at(-1);
      if (index === 0 && isOpen && last !== undefined && last.text !== '') last.text += text;
      else words.push({ text, isStrong: piece.isStrong === true });
    }
    isOpen = true;
  }
  return words
    .filter((word) => word.text !== '')
    .map(({ text, isStrong }) => ({ text: cut(text, width), isStrong }));
}

/** Strong words that follow each other become one piece. */
function painted(line: readonly Word[], paint: Paint): string {
  const runs: { text: string; isStrong: boolean }[] = [];
  for (const { text, isStrong } of line) {
    const last = runs.at(-1);
    if (last?.isStrong === isStrong) last.text += ` ${text}`;
    else runs.push({ text, isStrong });
  }
  return runs.map(({ text, isStrong }) => (isStrong ? paint.strong(text) : text)).join(' ');
}
