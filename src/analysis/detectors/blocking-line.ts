// The line that blocks, as a profiler saw it. In: the lines that ran for one endpoint in long stretches. Out: the line most often seen, and words with
// its share; nothing where nobody has looked, or too seldom. Not here: whether anybody waits for it (blocked-loop.ts).

import { formatWholeShare } from '../../base/numbers.ts';
import { lineOf } from '../sample/occurrences.ts';
import type { CodeLine } from '../sample/sample.ts';

export interface BlockingLine {
  /** `file:line`; '' when it is code of a package that nothing of the application called. */
  readonly callSite: string;
  readonly words: string;
}

/** Fewer looks say little about where most of the time goes. */
const LEAST_LOOKS = 5;
/** Less than this is one of many places. */
const LEAST_SHARE = 0.2;
const MOST = 0.5;

interface Place {
  readonly callSite: string;
  readonly name: string;
  readonly called: string;
  readonly functionKey: string;
  us: number;
  /** `file:line` → µs. */
  readonly callers: Map<string, number>;
}

export function blockingLine(lines: readonly CodeLine[]): BlockingLine | undefined {
  // Collecting garbage, and what is outside of JavaScript, has no place; whoever runs beside it has.
  const placed = lines.filter(({ callSite, called }) => callSite !== '' || !called.startsWith('('));
  if (placed.reduce((looks, line) => looks + line.looks, 0) < LEAST_LOOKS) return undefined;
  const totalUs = placed.reduce((us, { blockedUs }) => us + blockedUs, 0);
  const places = placesOf(placed);
  const functions = sumsBy(places, ({ functionKey }) => functionKey);
  const [[functionKey = '', functionUs = 0] = []] = functions;
  const [first, second] = places.toSorted(
    (a, b) => (functions.get(b.functionKey) ?? 0) - (functions.get(a.functionKey) ?? 0) || b.us - a.us,
  );
  if (first === undefined || functionUs < LEAST_SHARE * totalUs) return undefined;
  const { callSite } = first;
  const part = (us: number): string => formatWholeShare(us / totalUs);
  if (first.us >= MOST * totalUs)
    return { callSite, words: `${part(first.us)} of it runs ${wordsFor(first)}. ` };
  if (functionUs >= MOST * totalUs && second?.functionKey === functionKey)
    return { callSite, words: `${part(functionUs)} of it runs ${wordsFor(first)} and lines around it. ` };
  const [, other] = [...functions.keys()];
  const next = places.filter((place) => place.functionKey === other).toSorted((a, b) => b.us - a.us)[0];
  const beside =
    next === undefined ? '' : `, ${part(functions.get(next.functionKey) ?? 0)} ${wordsFor(next)}`;
  return { callSite, words: `It runs in several places: ${part(functionUs)} ${wordsFor(first)}${beside}. ` };
}

/** Each line once, the largest first. */
function placesOf(lines: readonly CodeLine[]): Place[] {
  const places = new Map<string, Place>();
  for (const { callSite, name, called, callers, blockedUs } of lines) {
    const line = lineOf(callSite);
    const key = `${line}\n${name}\n${line === '' ? called : ''}`;
    const functionKey = `${lineOf(line)}\n${name}\n${line === '' ? called : ''}`;
    const place = places.get(key) ?? { callSite: line, name, called, functionKey, us: 0, callers: new Map() };
    place.us += blockedUs;
    const [caller = ''] = /^\S*:\d+(?=:\d)/.exec(callers) ?? [];
    place.callers.set(caller, (place.callers.get(caller) ?? 0) + blockedUs);
    places.set(key, place);
  }
  return [...places.values()].toSorted((a, b) => b.us - a.us);
}

/** The largest first. */
function sumsBy(places: readonly Place[], keyOf: (place: Place) => string): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const place of places) sums.set(keyOf(place), (sums.get(keyOf(place)) ?? 0) + place.us);
  return new Map([...sums].toSorted((a, b) => b[1] - a[1]));
}

/** `in checkPassword (auth.js:9, pbkdf2Sync), called from users.js:41` */
function wordsFor({ callSite, name, called, callers, us }: Place): string {
  if (callSite === '') return `in ${called}`;
  const inside = called === '' ? shortLine(callSite) : `${shortLine(callSite)}, ${called}`;
  const [[caller = '', callerUs = 0] = []] = [...callers].toSorted((a, b) => b[1] - a[1]);
  const by = caller !== '' && callerUs >= MOST * us ? `, called from ${shortLine(caller)}` : '';
  return (name === '' ? `at ${inside}` : `in ${name} (${inside})`) + by;
}

function shortLine(line: string): string {
  return line.split('/').at(-1) ?? '';
}
