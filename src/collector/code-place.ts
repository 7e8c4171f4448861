// A place where a profiler saw code run, in what a person wrote. In: frames as an agent tells them, and what the innermost had called.
// Out: `file:line:column`, the function, and the name of what it called. In a bundle packages are among the frames: they are what was called.
// Not here: source maps (source-maps.ts), where in a function a call stands (called-line.ts).

import { calledLine, lineWithin } from './called-line.ts';
import { isPackaged, placeInSource } from './caller.ts';

export interface CodePlace {
  /** '' when nothing of the application was on the stack. */
  readonly callSite: string;
  readonly name: string;
  /** `hashSync of bcryptjs`, `pbkdf2Sync`, `(garbage collector)`; '' when the function ran itself. */
  readonly called: string;
  /** Those of the application that had called it, the innermost first: `file:line:column function`, one a line. */
  readonly callers: string;
}

interface Frame {
  /** `file:line:column` */
  readonly place: string;
  readonly name: string;
}

const NAME_LIMIT = 100;
/** A handler, its service, a helper. */
const CALLERS = 3;

/** `root`: where the process was started; files below it are named from there. */
export function codePlaceOf(frames: string, called: string, root: string): CodePlace {
  const lines = frames === '' ? [] : frames.split('\n');
  let callee = called;
  for (const [index, line] of lines.entries()) {
    const frame = frameOf(line);
    const source = placeInSource(frame.place, root);
    if (isPackaged(source, root)) {
      callee = `${source} ${frame.name}`;
      continue;
    }
    return {
      callSite: below(lineOf(frame, callee, root), root),
      name: frame.name.slice(0, NAME_LIMIT),
      called: wordsFor(callee, root),
      callers: callersOf(lines.slice(index + 1), frame.name, root),
    };
  }
  return { callSite: '', name: '', called: wordsFor(callee, root), callers: '' };
}

/** Where in the function of a frame its callee was called, or where it ran itself. */
function lineOf({ place }: Frame, callee: string, root: string): string {
  const source = placeInSource(place, root);
  // Column 0: the line is told already.
  if (place.endsWith(':0')) return source.replace(/:0$/, ':1');
  const { place: within, name } = frameOf(callee);
  return name === '' ? lineWithin(source, placeInSource(within, root)) : calledLine(source, name);
}

function callersOf(lines: readonly string[], called: string, root: string): string {
  const callers: string[] = [];
  let callee = called;
  for (const line of lines) {
    const frame = frameOf(line);
    // Whoever called a package did not ask for what that calls.
    if (callers.length >= CALLERS || isPackaged(placeInSource(frame.place, root), root)) break;
    if (frame.name === callee) continue;
    const place = below(lineOf(frame, ` ${callee}`, root), root);
    callers.push(`${place} ${frame.name.slice(0, NAME_LIMIT)}`.trimEnd());
    callee = frame.name;
  }
  return callers.join('\n');
}

/** `/app/a.js:1:2 get user` */
function frameOf(line: string): Frame {
  const [, place = '', name = line] = /^(.*?:\d+:\d+)(?: (.*))?$/.exec(line) ?? [];
  return { place, name: place !== '' && name === line ? '' : name };
}

function wordsFor(callee: string, root: string): string {
  const { place, name } = frameOf(callee);
  if (name === '' && packageIn(place) === '') return '';
  const library = packageIn(placeInSource(place, root));
  const short = name.slice(0, NAME_LIMIT);
  if (library === '') return short;
  return short === '' ? library : `${short} of ${library}`;
}

/** `@hapi/hapi` of `/app/node_modules/@hapi/hapi/lib/core.js:1:2`, also of Python's `site-packages`; '' of what is in no package. */
function packageIn(place: string): string {
  const at = Math.max(place.lastIndexOf('/node_modules/'), place.lastIndexOf('/site-packages/'));
  if (at < 0) return '';
  const [first = '', second = ''] = place.slice(place.indexOf('/', at + 1) + 1).split('/');
  if (first.startsWith('@')) return `${first}/${second}`;
  return first.replace(/\.py:.*$/, '');
}

function below(place: string, root: string): string {
  return root.length > 1 && place.startsWith(`${root}/`) ? place.slice(root.length + 1) : place;
}
