// Routes learnt from traffic, for programs whose framework does not name them. In: service, method and path of each request.
// Out: a route in which positions that take ever new words (slugs, names) are `:id`. Numbers and tokens are replaced by
// base/path-template.ts before; this knows only words. What was once replaced stays replaced; memory is bounded.

import { BoundedMap } from '../base/bounded.ts';
import { PLACEHOLDER, pathTemplate } from '../base/path-template.ts';

/** Service + method pairs. Beyond it the pair learnt first is forgotten and learnt anew. */
const MAX_TREES = 1000;
/** Places in all trees together: about 200 bytes each, so 10 MB at most. Beyond it, new words are `:id` at once. */
export const MAX_PLACES = 50_000;
/**
 * When a position collapses. With n visits, of which f words came only once, the next visit brings a new word with
 * probability f/n (Good and Turing). K words used alike give f/n = 1 - distinct/K: a set of 100 words passes 60 distinct
 * with 0.4 and survives; slugs, where K is in the thousands, stay near 1. Skewed use (a few popular names) lowers f/n for
 * both, hence the last steps, which only large sets reach.
 */
const COLLAPSE_STEPS = [
  { distinct: 200, newShare: 0 },
  { distinct: 120, newShare: 0.35 },
  { distinct: 60, newShare: 0.7 },
  { distinct: 25, newShare: 0.95 },
] as const;
/** With words that look like slugs (`how-to-bake-bread`, `iphone-15`), repetition proves nothing. */
const SLUG_DISTINCT = 25;
const SLUG_SHARE = 0.8;
const SLUG = /\d|[-_].*[-_]/;
/** Nor with words that differ in nothing but their number, `shop-1` to `shop-8`: forms of as many steps are rare. */
const NUMBERED_DISTINCT = 8;
const NUMBERED = /^(.*\D)\d+$/;
/** The first segment is hardly ever a value, but scanners try many: it needs this many times the words. */
const FIRST_SEGMENT_FACTOR = 2;
/** A word this many times as frequent as the middle one is a route of its own beside the values: `/users/search`. */
const POPULAR = 20;
/** Words that are routes beside values in nearly every API, however rarely they are asked for. */
const RESERVED = new Set(
  (
    'me self current new create edit update delete search list all latest recent popular trending count stats status health ' +
    'login logout register signup signin verify refresh token export import upload download bulk batch validate preview index'
  ).split(' '),
);

class Place {
  /** How often its word came. */
  hits = 0;
  /** Words seen here, with the place below each. After a collapse: only the words that are routes. */
  readonly words = new Map<string, Place>();
  /** Words seen exactly once. */
  once = 0;
  slugs = 0;
  /** Below `:id`. */
  any: Place | undefined = undefined;
  /** New words are `:id` from now on, for good. */
  isCollapsed = false;
}

/** Learns the routes of all services of a recording. */
export class RouteLearner {
  readonly #trees = new BoundedMap<string, Place>(MAX_TREES);
  #places = 0;

  /** How many places are remembered, for the counters. */
  get size(): number {
    return this.#places;
  }

  /** The route of a request by what was learnt so far, this request included. The same path may get a shorter answer later, once. */
  route(service: string, method: string, path: string): string {
    return this.learnt(service, method, pathTemplate(path));
  }

  /** The same for a path whose numbers and tokens are replaced already. */
  learnt(service: string, method: string, template: string): string {
    if (template === '/' || template === '*') return template;
    let place = this.#tree(`${service} ${method}`);
    let route = '';
    for (const [index, segment] of template.slice(1).split('/').entries()) {
      const isWord = segment !== '' && !isPlaceholder(segment);
      const below = isWord ? this.#visit(place, segment, index === 0) : undefined;
      route += isWord && below === undefined ? `/${PLACEHOLDER}` : `/${segment}`;
      if (segment !== '') place = below ?? this.#any(place);
    }
    return route;
  }

  /**
   * The route of a request whose path was not found: as far as it is known, then `*`. Nothing is learnt from it: scanners try thousands.
   * Numbers and tokens are `:id` as ever, because what is behind a route may be missing, too.
   */
  missed(service: string, method: string, path: string): string {
    const template = pathTemplate(path);
    if (template === '/' || template === '*') return template;
    let place = this.#trees.get(`${service} ${method}`);
    let route = '';
    for (const segment of template.slice(1).split('/')) {
      const isWord = segment !== '' && !isPlaceholder(segment);
      const below: Place | undefined = isWord ? place?.words.get(segment) : place?.any;
      if (isWord && below === undefined && place?.isCollapsed !== true) return `${route}/*`;
      route += isWord && below === undefined ? `/${PLACEHOLDER}` : `/${segment}`;
      if (segment !== '') place = below ?? place?.any;
    }
    return route;
  }

  #tree(key: string): Place {
    const known = this.#trees.get(key);
    if (known !== undefined) return known;
    const tree = this.#grow();
    if (this.#trees.size >= MAX_TREES) this.#places -= countOf(this.#trees.values().next().value);
    this.#trees.set(key, tree);
    return tree;
  }

  #grow(): Place {
    this.#places++;
    return new Place();
  }

  #any(place: Place): Place {
    if (place.any === undefined && this.#places < MAX_PLACES) place.any = this.#grow();
    return place.any ?? place;
  }

  /** The place below a word, or undefined when the word is a value here. */
  #visit(place: Place, word: string, isFirst: boolean): Place | undefined {
    const known = place.words.get(word);
    if (known === undefined) return this.#meet(place, word, isFirst);
    if (known.hits === 1) place.once--;
    known.hits++;
    return known;
  }

  #meet(place: Place, word: string, isFirst: boolean): Place | undefined {
    if (place.isCollapsed && !RESERVED.has(word)) return undefined;
    if (this.#places >= MAX_PLACES) return undefined;
    const below = this.#grow();
    below.hits = 1;
    place.words.set(word, below);
    place.once++;
    if (SLUG.test(word)) place.slugs++;
    if (place.isCollapsed || !takesValues(place, isFirst)) return below;
    this.#collapse(place);
    return place.words.get(word);
  }

  #collapse(place: Place): void {
    place.isCollapsed = true;
    const popular = popularFrom(place);
    for (const [word, below] of place.words) {
      if (RESERVED.has(word) || below.hits >= popular) continue;
      place.words.delete(word);
      this.#places--;
      this.#merge(this.#any(place), below);
    }
  }

  /** What was learnt below a value holds below `:id`. */
  #merge(into: Place, from: Place): void {
    into.isCollapsed ||= from.isCollapsed;
    for (const [word, below] of from.words) this.#mergeWord(into, word, below);
    if (from.any === undefined) return;
    const any = this.#any(into);
    this.#places--;
    this.#merge(any, from.any);
  }

  #mergeWord(into: Place, word: string, below: Place): void {
    const known = into.words.get(word);
    if (known === undefined) {
      into.words.set(word, below);
      if (below.hits === 1) into.once++;
      if (SLUG.test(word)) into.slugs++;
      return;
    }
    if (known.hits === 1) into.once--;
    known.hits += below.hits;
    this.#places--;
    this.#merge(known, below);
  }
}

function isPlaceholder(segment: string): boolean {
  const first = segment.charCodeAt(0);
  return first === 0x3a /* : */ || first === 0x7b /* { */ || first === 0x3c /* < */ || first === 0x2a; /* * */
}

function takesValues(place: Place, isFirst: boolean): boolean {
  const distinct = place.words.size / (isFirst ? FIRST_SEGMENT_FACTOR : 1);
  if (distinct < SLUG_DISTINCT) return distinct >= NUMBERED_DISTINCT && areNumbered(place);
  if (place.slugs >= place.words.size * SLUG_SHARE) return true;
  const step = COLLAPSE_STEPS.find((candidate) => distinct >= candidate.distinct);
  return step !== undefined && place.once >= unpopularHits(place) * step.newShare;
}

function areNumbered({ words }: Place): boolean {
  const counts = new Map<string, number>();
  for (const word of words.keys()) {
    const stem = NUMBERED.exec(word)?.[1];
    if (stem !== undefined && stem !== 'v') counts.set(stem, (counts.get(stem) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values()) >= words.size * SLUG_SHARE;
}

/** Visits of words that may be values; those that are routes beside them prove nothing. */
function unpopularHits(place: Place): number {
  const limit = popularFrom(place);
  let hits = 0;
  for (const below of place.words.values()) if (below.hits < limit) hits += below.hits;
  return hits;
}

function popularFrom(place: Place): number {
  const hits = [...place.words.values()].map((below) => below.hits).sort((a, b) => a - b);
  return (hits[hits.length >> 1] ?? 0) * POPULAR;
}

function countOf(place: Place | undefined): number {
  if (place === undefined) return 0;
  let count = 1 + countOf(place.any);
  for (const below of place.words.values()) count += countOf(below);
  return count;
}
