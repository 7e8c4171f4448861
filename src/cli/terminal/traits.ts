// What a terminal can show. In: a stream and the environment. Out: width, colours, background, glyphs.
// Not here: what is drawn with them.

/** What the renderers need to know; a plain value, so that tests can name any terminal. */
export interface TerminalTraits {
  /** Columns to fill, 80 to 120. */
  readonly width: number;
  readonly colour: 'none' | '256' | 'full';
  readonly background: 'dark' | 'light';
  /** False: `#`, `:` and `.` instead of blocks, and ASCII for the rest. */
  readonly isUnicode: boolean;
}

/** Below 80 the tables would have to drop numbers; above 120 the eye loses the row. The design is for 100. */
const WIDTH = { least: 80, most: 120, unknown: 100 } as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** Only what is read from a stream. */
export interface TerminalStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export function traitsOf(stream: TerminalStream, env: Environment): TerminalTraits {
  return {
    width: clampWidth(stream.columns),
    colour: colourOf(stream.isTTY === true, env),
    background: backgroundOf(env),
    isUnicode: isUnicode(env),
  };
}

function clampWidth(columns: number | undefined): number {
  if (columns === undefined || columns <= 0) return WIDTH.unknown;
  return Math.min(WIDTH.most, Math.max(WIDTH.least, columns));
}

/** https://no-color.org: any value but the empty one switches colours off. */
function colourOf(isTerminal: boolean, env: Environment): TerminalTraits['colour'] {
  if (!isTerminal || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb') return 'none';
  return /^(truecolor|24bit)$/i.test(env['COLORTERM'] ?? '') ? 'full' : '256';
}

/** COLORFGBG is `foreground;background` in the 16 colours: 7 and 9 to 15 are light. Dark when nobody says. */
function backgroundOf(env: Environment): TerminalTraits['background'] {
  const background = (env['COLORFGBG'] ?? '').split(';').at(-1) ?? '';
  return /^(7|9|1[0-5])$/.test(background) ? 'light' : 'dark';
}

/** The first of the three that is set decides, as in setlocale(3). Windows has no locale variables. */
function isUnicode(env: Environment): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => (value ?? '') !== '');
  if (locale !== undefined) return /utf-?8/i.test(locale);
  return (env['WT_SESSION'] ?? env['TERM_PROGRAM'] ?? '') !== '';
}
