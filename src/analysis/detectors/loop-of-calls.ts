// D3: a loop whose body makes several calls: A, B, A, B, A, B …
// Evidence: two statements or more that are asked in turns; one of them may be asked once more elsewhere in the request.
// Thresholds: as of a loop with one call (n-plus-one.ts): 3 rounds when their number varies, 6 when it is always the same; in 5 % of the
// requests; nine of ten calls in their turn (something unrelated may run beside it).
// Cannot tell: whether the second call needs the answer of the first of its round; batches can still be asked one after the other.

import { BATCHES, batchTurns, type BatchModel } from '../replay/batch.ts';
import { emptyChange, type Change } from '../replay/change.ts';
import { areChained } from '../sample/chained.ts';
import { looksRepeated } from '../sample/equal-calls.ts';
import {
  lineOf,
  occurrencesOf,
  statementKey,
  usualCallSite,
  type Occurrence,
} from '../sample/occurrences.ts';
import { peerOf } from '../sample/peers.ts';
import type { RequestNode, SampledOperation } from '../sample/request-tree.ts';
import type { Sample } from '../sample/sample.ts';
import { isControl, shortStatement } from '../sample/statement-facts.ts';
import { meanOf } from '../statistics/chances.ts';
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

/** Rounds of each body in one request: its members, each with as many calls. */
type Round = readonly Occurrence[];

/** Statements that are asked in turns, two and more together, with the rounds of each request. */
function bodiesOf(nodes: readonly RequestNode[]): (readonly Round[])[] {
  const often = [...occurrencesOf(nodes)].filter(
    ([, occurrences]) =>
      !isControlled(occurrences) && occurrences.some(({ operations }) => operations.length >= LEAST_ROUNDS),
  );
  const left = new Map(often);
  const bodies: Round[][] = [];
  for (const [key, occurrences] of often) {
    if (!left.delete(key)) continue;
    const others = [...left].filter(([, other]) => takeTurns(occurrences, other));
    for (const [otherKey] of others) left.delete(otherKey);
    if (others.length > 0) bodies.push(roundsOf([occurrences, ...others.map(([, other]) => other)]));
  }
  return bodies;
}

function isControlled([first]: readonly Occurrence[]): boolean {
  const at = first?.operations[0];
  return at === undefined || isControl(at);
}

/** Where either is asked several times, the other one comes after it, nearly always. */
function takeTurns(some: readonly Occurrence[], others: readonly Occurrence[]): boolean {
  const byNode = new Map(others.map(({ node, operations }) => [node, operations]));
  let loops = 0;
  let inTurn = 0;
  for (const { node, operations } of some) {
    const other = byNode.get(node) ?? [];
    if (Math.max(operations.length, other.length) < LEAST_ROUNDS) continue;
    loops++;
    if (alternate(operations, other)) inTurn++;
  }
  return loops > 0 && inTurn >= IN_TURN_SHARE * loops;
}

/** One that is asked once more before or after the loop is in it all the same. */
function alternate(some: readonly SampledOperation[], others: readonly SampledOperation[]): boolean {
  const ofSome = new Set(some);
  const order = [...some, ...others].toSorted((a, b) => a.atUs - b.atUs || a.id - b.id);
  const changes = order.filter(
    (each, index) => index > 0 && ofSome.has(each) !== ofSome.has(order[index - 1] ?? each),
  );
  return changes.length >= IN_TURN_SHARE * (order.length - 1) - 1;
}

/** Of each request as many calls of each member as there are rounds. */
function roundsOf(members: readonly (readonly Occurrence[])[]): Round[] {
  const [first = [], ...others] = members;
  const byNode = others.map((other) => new Map(other.map((each) => [each.node, each])));
  return first.flatMap((occurrence): Round[] => {
    const found = byNode.flatMap((nodes) => nodes.get(occurrence.node) ?? []);
    if (found.length < others.length) return [];
    const all = [occurrence, ...found];
    const rounds = Math.min(...all.map(({ operations }) => operations.length));
    const whole = all.find(({ operations }) => operations.length === rounds) ?? occurrence;
    return [all.map((each) => ({ ...each, operations: nearest(each.operations, whole.operations) }))];
  });
}

/** Of `some`, as many in a row as there are `rounds`: those that lie beside them. */
function nearest(
  some: readonly SampledOperation[],
  rounds: readonly SampledOperation[],
): readonly SampledOperation[] {
  let best = some.slice(0, rounds.length);
  let bestUs = Number.POSITIVE_INFINITY;
  for (let from = 0; from + rounds.length <= some.length; from++) {
    const part = some.slice(from, from + rounds.length);
    const offUs = part.reduce((sum, { atUs }, index) => sum + Math.abs(atUs - (rounds[index]?.atUs ?? 0)), 0);
    if (offUs < bestUs) [best, bestUs] = [part, offUs];
  }
  return best;
}

function loopOf(
  sample: Sample,
  nodes: readonly RequestNode[],
  body: readonly Round[],
): Suspicion | undefined {
  const varies = new Set(body.map(([first]) => first?.operations.length)).size > 1;
  const least = varies ? LEAST_ROUNDS : LEAST_ROUNDS_ALWAYS_THE_SAME;
  const loops = body.filter((round) => (round[0]?.operations.length ?? 0) >= least && isInTurn(round));
  if (loops.length === 0 || loops.length < LEAST_SHARE_OF_REQUESTS * nodes.length) return undefined;
  const places = loops[0] ?? [];
  if (places.every((_, place) => looksRepeated(loops.flatMap((round) => round[place] ?? []))))
    return undefined;
  if (areChained(loops.flatMap((round) => round.flatMap(({ operations }) => operations.slice(1)))))
    return undefined;
  const members = loops[0]?.flatMap(({ operations }) => operations[0] ?? []) ?? [];
  const [at] = members;
  const endpoint = nodes[0]?.request;
  if (at === undefined || endpoint === undefined) return undefined;
  const changeAt = (model: BatchModel): Change => {
    const change = emptyChange();
    for (const round of loops) batchTurns(round, (operation) => peerOf(sample, operation), model, change);
    return change;
  };
  const rounds = Math.round(meanOf(loops.map((round) => round[0]?.operations.length ?? 0)));
  return {
    kind: 'loop-of-calls',
    title: `A loop with ${members.length} calls, ${rounds} times per request: ${members.map(shortStatement).join(', ')}`,
    endpoint,
    at,
    callSite: lineOf(placeOf(sample, loops)),
    requests: loops.flatMap((round) => round[0]?.node ?? []),
    lookedAt: nodes.length,
    change: changeAt(BATCHES.usual),
    least: changeAt(BATCHES.worst),
    most: changeAt(BATCHES.best),
    confidence: 'medium',
    fix: `Each call of the loop can be one for all items. ${batchFix(at)}`,
  };
}

/** Of the lines of its calls the one from which least else comes: others may make calls for everybody. */
function placeOf(sample: Sample, loops: readonly Round[]): string {
  const [first = []] = loops;
  const lines = first.map((_, place) =>
    usualCallSite(loops.flatMap((round) => round[place]?.operations ?? [])),
  );
  const statements = statementsOf(sample);
  const others = (line: string): number => statements.get(line)?.size ?? Number.POSITIVE_INFINITY;
  return lines.reduce((best, line) => (others(line) < others(best) ? line : best), lines[0] ?? '');
}

const knownLines = new WeakMap<Sample, ReadonlyMap<string, ReadonlySet<string>>>();

/** Line → what is asked from it. */
function statementsOf(sample: Sample): ReadonlyMap<string, ReadonlySet<string>> {
  const known = knownLines.get(sample) ?? findStatements(sample);
  knownLines.set(sample, known);
  return known;
}

function findStatements(sample: Sample): ReadonlyMap<string, ReadonlySet<string>> {
  const lines = new Map<string, Set<string>>();
  for (const { operations } of sample.nodes)
    for (const operation of operations) {
      if (operation.callSite === '') continue;
      const known = lines.get(operation.callSite) ?? new Set<string>();
      lines.set(operation.callSite, known.add(statementKey(operation)));
    }
  return lines;
}

/** In the order of time the statements repeat with the length of the body. */
function isInTurn(round: Round): boolean {
  const calls: SampledOperation[] = round.flatMap(({ operations }) => operations);
  const order = calls.toSorted((a, b) => a.atUs - b.atUs || a.id - b.id).map(statementKey);
  const inTurn = order.filter((key, index) => key === order[index % round.length]);
  return inTurn.length >= IN_TURN_SHARE * order.length;
}
