// Colours of the terminal. In: text, and what it means. Out: the same text with escape sequences, or without when there are none.
// The colours are those of the pages (tokens.css). Not here: what a terminal can do (traits.ts), widths (text.ts).

import type { CategoryKey } from '../../model/category.ts';
import type { TerminalTraits } from './traits.ts';

type Tone = CategoryKey | 'accent' | 'bad' | 'warn' | 'weak';
type Background = TerminalTraits['background'];

const HEX: Readonly<Record<Background, Readonly<Record<Tone, string>>>> = {
  light: {
    own: '646a73',
    loop: 'ba8a10',
    pool: 'c43724',
    conn: '6b2e08',
    db: '2b57d9',
    cache: '2f9472',
    http: '259ce7',
    ext: '431a6e',
    msg: 'e85aa8',
    other: 'b9bdc4',
    accent: '3a7509',
    bad: 'b4232a',
    warn: '8a5a00',
    weak: '656b75',
  },
  dark: {
    own: '858b97',
    loop: 'f7cb5c',
    pool: 'ff7952',
    conn: 'a65f1e',
    db: '5a84ff',
    cache: '2bb98c',
    http: 'a9e3fc',
    ext: '884bb6',
    msg: 'ee77c4',
    other: '4d5360',
    accent: 'a6d94c',
    bad: 'ff8a80',
    warn: 'f2c864',
    weak: '8e96a3',
  },
};

/** Writes escape sequences only where the terminal has colours. */
export class Paint {
  readonly #traits: TerminalTraits;

  constructor(traits: TerminalTraits) {
    this.#traits = traits;
  }

  tone(tone: Tone, text: string): string {
    if (this.#traits.colour === 'none' || text === '') return text;
    return `\u001b[${foreground(HEX[this.#traits.background][tone], this.#traits.colour)}m${text}\u001b[39m`;
  }

  weak(text: string): string {
    return this.tone('weak', text);
  }

  inverse(text: string): string {
    return this.#traits.colour === 'none' || text === '' ? text : `\u001b[7m${text}\u001b[27m`;
  }

  strong(text: string): string {
    return this.#traits.colour === 'none' || text === '' ? text : `\u001b[1m${text}\u001b[22m`;
  }
}

function foreground(hex: string, colour: '256' | 'full'): string {
  const [red, green, blue] = channels(hex);
  return colour === 'full' ? `38;2;${red};${green};${blue}` : `38;5;${nearestOf256(red, green, blue)}`;
}

function channels(hex: string): readonly [number, number, number] {
  const value = Number.parseInt(hex, 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** Levels of the 6 × 6 × 6 cube (16 to 231); the grey ramp (232 to 255) is 8, 18 … 238. The first 16 are the user's own. */
const CUBE = [0, 95, 135, 175, 215, 255] as const;

function nearestOf256(red: number, green: number, blue: number): number {
  const [r, g, b] = [nearestLevel(red), nearestLevel(green), nearestLevel(blue)];
  const cubeError = distance([CUBE[r] ?? 0, CUBE[g] ?? 0, CUBE[b] ?? 0], [red, green, blue]);
  const step = Math.min(23, Math.max(0, Math.round(((red + green + blue) / 3 - 8) / 10)));
  const grey = 8 + step * 10;
  return distance([grey, grey, grey], [red, green, blue]) < cubeError ? 232 + step : 16 + 36 * r + 6 * g + b;
}

function nearestLevel(channel: number): number {
  let best = 0;
  for (const [index, level] of CUBE.entries())
    if (Math.abs(level - channel) < Math.abs((CUBE[best] ?? 0) - channel)) best = index;
  return best;
}

function distance(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + (value - (b[index] ?? 0)) ** 2, 0);
}
