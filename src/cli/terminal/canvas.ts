// What every renderer draws with: the traits of the terminal, its colours, and the words both reports share.

import { formatDuration } from '../../base/numbers.ts';
import { Paint } from './paint.ts';
import { printable } from './text.ts';
import type { TerminalTraits } from './traits.ts';

export interface Canvas {
  readonly traits: TerminalTraits;
  readonly paint: Paint;
}

export function canvasFor(traits: TerminalTraits): Canvas {
  return { traits, paint: new Paint(traits) };
}

/** Lines as the terminal shall get them, with a newline at the end. */
export function printed(lines: readonly string[], canvas: Canvas): string {
  return printable(`${lines.map((line) => line.trimEnd()).join('\n')}\n`, canvas.traits.isUnicode);
}

/** A percentile needs enough requests behind it; `n/a` says that they are missing. */
export function formatPercentile(us: number | undefined): string {
  return us === undefined ? 'n/a' : formatDuration(us);
}
