// D18: a slow command on a connection that many share lets all others wait: answers come in the order of the questions.
// Evidence: commands that were sent while others were under way on the same connection (Redis, pipelines), and that had their answer only after
// a long one of another request before them.
// Thresholds: the long one takes 2 ms and five times what the usual command on that connection does, in half of its calls; what others wait
// for it is 1 % of their time. Commands of one request are left out: who sends them together wants them in one go.
// Cannot tell: whether the server itself does one thing at a time (Redis does): then a connection of its own helps only against commands that
// wait (BLPOP) or are large. Half of the wait is what is saved at least.

import { formatDuration } from '../../base/numbers.ts';
import { PhaseIndex } from '../../model/row.ts';
import { emptyChange, withPhases, type Change } from '../replay/change.ts';
import { lineOf, statementKey, usualCallSite } from '../sample/occurrences.ts';
import { endpointKey, groupBy, type RequestNode, type SampledOperation } from '../sample/request-tree.ts';
import type { Sample } from '../sample/sample.ts';
import { shortStatement } from '../sample/statement-facts.ts';
import { medianOf } from '../statistics/chances.ts';
import type { Detector, Steps, Suspicion } from './detector.ts';
import { lineOfCommandsFix } from './fixes.ts';

const LEAST_LONG_US = 2000;
const TIMES_THE_USUAL = 5;
const LEAST_WAIT_SHARE = 0.01;
const LEAST_PART = 0.5;
/** Commands that are looked at before one: more are not under way on one connection for long. */
const MOST_BEFORE = 64;

export const headOfLine: Detector = {
  kind: 'head-of-line',
  *detect(sample): Steps {
    const operations = sample.together.flatMap((node) => node.operations.filter(isCommand));
    for (const same of groupBy(
      operations,
      ({ process, dependency }) => `${process}\n${dependency}`,
    ).values()) {
      yield* linesOf(sample, same);
      yield undefined;
    }
  },
};

function isCommand({ role, protocol }: SampledOperation): boolean {
  return role === 'work' && protocol === 'redis';
}

/** One command, with when it was its turn: µs. */
interface Turn {
  readonly operation: SampledOperation;
  readonly sentUs: number;
  readonly fromUs: number;
  readonly endUs: number;
}

/** What the turns of one statement of an endpoint do to others. */
interface Holder {
  readonly turns: readonly Turn[];
  /** Command → µs that it waits for them. */
  readonly waits: ReadonlyMap<SampledOperation, number>;
}

function linesOf(sample: Sample, operations: readonly SampledOperation[]): Suspicion[] {
  const connections = [...groupBy(operations, ({ connection }) => String(connection)).values()].map(turnsOf);
  const turns = connections.flat();
  const usualUs = medianOf(turns.map(lengthUs));
  const longUs = Math.max(LEAST_LONG_US, TIMES_THE_USUAL * usualUs);
  const waits = new Map<string, Map<SampledOperation, number>>();
  for (const onOne of connections) noteWaits(sample, onOne, longUs, waits);
  const places = groupBy(turns, ({ operation }) => placeOf(sample, operation));
  return [...waits].flatMap(([place, own]) =>
    suspicionOf(sample, operations, { turns: places.get(place) ?? [], waits: own }, longUs),
  );
}

/** By the time of sending. A busy loop that reads late is none of the connection's. */
function turnsOf(operations: readonly SampledOperation[]): Turn[] {
  let freeUs = 0;
  return operations
    .map((operation) => ({ operation, sentUs: sentUs(operation) }))
    .toSorted((a, b) => a.sentUs - b.sentUs || a.operation.id - b.operation.id)
    .map(({ operation, sentUs: sent }) => {
      const { atUs, durationUs, phases } = operation;
      const endUs = Math.max(freeUs, atUs + durationUs - (phases[PhaseIndex.deliver] ?? 0));
      const turn = { operation, sentUs: sent, fromUs: Math.max(freeUs, sent), endUs };
      freeUs = endUs;
      return turn;
    });
}

function sentUs({ atUs, phases }: SampledOperation): number {
  const before = [PhaseIndex.pool, PhaseIndex.dns, PhaseIndex.tcp, PhaseIndex.tls, PhaseIndex.own];
  return before.reduce((sum, phase) => sum + (phases[phase] ?? 0), atUs);
}

function lengthUs({ fromUs, endUs }: Turn): number {
  return Math.max(0, endUs - fromUs);
}

function noteWaits(
  sample: Sample,
  turns: readonly Turn[],
  longUs: number,
  waits: Map<string, Map<SampledOperation, number>>,
): void {
  for (const [index, { operation, sentUs: sent }] of turns.entries())
    for (let before = index - 1; before >= Math.max(0, index - MOST_BEFORE); before--) {
      const turn = turns[before];
      if (turn === undefined || turn.endUs <= sent) break;
      if (lengthUs(turn) < longUs || turn.operation.request === operation.request) continue;
      const place = placeOf(sample, turn.operation);
      const own = waits.get(place) ?? new Map<SampledOperation, number>();
      waits.set(place, own);
      own.set(operation, (own.get(operation) ?? 0) + turn.endUs - Math.max(turn.fromUs, sent));
    }
}

function placeOf(sample: Sample, operation: SampledOperation): string {
  const request = sample.byOperation.get(operation.id)?.request;
  return `${request === undefined ? '' : endpointKey(request)}\n${statementKey(operation)}`;
}

function suspicionOf(
  sample: Sample,
  operations: readonly SampledOperation[],
  { turns, waits }: Holder,
  longUs: number,
): Suspicion[] {
  const [first] = turns;
  const at = first?.operation;
  const endpoint = at && sample.byOperation.get(at.id)?.request;
  const usualUs = medianOf(turns.map(lengthUs));
  if (at === undefined || endpoint === undefined || usualUs < longUs) return [];
  const victims = nodesOf(sample, waits.keys());
  const asking = nodesOf(sample, operations);
  const waitedUs = [...waits.values()].reduce((sum, us) => sum + us, 0);
  const allUs = [...asking].reduce((sum, { request }) => sum + request.durationUs, 0);
  if (waitedUs < LEAST_WAIT_SHARE * allUs) return [];
  return [
    {
      kind: 'head-of-line',
      title: `${shortStatement(at)} takes ${formatDuration(usualUs)}, and all others on its ${at.dependency} connection wait for it`,
      endpoint,
      at,
      callSite: lineOf(usualCallSite(turns.map(({ operation }) => operation))),
      requests: [...victims],
      lookedAt: asking.size,
      change: withoutWaits(waits, 1),
      least: withoutWaits(waits, LEAST_PART),
      confidence: 'medium',
      fix: lineOfCommandsFix(),
    },
  ];
}

function nodesOf(sample: Sample, operations: Iterable<SampledOperation>): Set<RequestNode> {
  const nodes = new Set<RequestNode>();
  for (const { id } of operations) {
    const node = sample.byOperation.get(id);
    if (node !== undefined) nodes.add(node);
  }
  return nodes;
}

function withoutWaits(waits: ReadonlyMap<SampledOperation, number>, part: number): Change {
  const change = emptyChange();
  for (const [{ id, phases }, us] of waits) {
    const wait = Math.max(0, (phases[PhaseIndex.wait] ?? 0) - Math.round(us * part));
    change.phases.set(id, withPhases(phases, { wait }));
  }
  return change;
}
