// In which line of a function something ran. In: where the function begins, in what a person wrote, and the name of what it called. Out: the place of
// the call when the function has just one of that name, else where it begins: V8's profiler knows lines only of the function that runs itself.

import { readFileSync, statSync } from 'node:fs';
import { BoundedMap } from '../base/bounded.ts';
import { functionText } from './function-text.ts';

const SIZE_LIMIT_BYTES = 2 * 1024 * 1024;
const FILE_LIMIT = 50;

/** What an agent says of code of a regular expression, and who runs one. */
const EXPRESSION = '(regular expression)';
const EXPRESSION_METHODS = '(?:test|exec|match|matchAll|replace|replaceAll|search|split)';

const files = new BoundedMap<string, string>(FILE_LIMIT);

/** `place`: `file:line:column`, answered unchanged when the file cannot be read or the call not be told. Files are read at once, the first time. */
export function calledLine(place: string, called: string): string {
  const [, file = '', line, column] = /^(.*):(\d+):(\d+)$/.exec(place) ?? [];
  const name = called === EXPRESSION ? EXPRESSION_METHODS : /([\w$]+)$/.exec(called)?.[1];
  if (name === undefined || !file.startsWith('/')) return place;
  const text = textOf(file);
  const start = offsetOf(text, Number(line), Number(column));
  const code = functionText(text, start);
  // Bundlers give a second one of the same name a number.
  const [at = -1] = [name, name.replace(/\d+$/, '')]
    .map((each) => onlyCall(code, each))
    .filter((found) => found >= 0);
  return at < 0 ? place : `${file}:${placeOf(text, start + at)}`;
}

/**
 * `line`: a place of which a profiler says that it is in the function that begins at `place`. Of code that V8 has inlined it may lie anywhere: then
 * it is the beginning of the function.
 */
export function lineWithin(place: string, line: string): string {
  const [, file = '', first, column] = /^(.*):(\d+):(\d+)$/.exec(place) ?? [];
  const [, other = '', asked] = /^(.*):(\d+):\d+$/.exec(line) ?? [];
  if (other !== file || !file.startsWith('/')) return place;
  const text = textOf(file);
  const code = functionText(text, offsetOf(text, Number(first), Number(column)));
  const last = Number(first) + code.split('\n').length - 1;
  return Number(asked) >= Number(first) && Number(asked) <= last ? `${file}:${asked}:1` : place;
}

/** -1: none, or several. */
function onlyCall(body: string, name: string): number {
  const calls = [...body.matchAll(new RegExp(`(?<![\\w$])${name.replaceAll('$', '\\$')}\\s*\\(`, 'g'))];
  return calls.length === 1 ? (calls[0]?.index ?? -1) : -1;
}

function textOf(file: string): string {
  let text = files.get(file);
  if (text === undefined) files.set(file, (text = read(file)));
  return text;
}

function read(file: string): string {
  try {
    return statSync(file).size > SIZE_LIMIT_BYTES ? '' : readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Of a line and a column, both from 1. */
function offsetOf(text: string, line: number, column: number): number {
  let at = 0;
  for (let left = line - 1; left > 0; left--) {
    const end = text.indexOf('\n', at);
    if (end < 0) return text.length;
    at = end + 1;
  }
  return Math.min(text.length, at + Math.max(0, column - 1));
}

function placeOf(text: string, offset: number): string {
  const before = text.slice(0, offset);
  return `${before.split('\n').length}:${offset - before.lastIndexOf('\n')}`;
}
