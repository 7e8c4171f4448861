// D5: reads that begin one after the other although nothing seen here says that they must.
// Evidence: two or more reads of one request, each starting right after the one before has ended, in 90 % of the requests that have both.
// Thresholds: the pause between them is at most half of the shorter one, or half a millisecond (else the code works on the first answer); the second one
// comes in 95 % of the requests with the first (else its answer decides whether the second is asked at all).
// Cannot tell: whether the first decides if the second is asked at all. Confidence is medium when the second has no place for a value, always
// asks the same, or all its values were known before the first was answered (words are compared in the collector, trace/value-flow.ts); else low. Left
// out: values of an earlier answer, values that come from nobody knows where (put together, or from an answer that was not seen, as those of drivers in C),
// look-ups of sessions and rights (they decide whether to go on), rows of a parent and its children (cart, cart_items), rows that the first one
// names (SELECT category_id, then categories), writes, and whatever runs inside one transaction.

import { PhaseIndex, type PhaseVector } from '../../model/row.ts';
import { emptyChange, withPhases, type ChangeBuilder } from '../replay/change.ts';
import { byStatement, lineOf, occurrencesOf, statementKey, usualCallSite } from '../sample/occurrences.ts';
import { peerOf } from '../sample/peers.ts';
import type { RequestNode, SampledOperation } from '../sample/request-tree.ts';
import { areKnown, groupsOf, mostAsked } from '../sample/same-question.ts';
import type { Sample } from '../sample/sample.ts';
import { slowdownOf } from '../sample/slowdown.ts';
import {
  endsTransaction,
  hasNoParameters,
  isControl,
  isRead,
  isReset,
  names,
  opensTransaction,
  shortStatement,
  tableOf,
} from '../sample/statement-facts.ts';
import { byEndpoint, type Detector, type Suspicion } from './detector.ts';
import { sequentialFix } from './fixes.ts';

const SERIAL_SHARE = 0.9;
const PRESENT_SHARE = 0.95;
const LONGEST_PAUSE_SHARE = 0.5;
/** Making a call and taking its answer: no work on it. Clients that need longer need that for each call: nine of ten take less than three times the fastest tenth. */
const USUAL_PAUSE_US = 500;
const TIMES_THE_FASTEST = 3;
const LEAST_REQUESTS = 20;
const LIST_OF_KEYS = /\bANY ?\(\$|\bIN ?\(|^MGET\b|^HMGET\b|unnest\(/i;
const DECIDES = new Set(
  'sess session auth oauth authn authz authorization authentication authorize authenticate login token jwt permission role acl grant access feature flag quota tenant'.split(
    ' ',
  ),
);

/** Its answer is yes or no. */
const ASKS_WHETHER =
  /^(EXISTS|SISMEMBER|SMISMEMBER|HEXISTS|SELECT EXISTS|SELECT (1|\?|\$1) FROM)\b|^SELECT (1|\?) FROM/i;

export const sequentialCalls: Detector = {
  kind: 'sequential-calls',
  detect: (sample) => byEndpoint(sample, (nodes) => chainsIn(sample, nodes)),
};

/** A read that a request asks once, outside of transactions. */
interface Link {
  readonly operation: SampledOperation;
  readonly node: RequestNode;
}

type Follows = ReadonlyMap<string, Follower>;

function chainsIn(sample: Sample, nodes: readonly RequestNode[]): Suspicion[] {
  const follows = followersOf(sample, nodes);
  const isFollower = new Set([...follows.values()].map(({ key }) => key));
  const chains = [...follows.keys()]
    .filter((key) => !isFollower.has(key))
    .map((first) => chainFrom(first, follows));
  return chains.flatMap((chain) => suspicionOf(sample, nodes, chain, follows) ?? []);
}

/** It ends before who needs an answer of an earlier one: that may be the first of the chain. */
function chainFrom(first: string, follows: Follows): string[] {
  const chain = [first];
  for (let next = follows.get(first); next !== undefined && !chain.includes(next.key);) {
    if (next.needsEarlier && chain.length > 1) break;
    chain.push(next.key);
    next = follows.get(next.key);
  }
  return chain;
}

/** So many endpoints begin with it: it is asked before anything is done, and decides whether anything is. */
const ENDPOINTS_OF_A_GATE = 3;

const knownGates = new WeakMap<Sample, ReadonlySet<string>>();

/** What nearly all requests of several endpoints ask first. */
function gatesOf(sample: Sample): ReadonlySet<string> {
  const gates = knownGates.get(sample) ?? findGates(sample);
  knownGates.set(sample, gates);
  return gates;
}

function findGates(sample: Sample): ReadonlySet<string> {
  const endpoints = new Map<string, number>();
  for (const nodes of sample.byEndpoint.values()) {
    const firsts = new Map<string, number>();
    for (const { operations } of nodes) {
      const first = operations.find((each) => each.role === 'work' && !isControl(each));
      if (first !== undefined) firsts.set(statementKey(first), (firsts.get(statementKey(first)) ?? 0) + 1);
    }
    for (const [key, count] of firsts)
      if (count >= SERIAL_SHARE * nodes.length) endpoints.set(key, (endpoints.get(key) ?? 0) + 1);
  }
  return new Set([...endpoints].filter(([, count]) => count >= ENDPOINTS_OF_A_GATE).map(([key]) => key));
}

interface Pair {
  /** What the statements say: the second may be asked without the first. */
  readonly isFree: boolean;
  both: number;
  serial: number;
  /** Of how many of these words were compared. */
  lookedAt: number;
  /** Of those: it asked with a value of an earlier answer; with one that may be of the first answer. */
  needed: number;
  doubtful: number;
  /** The question or the first answer was not seen, and there is a place for a value. */
  unseen: number;
}

/** The second of a pair. */
interface Follower {
  readonly key: string;
  readonly knew: boolean;
  /** It needs an answer of before the first. */
  readonly needsEarlier: boolean;
}

/** Of those that were looked at. Words that are in an answer by accident are fewer. */
const NEEDED_SHARE = 0.5;
const LEAST_LOOKED_AT = 3;
/** A byte of a length or a number in binary may look like a value that nobody knows. */
const KNEW_SHARE = 0.8;

/** Statement → the one that comes right after it, nearly always. */
function followersOf(sample: Sample, nodes: readonly RequestNode[]): Map<string, Follower> {
  const gates = gatesOf(sample);
  const occurrences = occurrencesOf(nodes);
  // Until the template of a path is learnt, each path is a statement: five seconds of a look were these.
  const isUsual = ({ operation }: Link): boolean =>
    (occurrences.get(statementKey(operation))?.length ?? 0) >= LEAST_REQUESTS;
  const present = new Map<string, number>();
  const pairs = new Map<string, Map<string, Pair>>();
  for (const node of nodes) {
    const reads = singleReads(node).filter(isUsual);
    for (const { operation } of reads) {
      const key = statementKey(operation);
      present.set(key, (present.get(key) ?? 0) + 1);
    }
    for (const first of reads)
      if (!gates.has(statementKey(first.operation)))
        for (const second of reads) note(sample, pairs, first, second);
  }
  const follows = new Map<string, Follower>();
  for (const [first, seconds] of pairs)
    for (const [second, pair] of seconds) {
      const { both, serial } = pair;
      if (!pair.isFree) continue;
      const isSerial = serial >= LEAST_REQUESTS && serial >= SERIAL_SHARE * both;
      if (!isSerial || both < PRESENT_SHARE * (present.get(first) ?? 0) || mayNeedIts(pair)) continue;
      follows.set(first, { key: second, knew: knewIts(pair), needsEarlier: isMost(pair.needed, pair) });
    }
  return follows;
}

function isMost(count: number, { lookedAt }: Pair): boolean {
  return lookedAt >= LEAST_LOOKED_AT && count >= NEEDED_SHARE * lookedAt;
}

/** A value of the first answer, as far as anybody can see. */
function mayNeedIts(pair: Pair): boolean {
  const isCompared = pair.lookedAt >= LEAST_LOOKED_AT;
  return isCompared ? isMost(pair.doubtful, pair) : pair.unseen >= NEEDED_SHARE * pair.both;
}

/** Or they are the same as the last time, whoever asks. */
function knewIts({ doubtful, lookedAt }: Pair): boolean {
  return lookedAt >= LEAST_LOOKED_AT && lookedAt - doubtful >= KNEW_SHARE * lookedAt;
}

function note(sample: Sample, pairs: Map<string, Map<string, Pair>>, first: Link, second: Link): void {
  if (first === second) return;
  const seconds = pairs.get(statementKey(first.operation)) ?? new Map<string, Pair>();
  pairs.set(statementKey(first.operation), seconds);
  const key = statementKey(second.operation);
  // Statements are looked at once: 1.4 s of a look were these.
  const pair = seconds.get(key) ?? newPair(!mayNeed(first.operation, second.operation));
  seconds.set(key, pair);
  if (!pair.isFree) return;
  pair.both++;
  compare(pair, first.operation, second.operation);
  if (comesRightAfter(first, second, usualPauseUs(sample, first, second))) pair.serial++;
}

function newPair(isFree: boolean): Pair {
  return { isFree, both: 0, serial: 0, lookedAt: 0, needed: 0, doubtful: 0, unseen: 0 };
}

function compare(pair: Pair, first: SampledOperation, second: SampledOperation): void {
  const { needsAnswer, knewValues } = second;
  // A cache that knows nothing is why the second is asked at all.
  if (first.category === 'cache' && first.rows === 0) {
    pair.lookedAt++;
    pair.doubtful++;
    return;
  }
  // Drivers in C show no bytes.
  if ((first.bytesIn === 0 || second.bytesOut === 0) && !hasNoParameters(second)) pair.unseen++;
  if (needsAnswer === undefined) return;
  pair.lookedAt++;
  if (needsAnswer) pair.needed++;
  if (knewValues === false || (needsAnswer && knewValues !== true)) pair.doubtful++;
}

function singleReads(node: RequestNode): Link[] {
  // What runs inside a transaction shares one connection, and cannot run at once. Drivers in C do not show where it begins.
  const inTransaction = new Set(
    node.operations
      .filter((each) => opensTransaction(each) || endsTransaction(each))
      .map(({ connection }) => connection),
  );
  return [...byStatement(node).values()].flatMap((operations) => {
    const [operation] = operations;
    const isOne = operations.length === 1 && operation !== undefined;
    if (!isOne || inTransaction.has(operation.connection)) return [];
    return isRead(operation) && !isControl(operation) ? [{ operation, node }] : [];
  });
}

/** The first decides whether to go on, or names the rows of the second. */
function mayNeed(first: SampledOperation, second: SampledOperation): boolean {
  if (names(first.statement, DECIDES) || ASKS_WHETHER.test(first.statement)) return true;
  if (hasNoParameters(second)) return false;
  if (LIST_OF_KEYS.test(second.statement)) return true;
  const parent = tableOf(first.statement);
  const child = tableOf(second.statement);
  if (parent === '' || child === '') return false;
  const stem = singular(parent);
  if (parent === child || child.startsWith(`${stem}_`) || child.startsWith(`${parent}_`)) return true;
  return selects(first.statement, singular(child));
}

/** It reads a column that is named like a row of that table: `category_id`, `categoryId`, `category`. */
function selects(statement: string, row: string): boolean {
  const columns = /^SELECT\s+(.*?)\s+FROM\b/is.exec(statement)?.[1] ?? '';
  return (columns.match(/\w+/g) ?? []).some((column) => column.replace(/_?ids?$/i, '').toLowerCase() === row);
}

function singular(table: string): string {
  const name = table.toLowerCase();
  return name.endsWith('ies') ? `${name.slice(0, -3)}y` : name.replace(/s$/, '');
}

function usualPauseUs(sample: Sample, first: Link, second: Link): number {
  const fastest = [first, second].map(({ operation }) => peerOf(sample, operation).pauseUs);
  return Math.max(USUAL_PAUSE_US, TIMES_THE_FASTEST * Math.max(...fastest));
}

function comesRightAfter(
  { operation: first, node }: Link,
  { operation: second }: Link,
  usualUs: number,
): boolean {
  const ownEndUs = first.atUs + first.durationUs;
  // What a driver sends when a connection goes back is neither.
  const resets = node.operations.filter(
    (each) => isReset(each) && each.atUs >= ownEndUs && each.atUs < second.atUs,
  );
  const endUs = Math.max(ownEndUs, ...resets.map(({ atUs, durationUs }) => atUs + durationUs));
  const pauseUs = second.atUs - endUs;
  const shorterUs = Math.min(first.durationUs, second.durationUs);
  if (pauseUs < 0 || pauseUs > Math.max(usualUs, LONGEST_PAUSE_SHARE * shorterUs)) return false;
  return !node.operations.some(
    (other) => other !== first && other !== second && other.atUs >= endUs && other.atUs < second.atUs,
  );
}

function suspicionOf(
  sample: Sample,
  nodes: readonly RequestNode[],
  chain: readonly string[],
  follows: Follows,
): Suspicion | undefined {
  const change = emptyChange();
  const least = emptyChange();
  const requests: RequestNode[] = [];
  const later: SampledOperation[] = [];
  let named: readonly SampledOperation[] = [];
  for (const node of nodes) {
    const operations = startTogether(sample, node, chain, change);
    slowEachOther(sample, operations, least);
    if (operations.length < 2) continue;
    named = operations;
    requests.push(node);
    later.push(...operations.slice(1));
  }
  const [at] = later;
  const endpoint = nodes[0]?.request;
  if (at === undefined || endpoint === undefined) return undefined;
  const isFree = chain.slice(1).every((key, place) => {
    const same = later.filter((each) => statementKey(each) === key);
    const isKnown = follows.get(chain[place] ?? '')?.knew === true;
    return isKnown || same.every(hasNoParameters) || areConstant(sample, same);
  });
  return {
    kind: 'sequential-calls',
    title: `${chain.length} calls one after the other: ${named.map(shortStatement).join(', then ')}`,
    endpoint,
    at,
    callSite: lineOf(usualCallSite(later)),
    requests,
    lookedAt: nodes.length,
    change,
    least,
    confidence: isFree ? 'medium' : 'low',
    fix: sequentialFix(at),
  };
}

/** Of the calls, those with the most frequent values. */
const CONSTANT_SHARE = 0.95;

/** Nearly all of them asked with the same values, so that no answer before them can have named these. */
function areConstant(sample: Sample, same: readonly SampledOperation[]): boolean {
  const groups = groupsOf(sample);
  return areKnown(groups, same) && mostAsked(groups, same).length >= CONSTANT_SHARE * same.length;
}

/** Of its time, what a query still takes from another one beside it in the same database, at worst: nobody has two cores to spare for one request. */
const WORST_SHARE = 0.5;

/** What is saved at least: calls to others are at once with the first, queries to the same database get in each other's way. */
function slowEachOther(
  sample: Sample,
  [first, ...others]: readonly SampledOperation[],
  least: ChangeBuilder,
): void {
  if (first === undefined) return;
  for (const other of others)
    if (other.dependency !== first.dependency) least.together.set(other.id, first.id);
    else {
      const share = Math.max(WORST_SHARE, slowdownOf(sample, other) - 1);
      least.phases.set(other.id, shortened(other.phases, share));
    }
}

function shortened(phases: PhaseVector, share: number): PhaseVector {
  const part = (phase: number): number => Math.round((phases[phase] ?? 0) * share);
  const { send, wait, receive } = PhaseIndex;
  return withPhases(phases, { send: part(send), wait: part(wait), receive: part(receive) });
}

/** Less is chance: databases with free cores show up to a tenth. */
const LEAST_SLOWDOWN = 0.15;

/** The operations of the chain, where all of them are there. */
function startTogether(
  sample: Sample,
  node: RequestNode,
  chain: readonly string[],
  change: ChangeBuilder,
): SampledOperation[] {
  const found = byStatement(node);
  const operations = chain.flatMap((key) => found.get(key)?.[0] ?? []);
  const [first, ...others] = operations;
  if (first === undefined || operations.length < chain.length) return [];
  for (const other of others) {
    const more = other.dependency === first.dependency ? slowdownOf(sample, other) - 1 : 0;
    // Beside another one it takes longer by that: so much of it is not saved.
    if (more >= LEAST_SLOWDOWN) change.phases.set(other.id, shortened(other.phases, more));
    else change.together.set(other.id, first.id);
  }
  return operations;
}
