// What goes along with the calls that a change takes away: the transaction around a call that has one of its own (BEGIN, COMMIT; WATCH, MULTI, EXEC), and what
// a driver says when the connection goes back to its pool (asyncpg). In: a suspicion. Out: the same with changes that take those away, too.

import type { Suspicion } from '../detectors/detector.ts';
import { peerOf } from '../sample/peers.ts';
import { groupBy, type RequestNode, type SampledOperation } from '../sample/request-tree.ts';
import type { Sample } from '../sample/sample.ts';
import { endsTransaction, isReset, opensTransaction } from '../sample/statement-facts.ts';
import { takeCallCode } from './call-code.ts';
import { NO_PHASES, type Change, type ChangeBuilder } from './change.ts';

export function withAll(sample: Sample, suspicion: Suspicion): Suspicion {
  const { change, least, most } = suspicion;
  return {
    ...suspicion,
    change: changed(sample, change, true),
    // At worst the code that makes them stays.
    ...(least && { least: changed(sample, least, false) }),
    ...(most && { most: changed(sample, most, true) }),
  };
}

function changed(sample: Sample, change: Change, withCode: boolean): Change {
  const gone = new Set(
    [...change.phases].filter(([, left]) => left.every((us) => us === 0)).map(([id]) => id),
  );
  const nodes = new Set([...gone].flatMap((id) => sample.byOperation.get(id) ?? []));
  let all: ChangeBuilder | undefined;
  for (const node of nodes) {
    const along = alongIn(node, gone);
    if (along.length === 0) continue;
    all ??= {
      ...change,
      phases: new Map(change.phases),
      together: new Map(change.together),
      gapsUs: new Map(change.gapsUs),
    };
    for (const { id } of along) all.phases.set(id, NO_PHASES);
    const [edge] = along.filter((each) => !isReset(each));
    if (withCode && edge !== undefined)
      takeCallCode(
        node,
        along.filter((each) => !isReset(each)),
        peerOf(sample, edge),
        all,
      );
  }
  return all ?? change;
}

/** Of a request: what has no use any more. */
function alongIn({ operations }: RequestNode, gone: ReadonlySet<number>): SampledOperation[] {
  const touched = new Set(operations.filter(({ id }) => gone.has(id)).map(({ connection }) => connection));
  const onThose = operations.filter(({ connection }) => touched.has(connection));
  return [...groupBy(onThose, ({ connection }) => String(connection)).values()]
    .flatMap(partsOf)
    .filter((part) => isGone(part, gone))
    .flatMap((part) => part.filter((each) => isReset(each) || isEdge(each)));
}

/** What one connection is asked, up to each end of a transaction and each giving back. */
function partsOf(operations: readonly SampledOperation[]): SampledOperation[][] {
  const parts: SampledOperation[][] = [[]];
  for (const [index, operation] of operations.entries()) {
    parts.at(-1)?.push(operation);
    const next = operations[index + 1];
    const isLast = isReset(operation) || (ends(operation) && (next === undefined || !isReset(next)));
    const isAlone = next !== undefined && opens(next) && !parts.at(-1)?.some(opens);
    if (isLast || isAlone) parts.push([]);
  }
  return parts;
}

/** It had work, and none is left. */
function isGone(part: readonly SampledOperation[], gone: ReadonlySet<number>): boolean {
  const work = part.filter((each) => !isReset(each) && !isEdge(each));
  return work.length > 0 && work.every(({ id }) => gone.has(id));
}

function isEdge(operation: SampledOperation): boolean {
  return opens(operation) || ends(operation);
}

function opens(operation: SampledOperation): boolean {
  return opensTransaction(operation) || (isRedis(operation) && /^(WATCH|MULTI)\b/i.test(operation.statement));
}

function ends(operation: SampledOperation): boolean {
  const isEnd = isRedis(operation) && /^(EXEC|DISCARD|UNWATCH)\b/i.test(operation.statement);
  return endsTransaction(operation) || isEnd;
}

function isRedis({ protocol }: SampledOperation): boolean {
  return protocol === 'redis';
}
