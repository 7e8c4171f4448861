// D3: a loop whose body makes several calls: A, B, A, B, A, B …
// Evidence: two statements or more that are asked equally often in every request, in turns.
// Thresholds: as of a loop with one call (n-plus-one.ts): 3 rounds when their number varies, 6 when it is always the same; in 5 % of the
// requests; nine of ten calls in their turn (something unrelated may run beside it).
// Cannot tell: whether the second call needs the answer of the first of its round; batches can still be asked one after the other.

import { batch, BATCHES, type BatchModel } from '../batch.ts';
import { emptyChange, type Change } from '../change.ts';
import { looksRepeated } from '../equal-calls.ts';
import { lineOf, occurrencesOf, statementKey, usualCallSite, type Occurrence } from '../occurrences.ts';
import { peerOf } from '../peers.ts';
import type { RequestNode, SampledOperation } from '../request-tree.ts';
import type { Sample } from '../sample.ts';
import { isControl, shortStatement } from '../statement-facts.ts';
import { meanOf } from '../statistics.ts';
import { byEndpoint, type Detector, type Suspicion } from './detector.ts';
import { batchFix } from './fixes.ts';

const LEAST_ROUNDS = 3;
const LEAST_ROUNDS_ALWAYS_THE_SAME = 6;
const LEAST_SHARE_OF_REQUESTS = 0.05;
const IN_TURN_SHARE = 0.9;

export const loopOfCalls: Detector = {
  kind: 'loop-of-calls',
  detect: (sample) =>
    byEndpoint(sample, (nodes) => bodiesOf(nodes).flatMap((body) => loopOf(sample, nodes, body) ?? [])),
};

/** Statements that are asked equally often in every request: lists of two and more. */
function bodiesOf(nodes: readonly RequestNode[]): (readonly Occurrence[])[][] {
  const bodies = new Map<string, (readonly Occurrence[])[]>();
  for (const occurrences of occurrencesOf(nodes).values()) {
    const [at] = occurrences[0]?.operations ?? [];
    if (at === undefined || isControl(at)) continue;
    if (!occurrences.some(({ operations }) => operations.length >= LEAST_ROUNDS)) continue;
    const counts = occurrences
      .map(({ node, operations }) => `${node.request.id}:${operations.length}`)
      .join();
    bodies.set(counts, [...(bodies.get(counts) ?? []), occurrences]);
  }
  return [...bodies.values()].filter((body) => body.length > 1);
}

function loopOf(
  sample: Sample,
  nodes: readonly RequestNode[],
  body: readonly (readonly Occurrence[])[],
): Suspicion | undefined {
  const [first = []] = body;
  const varies = new Set(first.map(({ operations }) => operations.length)).size > 1;
  const least = varies ? LEAST_ROUNDS : LEAST_ROUNDS_ALWAYS_THE_SAME;
  const loops = first
    .map((_, index) => body.flatMap((occurrences) => occurrences[index] ?? []))
    .filter((round) => (round[0]?.operations.length ?? 0) >= least && isInTurn(round));
  if (loops.length === 0 || loops.length < LEAST_SHARE_OF_REQUESTS * nodes.length) return undefined;
  if (body.every((_, place) => looksRepeated(loops.flatMap((round) => round[place] ?? [])))) return undefined;
  const members = loops[0]?.flatMap(({ operations }) => operations[0] ?? []) ?? [];
  const [at] = members;
  const endpoint = nodes[0]?.request;
  if (at === undefined || endpoint === undefined) return undefined;
  const changeAt = (model: BatchModel): Change => {
    const change = emptyChange();
    for (const each of loops.flat()) batch(each, peerOf(sample, each.operations[0] ?? at), model, change);
    return change;
  };
  const rounds = Math.round(meanOf(loops.map((round) => round[0]?.operations.length ?? 0)));
  return {
    kind: 'loop-of-calls',
    title: `A loop with ${members.length} calls, ${rounds} times per request: ${members.map(shortStatement).join(', ')}`,
    endpoint,
    at,
    callSite: lineOf(usualCallSite(loops.flatMap((round) => round[0]?.operations ?? []))),
    requests: loops.flatMap((round) => round[0]?.node ?? []),
    lookedAt: nodes.length,
    change: changeAt(BATCHES.usual),
    least: changeAt(BATCHES.worst),
    most: changeAt(BATCHES.best),
    confidence: 'medium',
    fix: `Each call of the loop can be one for all items. ${batchFix(at)}`,
  };
}

/** In the order of time the statements repeat with the length of the body. */
function isInTurn(round: readonly Occurrence[]): boolean {
  const calls: SampledOperation[] = round.flatMap(({ operations }) => operations);
  const order = calls.toSorted((a, b) => a.atUs - b.atUs || a.id - b.id).map(statementKey);
  const inTurn = order.filter((key, index) => key === order[index % round.length]);
  return inTurn.length >= IN_TURN_SHARE * order.length;
}
