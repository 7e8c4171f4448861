// What a driver says when a connection goes back to its pool (asyncpg) goes with the call for which it was taken out. In: a suspicion.
// Out: the same with changes that take those statements away, too.

import { NO_PHASES, type Change, type ChangeBuilder } from './change.ts';
import type { Suspicion } from '../detectors/detector.ts';
import type { SampledOperation } from '../sample/request-tree.ts';
import type { Sample } from '../sample/sample.ts';
import { isReset } from '../sample/statement-facts.ts';

export function withResets(sample: Sample, suspicion: Suspicion): Suspicion {
  const { change, least, most } = suspicion;
  return {
    ...suspicion,
    change: changed(sample, change),
    ...(least && { least: changed(sample, least) }),
    ...(most && { most: changed(sample, most) }),
  };
}

function changed(sample: Sample, change: Change): Change {
  const resets = [...change.phases].flatMap(([id, left]) =>
    left.every((us) => us === 0) ? (resetAfter(sample, id) ?? []) : [],
  );
  if (resets.length === 0) return change;
  const all: ChangeBuilder = {
    ...change,
    phases: new Map(change.phases),
    together: new Map(change.together),
    gapsUs: new Map(change.gapsUs),
  };
  for (const { id } of resets) all.phases.set(id, NO_PHASES);
  return all;
}

/** The next statement on its connection, when it is one. */
function resetAfter(sample: Sample, id: number): SampledOperation | undefined {
  const operations = sample.byOperation.get(id)?.operations ?? [];
  const index = operations.findIndex((operation) => operation.id === id);
  const next = operations.find(
    (operation, at) => at > index && operation.connection === operations[index]?.connection,
  );
  return next !== undefined && isReset(next) ? next : undefined;
}
