// Places in the code that a terminal opens with a click (OSC 8). In: a path, the environment. Out: the text, as a link where that works.
// Spec: https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda . Not here: what the text says.

import { hostname } from 'node:os';
import { pathToFileURL } from 'node:url';

type Environment = Readonly<Record<string, string | undefined>>;

const KNOWN_PROGRAMS = /^(iTerm\.app|WezTerm|vscode|ghostty|Hyper|Tabby)$/;
const KNOWN_TERMINALS = /^(xterm-kitty|xterm-ghostty|alacritty|foot|wezterm|contour)/;
const KNOWN_MARKS = ['WT_SESSION', 'KITTY_WINDOW_ID', 'KONSOLE_VERSION', 'DOMTERM'] as const;
/** VTE 0.50 (GNOME Terminal and others): the first that knows links. */
const FIRST_VTE = 5000;

/** Only terminals that are known to: others may print the address. */
export function showsLinks(isTerminal: boolean, env: Environment): boolean {
  if (!isTerminal || env['TERM'] === 'dumb') return false;
  if (/^(screen|tmux)/.test(env['TERM'] ?? '')) return false;
  if (KNOWN_PROGRAMS.test(env['TERM_PROGRAM'] ?? '') || KNOWN_TERMINALS.test(env['TERM'] ?? '')) return true;
  return Number(env['VTE_VERSION'] ?? 0) >= FIRST_VTE || KNOWN_MARKS.some((name) => (env[name] ?? '') !== '');
}

/** `text` must be safe to print already; the path is escaped by being a URL. */
export function fileLink(text: string, absolutePath: string): string {
  const url = pathToFileURL(absolutePath);
  return `\u001b]8;;file://${hostname()}${url.pathname}\u001b\\${text}\u001b]8;;\u001b\\`;
}
