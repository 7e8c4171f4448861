// What could be typed next in the filter of traces. In: the text, where the caret is, the endpoints there are. Out: suggestions,
// each with the whole text it leads to. Pure.

import type { EndpointName, SearchAnswer } from '../../answer/api.ts';
import { CATEGORIES } from '../../model/category.ts';
import { FINDING_KINDS } from '../../model/finding.ts';
import { FILTER_KEYS, quotedValue } from '../../model/request-filter.ts';
import { withoutColumn } from './finding-words.ts';

export interface Suggestion {
  /** What is inserted, and what it is for. */
  readonly text: string;
  readonly about: string;
  /** The field with it, and where the caret is then. */
  readonly result: string;
  readonly caret: number;
}

const MOST = 8;

/** What there is to name in a filter. */
export interface Known extends Pick<SearchAnswer, 'dependencies' | 'callSites'> {
  readonly endpoints: readonly EndpointName[];
}

export function suggestions(text: string, caret: number, known: Known): Suggestion[] {
  const before = text.slice(0, caret);
  const start = wordStart(before);
  const word = before.slice(start);
  const colon = word.indexOf(':');
  const insert = (inserted: string, about: string): Suggestion => {
    const head = text.slice(0, start) + inserted;
    return { text: inserted, about, result: head + text.slice(caret), caret: head.length };
  };
  if (colon < 0)
    return FILTER_KEYS.filter(({ key }) => key.startsWith(word.toLowerCase())).map(({ key, example }) =>
      insert(`${key}:`, example),
    );
  const key = word.slice(0, colon).toLowerCase();
  const typed = word
    .slice(colon + 1)
    .replace(/^"/, '')
    .toLowerCase();
  return valuesOf(key, known)
    .filter(({ value }) => value.toLowerCase().includes(typed) && value.toLowerCase() !== typed)
    .slice(0, MOST)
    .map(({ value, about }) => insert(`${key}:${quotedValue(value)} `, about));
}

/** Of the word before the caret; a quoted value belongs to its key. */
function wordStart(before: string): number {
  const isOpen = (before.match(/"/g)?.length ?? 0) % 2 === 1;
  const until = isOpen ? before.lastIndexOf('"') : before.length;
  return before.lastIndexOf(' ', until - 1) + 1;
}

interface Value {
  readonly value: string;
  readonly about: string;
}

function valuesOf(key: string, { endpoints, dependencies, callSites }: Known): readonly Value[] {
  const named = (values: readonly string[]): Value[] =>
    [...new Set(values)].map((value) => ({ value, about: key }));
  switch (key) {
    case 'service':
      return named(endpoints.map(({ service }) => service));
    case 'method':
      return named(endpoints.map(({ method }) => method));
    case 'endpoint':
      return endpoints.map(({ service, method, route }) => ({ value: `${method} ${route}`, about: service }));
    case 'status':
      return named(['2xx', '3xx', '4xx', '5xx']);
    case 'error':
      return named(['yes', 'no']);
    case 'duration':
      return named(['>100ms', '>1s', '10ms..50ms']);
    case 'calls':
      return named(['>20', '>100']);
    case 'finding':
      return FINDING_KINDS.map(({ key: value, name }) => ({ value, about: name }));
    case 'category':
      return CATEGORIES.map(({ key: value, name }) => ({ value, about: name }));
    case 'db':
      return named(
        dependencies
          .filter(({ category }) => category === 'db' || category === 'cache')
          .map(({ text }) => text),
      );
    case 'host':
      return named(dependencies.map(({ text }) => text));
    case 'file':
      return named(callSites.map(({ text }) => withoutColumn(text)).filter((text) => text !== ''));
    default:
      return [];
  }
}
