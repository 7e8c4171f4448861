// Repeated texts become numbers. In: the texts of an endpoint or of a place. Out: its id, and which ids are new to the file.
// A place is everything that many operations share: where in the code, what it asks, whom, how it ended.

import { ensure } from '../../base/assert.ts';

export interface Endpoint {
  readonly service: string;
  readonly method: string;
  readonly route: string;
}

export interface Place {
  readonly service: string;
  readonly attribution: string;
  readonly protocol: string;
  readonly role: string;
  readonly category: string;
  readonly statement: string;
  readonly dependency: string;
  readonly callSite: string;
  readonly outcome: string;
  readonly errorType: string;
}

/** An entry of a dictionary, as it is kept in the file. */
export type Numbered<T> = T & { readonly id: number };

/**
 * Beyond it the dictionary starts anew: an entry may then be in the file twice, under two ids, which answers add up.
 * 50 000 entries of some 400 bytes are 20 MB; a backend with 500 statements and 20 call sites each needs a fifth.
 */
const ENTRY_LIMIT = 50_000;

abstract class Dictionary<T> {
  #nextId = 1;
  #size = 0;
  #new: Numbered<T>[] = [];

  /** Knows what a file already holds. */
  load(entries: readonly Numbered<T>[]): void {
    for (const entry of entries) {
      this.remember(entry);
      this.#nextId = Math.max(this.#nextId, entry.id + 1);
    }
    this.#size = entries.length;
  }

  /** What was added since the last call, or was given back. */
  takeNew(): readonly Numbered<T>[] {
    const taken = this.#new;
    this.#new = [];
    return taken;
  }

  /** The file did not get them: they go with the next batch. */
  giveBack(entries: readonly Numbered<T>[]): void {
    this.#new = [...entries, ...this.#new];
  }

  protected add(entry: T): number {
    if (this.#size++ >= ENTRY_LIMIT) this.#startAnew();
    const numbered = { ...entry, id: this.#nextId++ };
    this.remember(numbered);
    this.#new.push(numbered);
    return numbered.id;
  }

  protected abstract remember(entry: Numbered<T>): void;
  protected abstract forget(): void;

  #startAnew(): void {
    this.forget();
    this.#size = 1;
  }
}

export class EndpointDictionary extends Dictionary<Endpoint> {
  readonly #byRoute = new Map<string, Numbered<Endpoint>[]>();

  idOf(service: string, method: string, route: string): number {
    for (const entry of this.#byRoute.get(route) ?? [])
      if (entry.method === method && entry.service === service) return entry.id;
    return this.add({ service, method, route });
  }

  protected override remember(entry: Numbered<Endpoint>): void {
    pushTo(this.#byRoute, entry.route, entry);
  }

  protected override forget(): void {
    this.#byRoute.clear();
  }
}

/** By statement, then by call site, then compared: no key is built, so a known place costs two look-ups and no allocation. */
export class PlaceDictionary extends Dictionary<Place> {
  readonly #byStatement = new Map<string, Map<string, Numbered<Place>[]>>();

  idOf(place: Place): number {
    const known = this.#byStatement.get(place.statement)?.get(place.callSite);
    if (known !== undefined) for (const entry of known) if (isSame(entry, place)) return entry.id;
    return this.add(place);
  }

  protected override remember(entry: Numbered<Place>): void {
    if (!this.#byStatement.has(entry.statement)) this.#byStatement.set(entry.statement, new Map());
    pushTo(ensure(this.#byStatement.get(entry.statement), 'call sites'), entry.callSite, entry);
  }

  protected override forget(): void {
    this.#byStatement.clear();
  }
}

function isSame(a: Place, b: Place): boolean {
  return (
    a.outcome === b.outcome &&
    a.dependency === b.dependency &&
    a.service === b.service &&
    a.attribution === b.attribution &&
    a.errorType === b.errorType &&
    a.category === b.category &&
    a.role === b.role &&
    a.protocol === b.protocol
  );
}

function pushTo<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
