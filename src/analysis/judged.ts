// A suspicion with what mending it would save: what findings are made of (finding-of.ts) and their pages (finding-detail.ts).

import type { FindingEffect } from '../model/finding.ts';
import type { Change } from './replay/change.ts';
import type { Suspicion } from './detectors/detector.ts';
import type { SavedByRoot } from './replay/savings.ts';

/** A suspicion that is worth saying. */
export interface Judged {
  readonly suspicion: Suspicion;
  readonly change: Change;
  readonly saved: SavedByRoot;
  readonly effects: readonly FindingEffect[];
  readonly interval: readonly [number, number];
  readonly share: number;
}
