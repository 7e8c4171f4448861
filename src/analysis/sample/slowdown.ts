// How much longer a statement takes while its database has others to answer: one without a free core, or with a lock that all want. In: a sample.
// Out: a ratio for each statement, 1 and more. Measured, and 1 where too few were alone, or beside others.

import { underWayAt } from '../../base/sorted.ts';
import { wireUs } from '../replay/change.ts';
import { medianOf } from '../statistics/chances.ts';
import { statementKey } from './occurrences.ts';
import { endOf, groupBy, type SampledOperation } from './request-tree.ts';
import type { Sample } from './sample.ts';

/** Medians of fewer differ by chance. */
const LEAST_OF_BOTH = 8;
/** One that takes twice as long beside another one gains nothing from it. */
const MOST = 2;

const known = new WeakMap<Sample, ReadonlyMap<string, number>>();

export function slowdownOf(sample: Sample, operation: SampledOperation): number {
  const ratios = known.get(sample) ?? ratiosIn(sample);
  known.set(sample, ratios);
  return ratios.get(statementKey(operation)) ?? 1;
}

function ratiosIn({ together }: Sample): Map<string, number> {
  const queries = together.flatMap((node) =>
    node.operations.filter(({ role, category }) => role === 'work' && category === 'db'),
  );
  const ratios = new Map<string, number>();
  for (const asked of groupBy(queries, ({ dependency }) => dependency).values()) {
    const isBeside = besideOthers(asked);
    for (const [key, same] of groupBy(asked, statementKey)) {
      const beside = same.filter((each) => isBeside.has(each));
      const alone = same.filter((each) => !isBeside.has(each));
      if (Math.min(beside.length, alone.length) < LEAST_OF_BOTH) continue;
      const ratio = medianOf(beside.map(wireOf)) / Math.max(1, medianOf(alone.map(wireOf)));
      ratios.set(key, Math.min(MOST, Math.max(1, ratio)));
    }
  }
  return ratios;
}

/** Those that begin while another one is under way. */
function besideOthers(operations: readonly SampledOperation[]): ReadonlySet<SampledOperation> {
  const starts = operations.map(({ atUs }) => atUs).sort((a, b) => a - b);
  const ends = operations.map(endOf).sort((a, b) => a - b);
  // Itself is under way when it begins.
  return new Set(operations.filter(({ atUs }) => underWayAt(starts, ends, atUs) > 1));
}

function wireOf({ phases }: SampledOperation): number {
  return wireUs(phases);
}
