// A place where a profiler saw code run, in what a person wrote. In: frames as an agent tells them, and what the innermost had called.
// Out: `file:line:column`, the function, and the name of what it called. In a bundle packages are among the frames: they are what was called.
// Not here: source maps (source-maps.ts), where in a function a call stands (called-line.ts).

import { calledLine } from './called-line.ts';
import { isPackaged, placeInSource } from './caller.ts';

export interface CodePlace {
  /** '' when nothing of the application was on the stack. */
  readonly callSite: string;
  readonly name: string;
  /** `hashSync of bcryptjs`, `pbkdf2Sync`, `(garbage collector)`; '' when the function ran itself. */
  readonly called: string;
}

interface Frame {
  /** `file:line:column` */
  readonly place: string;
  readonly name: string;
}

const NAME_LIMIT = 100;

/** `root`: where the process was started; files below it are named from there. */
export function codePlaceOf(frames: string, called: string, root: string): CodePlace {
  let callee = called;
  for (const line of frames === '' ? [] : frames.split('\n')) {
    const { place, name } = frameOf(line);
    const source = placeInSource(place, root);
    if (!isPackaged(source, root)) {
      // Column 0: the line is that of the call itself.
      const isCall = callee === '' || place.endsWith(':0');
      const site = isCall ? source.replace(/:0$/, ':1') : calledLine(source, frameOf(callee).name);
      return { callSite: below(site, root), name: name.slice(0, NAME_LIMIT), called: wordsFor(callee, root) };
    }
    callee = `${source} ${name}`;
  }
  return { callSite: '', name: '', called: wordsFor(callee, root) };
}

/** `/app/a.js:1:2 get user` */
function frameOf(line: string): Frame {
  const [, place = '', name = line] = /^(.*?:\d+:\d+)(?: (.*))?$/.exec(line) ?? [];
  return { place, name: place !== '' && name === line ? '' : name };
}

function wordsFor(callee: string, root: string): string {
  if (callee === '') return '';
  const { place, name } = frameOf(callee);
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
