// Whether two values are equal, without keeping them. In: bytes. Out: 32 bits that say nothing without the salt, which is never stored.
// Equal values have equal hashes; of different ones in the same place one pair in four thousand million has.

let salt = 0x811c9dc5;

/** Called once by whoever listens to agents, with a random number: what one recording knows is of no use to another. */
export function saltHashes(random: number): void {
  salt = random | 0;
}

/** No value was seen, or not all of it. */
export const NO_HASH = 0;

/** FNV-1a over bytes[from, to), mixed at the end (murmur3's finalizer); never NO_HASH. `seed`: the hash of what came before. */
export function saltedHash(bytes: Uint8Array, from: number, to: number, seed: number = salt): number {
  let hash = seed;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0 || 1;
}
