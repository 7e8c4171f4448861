// Maps that cannot grow without bound. In: keys and values. Out: the same, until the limit pushes out the oldest.

/** A map of at most `limit` entries; setting a new key beyond it forgets the entry that was set longest ago. */
export class BoundedMap<K, V> {
  readonly #map = new Map<K, V>();
  readonly limit: number;
  /** How many entries the limit has pushed out. */
  evicted = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get size(): number {
    return this.#map.size;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  set(key: K, value: V): void {
    if (this.#map.size >= this.limit && !this.#map.has(key)) this.#evictOldest();
    this.#map.set(key, value);
  }

  delete(key: K): boolean {
    return this.#map.delete(key);
  }

  values(): IterableIterator<V> {
    return this.#map.values();
  }

  entries(): IterableIterator<[K, V]> {
    return this.#map.entries();
  }

  clear(): void {
    this.#map.clear();
  }

  #evictOldest(): void {
    for (const key of this.#map.keys()) {
      this.#map.delete(key);
      this.evicted++;
      return;
    }
  }
}
