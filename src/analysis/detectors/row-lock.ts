// D29: statements wait for rows that transactions of other requests hold: a lane with one car at a time.
// Evidence: a statement that locks rows is late exactly until a transaction ends that has locked rows of the same table before: it has its answer
// when the other one commits.
// Thresholds: late is three times what it takes when nobody holds rows of the table, and 2 ms more; eight times, and so many of those that are late
// end with a transaction that chance does not explain it: less than once in 1000 recordings. By chance as often as reads that are late end so, too:
// a loop that was busy notes all answers at once.
// Cannot tell: which rows; locks of other tables, and of programs that are not traced. Single statements without a transaction are
// not counted as holders: they are over too soon to be told from a busy database. Half of the wait is what is saved at least.

import { formatDuration, formatWholeShare } from '../../base/numbers.ts';
import { emptyChange, wireUs, withPhases, type Change } from '../replay/change.ts';
import { poolsOf, type Hold } from '../sample/connection-use.ts';
import { lineOf, statementKey, usualCallSite } from '../sample/occurrences.ts';
import {
  endOf,
  endpointKey,
  groupBy,
  type RequestNode,
  type SampledOperation,
} from '../sample/request-tree.ts';
import type { Sample } from '../sample/sample.ts';
import { isControl, isRead, shortStatement, tableOf } from '../sample/statement-facts.ts';
import { medianOf, quantileOf, tailChance } from '../statistics/chances.ts';
import type { Detector, Steps, Suspicion } from './detector.ts';
import { rowLockFix } from './fixes.ts';

const TIMES_ALONE = 3;
const LEAST_LATER_US = 2000;
const LEAST_LATE = 8;
const CHANCE = 1e-3;
/** Others end with a transaction by accident as well; never quite none, and never quite all. */
const LEAST_SHARE_BY_ACCIDENT = 0.05;
const MOST_SHARE_BY_ACCIDENT = 0.99;
/** Where a loop is busy the median is late, too. */
const FAST_SHARE = 0.25;
/** Reads that are late: fewer say nothing about how often that is. */
const LEAST_LATE_READS = 5;
const LEAST_PART = 0.5;
/** Between the commit and the answer of the one that waited. */
const LEAST_SLACK_US = 1000;

export const rowLock: Detector = {
  kind: 'row-lock',
  *detect(sample): Steps {
    const byTable = holdersOf(sample);
    yield undefined;
    const asked = sample.together.flatMap((node) =>
      node.operations.filter(locksRows).map((operation) => ({ node, operation })),
    );
    const places = groupBy(asked, ({ node, operation }) => placeOf(node, operation));
    const lateReads = lateReadsOf(sample);
    for (const same of places.values()) {
      const [first] = same;
      const holders = first && byTable.get(tableKey(first.operation));
      const suspicion = holders && suspicionOf(sample, same, holders, lateReads);
      if (suspicion !== undefined) yield suspicion;
      yield undefined;
    }
  },
};

/** A statement of a request. */
interface Asked {
  readonly node: RequestNode;
  readonly operation: SampledOperation;
}

/** A transaction from its first lock on a table to its end. */
interface Holder {
  readonly request: number;
  /** When it had the lock. */
  readonly fromUs: number;
  /** When its last statement was sent, and answered: in between others go on. */
  readonly commitUs: number;
  readonly toUs: number;
}

/** Of a database: what changes rows, or locks them to change them. */
function locksRows(operation: SampledOperation): boolean {
  const { protocol, role, outcome } = operation;
  const isSql = protocol === 'postgres' || protocol === 'mysql';
  const isWrite = !isRead(operation) && !isControl(operation) && tableOf(operation.statement) !== '';
  return isSql && role === 'work' && outcome === 'ok' && isWrite;
}

function placeOf({ request }: RequestNode, operation: SampledOperation): string {
  return `${endpointKey(request)}\n${statementKey(operation)}`;
}

function tableKey({ dependency, statement }: SampledOperation): string {
  return `${dependency}\n${tableOf(statement).toLowerCase()}`;
}

/** By table, by their end. */
function holdersOf(sample: Sample): ReadonlyMap<string, readonly Holder[]> {
  const holds = poolsOf(sample.together).flatMap((pool) => pool.holds);
  const found = new Map<string, Holder[]>();
  for (const hold of holds.filter(({ operations }) => operations.length > 1))
    for (const [table, holder] of holdersIn(hold)) {
      const known = found.get(table) ?? [];
      found.set(table, known);
      known.push(holder);
    }
  for (const holders of found.values()) holders.sort((a, b) => a.toUs - b.toUs);
  return found;
}

function holdersIn({ operations }: Hold): ReadonlyMap<string, Holder> {
  const last = operations.at(-1);
  const found = new Map<string, Holder>();
  if (last === undefined) return found;
  for (const operation of operations) {
    const table = tableKey(operation);
    if (!locksRows(operation) || found.has(table)) continue;
    const [fromUs, toUs] = [endOf(operation), endOf(last)];
    const { request } = operation;
    found.set(table, { request, fromUs, commitUs: last.atUs, toUs });
  }
  return found;
}

/** The transaction with whose end it has its answer, and that had its lock before. */
function releaserOf({ operation }: Asked, holders: readonly Holder[], slackUs: number): Holder | undefined {
  const endUs = endOf(operation);
  const from = firstFrom(holders, endUs - slackUs);
  for (let index = from; index < holders.length; index++) {
    const holder = holders[index];
    // Later ones end later, and their commit is as long as this one's, about.
    if (holder === undefined || holder.commitUs > endUs + slackUs) return undefined;
    // Who asked first is not who gets it first: two that ask at once arrive in any order.
    const heldMeanwhile = holder.commitUs >= operation.atUs && holder.commitUs <= endUs;
    if (heldMeanwhile && holder.request !== operation.request) return holder;
  }
  return undefined;
}

/** Index of the first that ends at `us` or later. */
function firstFrom(holders: readonly Holder[], us: number): number {
  let low = 0;
  let high = holders.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((holders[middle]?.toUs ?? 0) < us) low = middle + 1;
    else high = middle;
  }
  return low;
}

function wireOf({ operation: { phases } }: Asked): number {
  return wireUs(phases);
}

function suspicionOf(
  sample: Sample,
  same: readonly Asked[],
  holders: readonly Holder[],
  lateReads: readonly Asked[],
): Suspicion | undefined {
  const wires = same.map(wireOf);
  // Most statements are never late.
  if (Math.max(...wires) < Math.min(...wires) + LEAST_LATER_US) return undefined;
  const aloneUs = aloneOf(same, holders);
  if (aloneUs === undefined) return undefined;
  const isLate = (asked: Asked): boolean => isLater(asked, aloneUs);
  const slackUs = LEAST_SLACK_US + aloneUs;
  const isReleased = (asked: Asked): boolean => releaserOf(asked, holders, slackUs) !== undefined;
  const late = same.filter(isLate);
  const waiting = late.filter(isReleased);
  const onTime = same.filter((asked) => !isLate(asked));
  const others = lateReads.length < LEAST_LATE_READS ? [onTime] : [onTime, lateReads];
  const byAccident = others.map((some) => some.filter(isReleased).length / Math.max(1, some.length));
  const each = Math.min(MOST_SHARE_BY_ACCIDENT, Math.max(LEAST_SHARE_BY_ACCIDENT, ...byAccident));
  if (waiting.length < LEAST_LATE || tailChance(waiting.length, late.length, each) > CHANCE) return undefined;
  // That they wait is shown by those that are late beyond doubt; those that wait for a shorter time wait as well.
  const all = same.filter((asked) => wireOf(asked) >= aloneUs + LEAST_LATER_US && isReleased(asked));
  return told(sample, same, all, aloneUs, heldUs(all, holders, slackUs));
}

/** What it takes when nobody holds rows of the table; undefined: it never did so. */
function aloneOf(same: readonly Asked[], holders: readonly Holder[]): number | undefined {
  const longestUs = holders.reduce((longest, { fromUs, toUs }) => Math.max(longest, toUs - fromUs), 0);
  const alone = same.filter(({ operation }) => isAlone(operation, holders, longestUs));
  return alone.length < LEAST_LATE ? undefined : medianOf(alone.map(wireOf));
}

function isAlone(operation: SampledOperation, holders: readonly Holder[], longestUs: number): boolean {
  const endUs = endOf(operation);
  for (let index = firstFrom(holders, operation.atUs); index < holders.length; index++) {
    const { request, fromUs, toUs } = holders[index] ?? NOBODY;
    // Whoever ends later than that began later than this ended.
    if (toUs - longestUs > endUs) return true;
    if (request !== operation.request && fromUs < endUs) return false;
  }
  return true;
}

const NOBODY: Holder = { request: 0, fromUs: 0, commitUs: 0, toUs: 0 };

/** Reads that take so much longer than usual, though they wait for no lock. */
function lateReadsOf({ together }: Sample): readonly Asked[] {
  const reads = together.flatMap((node) =>
    node.operations.filter(isPlainRead).map((operation) => ({ node, operation })),
  );
  return [...groupBy(reads, ({ operation }) => statementKey(operation)).values()].flatMap((same) => {
    const usualUs = quantileOf(same.map(wireOf), FAST_SHARE);
    return same.filter((asked) => isLater(asked, usualUs));
  });
}

function isPlainRead(operation: SampledOperation): boolean {
  const { protocol, role } = operation;
  return (protocol === 'postgres' || protocol === 'mysql') && role === 'work' && isRead(operation);
}

function isLater(asked: Asked, usualUs: number): boolean {
  return wireOf(asked) >= TIMES_ALONE * usualUs + LEAST_LATER_US;
}

function heldUs(waiting: readonly Asked[], holders: readonly Holder[], slackUs: number): number {
  const held = waiting.flatMap((asked) => releaserOf(asked, holders, slackUs) ?? []);
  return medianOf(held.map(({ fromUs, toUs }) => toUs - fromUs));
}

function told(
  sample: Sample,
  same: readonly Asked[],
  waiting: readonly Asked[],
  aloneUs: number,
  heldForUs: number,
): Suspicion | undefined {
  const [first] = waiting;
  if (first === undefined) return undefined;
  const { request } = first.node;
  const nodes = sample.byEndpoint.get(endpointKey(request)) ?? [];
  const requests = [...new Set(waiting.map(({ node }) => node))];
  const waitUs = medianOf(waiting.map((asked) => wireOf(asked) - aloneUs));
  const operations = waiting.map(({ operation }) => operation);
  return {
    kind: 'row-lock',
    title: `${shortStatement(first.operation)} waits ${formatDuration(waitUs)} for rows that other requests hold, in ${formatWholeShare(waiting.length / same.length)} of calls`,
    endpoint: request,
    at: first.operation,
    callSite: lineOf(usualCallSite(operations)),
    requests,
    lookedAt: nodes.filter(({ isAlone }) => !isAlone).length,
    change: shorter(operations, aloneUs, 1),
    least: shorter(operations, aloneUs, LEAST_PART),
    confidence: 'medium',
    fix: rowLockFix(first.operation, heldForUs),
  };
}

function shorter(operations: readonly SampledOperation[], aloneUs: number, part: number): Change {
  const change = emptyChange();
  for (const { id, phases } of operations) {
    const us = wireUs(phases);
    const wait = Math.round(us - (us - Math.min(us, aloneUs)) * part);
    change.phases.set(id, withPhases(phases, { send: 0, receive: 0, wait }));
  }
  return change;
}
