// One mistake, asked of several databases of one kind: shards, or the same one under another address after a restart. In: suspicions.
// Out: the same, those of one place in the code as one.

import type { Suspicion } from './detectors/detector.ts';
import { idOf } from './finding-of.ts';
import { addTo, emptyChange, type Change } from './replay/change.ts';

export function onePerPlace(suspicions: readonly Suspicion[]): Suspicion[] {
  const places: Suspicion[] = [];
  for (const suspicion of suspicions) {
    const at = places.findIndex((place) => isSamePlace(place, suspicion));
    const known = places[at];
    if (known === undefined) places.push(suspicion);
    else places[at] = merged(known, suspicion);
  }
  return places;
}

function isSamePlace(one: Suspicion, other: Suspicion): boolean {
  return (
    one.at.dependency !== other.at.dependency && one.callSite === other.callSite && idOf(one) === idOf(other)
  );
}

/** Title and words are those of the first. */
function merged(one: Suspicion, other: Suspicion): Suspicion {
  const least = both(one.least ?? one.change, other.least ?? other.change);
  const most = both(one.most ?? one.change, other.most ?? other.change);
  return {
    ...one,
    requests: [...new Set([...one.requests, ...other.requests])],
    lookedAt: Math.max(one.lookedAt, other.lookedAt),
    change: both(one.change, other.change),
    ...((one.least ?? other.least) && { least }),
    ...((one.most ?? other.most) && { most }),
  };
}

function both(one: Change, other: Change): Change {
  const all = emptyChange();
  addTo(all, one);
  addTo(all, other);
  return all;
}
