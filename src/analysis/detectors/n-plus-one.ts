// D1, D2: the same statement once per item of a list, where one would do.
// Evidence: one statement several times in one request, how often varying with the rows of an earlier answer of that request.
// Thresholds: 3 calls when their number follows the data (the harm grows with it), 4 when it is always that of the rows of an earlier answer,
// 6 when it is always the same (three fixed look-ups are no loop). 3 of a fixed number, too, where something else says that it is a list: they are
// rows that are written, their values came together in the answer before the first, or that answer has as many rows and all come from one line; 4 when they only do that.
// In 5 % of the requests of the endpoint at least: a loop that nearly never runs long is not worth a finding.
// Left out: pages of a list, rows that name the next row of their table, and as many parts as always, all asked at once.
// Also left out: calls that ask with a value of the answer before them (pointer-chase.ts), where that can be seen.
// Cannot tell: the same where values are in binary or a driver is in C. Where the count equals the rows of an earlier answer the list was
// known up front; else the finding says "check".

import type { FindingKind } from '../../model/finding.ts';
import { batch, BATCHES, type BatchModel } from '../replay/batch.ts';
import { emptyChange, type Change } from '../replay/change.ts';
import { areChained } from '../sample/chained.ts';
import { looksRepeated } from '../sample/equal-calls.ts';
import { lineOf, occurrencesOf, usualCallSite, type Occurrence } from '../sample/occurrences.ts';
import { peerOf } from '../sample/peers.ts';
import { endOf, type RequestNode, type SampledOperation } from '../sample/request-tree.ts';
import type { Sample } from '../sample/sample.ts';
import { areKnown, areMostlyTheSame, groupsOf } from '../sample/same-question.ts';
import {
  followsItself,
  isControl,
  isKeptForLater,
  isPage,
  isRead,
  isReset,
  isServiceCall,
  opensTransaction,
  shortStatement,
  tableOf,
} from '../sample/statement-facts.ts';
import { correlation, meanOf, medianOf } from '../statistics/chances.ts';
import { byEndpoint, type Detector, type Steps, type Suspicion } from './detector.ts';
import { batchFix } from './fixes.ts';

const LEAST_CALLS_OF_A_LOOP = 3;
const LEAST_CALLS_ALWAYS_THE_SAME = 6;
/** As many as an earlier answer had rows, each time: one or two may be that by accident, and three look-ups are usual. */
const LEAST_CALLS_OF_A_LIST = 4;
/** From one line, as far as stacks were looked at. */
const LEAST_CALLS_FROM_ONE_LINE = 4;
const LEAST_SHARE_OF_REQUESTS = 0.05;
/** How closely the number of calls must follow the rows of an earlier answer. */
const LEAST_CORRELATION = 0.6;
/** Calls that return so many rows each are chunks of a large read, deliberately. */
const ROWS_OF_A_CHUNK = 50;
/** Calls that take less than this share of the time from the first to the last, which is 100 ms at least: a timer is between them. */
const POLLING_SHARE = 0.2;
const LEAST_POLLING_US = 100_000;
/** Of the loops: the others were held up in the middle by a busy machine. */
const SCATTER_SHARE = 0.9;
/** The count equals the rows in so many requests: the answer was the list. */
const SOURCE_SHARE = 0.95;

export const nPlusOneQueries: Detector = {
  kind: 'n-plus-one',
  detect: (sample) => loopsIn(sample, 'n-plus-one', isQuery),
};

export const nPlusOneCalls: Detector = {
  kind: 'n-plus-one-calls',
  detect: (sample) => loopsIn(sample, 'n-plus-one-calls', (operation) => !isQuery(operation)),
};

function isQuery({ protocol }: SampledOperation): boolean {
  return protocol === 'postgres' || protocol === 'mysql';
}

function loopsIn(
  sample: Sample,
  kind: FindingKind,
  isWanted: (operation: SampledOperation) => boolean,
): Steps {
  return byEndpoint(sample, (nodes) =>
    [...occurrencesOf(nodes).values()].flatMap((occurrences) => {
      const at = occurrences[0]?.operations[0];
      if (at === undefined || !isWanted(at) || isControl(at)) return [];
      return loopOf(sample, kind, nodes, at, occurrences) ?? [];
    }),
  );
}

function loopOf(
  sample: Sample,
  kind: FindingKind,
  nodes: readonly RequestNode[],
  at: SampledOperation,
  occurrences: readonly Occurrence[],
): Suspicion | undefined {
  const source = sourceOf(occurrences);
  const follows = source !== undefined || doesVary(occurrences);
  const least = follows ? LEAST_CALLS_OF_A_LOOP : leastOfFixed(at, occurrences);
  const loops = occurrences.filter(
    (each) => each.operations.length >= least && !isPolling(each) && !isRetried(each),
  );
  if (loops.length < LEAST_SHARE_OF_REQUESTS * nodes.length || loops.length === 0) return undefined;
  // What is written twice is two rows, whether or not they are equal.
  const isWrite = isAppend(at) || (isQuery(at) && !isRead(at));
  if ((!isWrite && areRepeated(sample, loops)) || isChunked(at, loops)) return undefined;
  if (areChained(loops.flatMap(({ operations }) => operations.slice(1)))) return undefined;
  if (
    source === undefined &&
    (followsItself(at) || loops.filter(isScatter).length >= SCATTER_SHARE * loops.length)
  )
    return undefined;
  const { request } = nodes[0] ?? { request: undefined };
  if (request === undefined) return undefined;
  const peer = peerOf(sample, at);
  const changeAt = (model: BatchModel): Change => {
    const change = emptyChange();
    for (const each of loops) batch(each, peer, model, change);
    return change;
  };
  return {
    kind,
    title: titleOf(at, loops, source),
    endpoint: request,
    at,
    callSite: lineOf(usualCallSite(loops.flatMap(({ operations }) => operations))),
    requests: loops.map(({ node }) => node),
    lookedAt: nodes.length,
    change: changeAt(BATCHES.usual),
    least: changeAt(BATCHES.worst),
    most: changeAt(BATCHES.best),
    confidence: source?.isExact === true ? 'high' : 'medium',
    fix: batchFix(at, source === undefined ? '' : tableOf(source.operation.statement)),
  };
}

/** Of a number that is always the same. */
function leastOfFixed(at: SampledOperation, occurrences: readonly Occurrence[]): number {
  if (areInserts(at, occurrences) || areOfOneAnswer(occurrences)) return LEAST_CALLS_OF_A_LOOP;
  return areFromOneLine(occurrences) ? LEAST_CALLS_FROM_ONE_LINE : LEAST_CALLS_ALWAYS_THE_SAME;
}

/** To the end of a list, of a stream, of a queue (BullMQ adds jobs with a script): one more of the same kind. */
const APPENDS: Partial<Record<SampledOperation['protocol'], RegExp>> = {
  redis: /^(LPUSH|RPUSH|XADD)\b|^EVALSHA bull:/i,
  amqp: /^publish\b/i,
};

function isAppend({ protocol, statement }: SampledOperation): boolean {
  return APPENDS[protocol]?.test(statement) === true;
}

/** Rows for one table, one at a time, or entries of one list: there is one statement for all of them. */
function areInserts(at: SampledOperation, occurrences: readonly Occurrence[]): boolean {
  if (isAppend(at)) return true;
  const rows = occurrences.flatMap(({ operations }) => operations.map((each) => each.rows));
  if (!isQuery(at) || !/^\s*INSERT\b/i.test(at.statement) || medianOf(rows) > 1) return false;
  // Lines of a log need no answer at all (deferrable.ts), but those of a transaction do.
  return !isKeptForLater(at) || occurrences.every(({ node }) => node.operations.some(opensTransaction));
}

/** Fewer say nothing. */
const LEAST_LOOKED_AT = 8;
const OF_ONE_ANSWER_SHARE = 0.8;

/** Their values were known before the first of them was asked, from an answer of several rows right before it. */
function areOfOneAnswer(occurrences: readonly Occurrence[]): boolean {
  const [firsts, later] = [
    occurrences.filter(followsList).flatMap(({ operations }) => operations[0] ?? []),
    occurrences.flatMap(({ operations }) => operations.slice(1)),
  ];
  return (
    firsts.length >= LEAST_LOOKED_AT &&
    isUsual(firsts, ({ followsAnswer }) => followsAnswer === true) &&
    isUsual(later, ({ needsAnswer, knewValues }) => needsAnswer === true && knewValues === true)
  );
}

function isUsual(
  operations: readonly SampledOperation[],
  is: (operation: SampledOperation) => boolean,
): boolean {
  const lookedAt = operations.filter(({ needsAnswer }) => needsAnswer !== undefined);
  return lookedAt.filter(is).length >= OF_ONE_ANSWER_SHARE * lookedAt.length && lookedAt.length > 0;
}

/** Who names three rows in one of them (sender, receiver, bank) has no list. */
function followsList({ node, operations }: Occurrence): boolean {
  const before = answeredBefore(node, operations);
  return before !== undefined && (before.rows >= LEAST_CALLS_OF_A_LOOP || before.rows === -1);
}

/** What was answered last before the first of them was asked. */
function answeredBefore(
  { operations: all }: RequestNode,
  [first]: readonly SampledOperation[],
): SampledOperation | undefined {
  return all
    .filter((each) => first !== undefined && endOf(each) <= first.atUs)
    .filter((each) => each.role === 'work' && !isControl(each) && !isReset(each))
    .toSorted((a, b) => endOf(a) - endOf(b))
    .at(-1);
}

/** Of the calls whose stack was looked at; one may have been taken for that of another. */
const ONE_LINE_SHARE = 0.95;

/** Nobody writes four look-ups of one kind into one line. */
function areFromOneLine(occurrences: readonly Occurrence[]): boolean {
  const operations = occurrences.flatMap((each) => each.operations);
  const known = operations.filter(({ callSite }) => callSite !== '');
  const usual = lineOf(usualCallSite(known));
  const same = known.filter(({ callSite }) => lineOf(callSite) === usual);
  return known.length >= LEAST_LOOKED_AT && same.length >= ONE_LINE_SHARE * known.length;
}

/** So many different lengths: two may be a list that is cut in two. */
const LENGTHS_OF_DATA = 3;

/** The list came with the request, or in an answer whose rows nobody counts: its length differs all the same. */
function doesVary(occurrences: readonly Occurrence[]): boolean {
  const lengths = new Set(occurrences.map(({ operations }) => operations.length));
  return [...lengths].filter((length) => length >= LEAST_CALLS_OF_A_LOOP).length >= LENGTHS_OF_DATA;
}

interface Source {
  readonly operation: SampledOperation;
  /** There was one call per row, nearly always. */
  readonly isExact: boolean;
}

interface Pairs {
  readonly operation: SampledOperation;
  readonly pairs: [rows: number, calls: number][];
  /** It was the last that was answered before, each time. */
  isLast: boolean;
}

/** The earlier answer whose rows say how many calls there will be; undefined when none does. */
function sourceOf(occurrences: readonly Occurrence[]): Source | undefined {
  const pairs = new Map<string, Pairs>();
  const isOneLine = areFromOneLine(occurrences);
  for (const { node, operations } of occurrences) {
    const startUs = operations[0]?.atUs ?? 0;
    const last = answeredBefore(node, operations);
    for (const earlier of node.operations) {
      if (earlier.atUs + earlier.durationUs > startUs) break;
      if (earlier.rows < 0 || earlier.role === 'setup') continue;
      const known = pairs.get(earlier.statement) ?? { operation: earlier, pairs: [], isLast: true };
      known.pairs.push([earlier.rows, operations.length]);
      known.isLast &&= earlier === last;
      pairs.set(earlier.statement, known);
    }
  }
  const [best] = [...pairs.values()]
    .map(({ operation, pairs: list, isLast }) => ({
      operation,
      least: isLast && isOneLine ? LEAST_CALLS_OF_A_LOOP : LEAST_CALLS_OF_A_LIST,
      r: correlation(list),
      exact: shareEqual(list),
      calls: medianOf(list.map(([, calls]) => calls)),
    }))
    .filter(
      ({ r, exact, calls, least }) => r >= LEAST_CORRELATION || (exact >= SOURCE_SHARE && calls >= least),
    )
    .toSorted((a, b) => b.exact - a.exact || b.r - a.r);
  return best && { operation: best.operation, isExact: best.exact >= SOURCE_SHARE };
}

function shareEqual(pairs: readonly (readonly [number, number])[]): number {
  return pairs.filter(([a, b]) => a === b).length / Math.max(1, pairs.length);
}

/** The same question each time is another finding (duplicate-call.ts). */
function areRepeated(sample: Sample, loops: readonly Occurrence[]): boolean {
  const groups = groupsOf(sample);
  if (!loops.every(({ operations }) => areKnown(groups, operations))) return looksRepeated(loops);
  return loops.filter(({ operations }) => areMostlyTheSame(groups, operations)).length * 2 >= loops.length;
}

/** It asks again after a pause, until something has happened: the pauses are most of the time. */
function isPolling({ operations }: Occurrence): boolean {
  const first = operations[0];
  const last = operations.at(-1);
  if (first === undefined || last === undefined) return false;
  const allUs = last.atUs + last.durationUs - first.atUs;
  const askedUs = operations.reduce((sum, { durationUs }) => sum + durationUs, 0);
  return allUs >= LEAST_POLLING_US && askedUs < POLLING_SHARE * allUs;
}

/** Most calls but the last failed: attempts of one call (retries.ts). */
function isRetried({ operations }: Occurrence): boolean {
  return operations.filter(({ outcome }) => outcome !== 'ok').length * 2 > operations.length;
}

function isChunked(at: SampledOperation, loops: readonly Occurrence[]): boolean {
  const rows = medianOf(loops.flatMap(({ operations }) => operations.map((each) => each.rows)));
  return rows > (isPage(at) ? 1 : ROWS_OF_A_CHUNK);
}

/** Of the calls after the first. */
const BESIDE_SHARE = 0.5;

/** All of them under way at once, or as many as a limit allows: so many parts are asked, whatever the data. */
function isScatter({ node, operations }: Occurrence): boolean {
  let untilUs = Number.NEGATIVE_INFINITY;
  let beside = 0;
  for (const operation of operations) {
    if (beginOf(node, operation) < untilUs) beside++;
    untilUs = Math.max(untilUs, endOf(operation));
  }
  return beside >= BESIDE_SHARE * (operations.length - 1);
}

/** With the BEGIN that was asked for it: that may have waited in line for a connection. */
function beginOf({ operations }: RequestNode, { atUs, connection }: SampledOperation): number {
  let last: SampledOperation | undefined;
  for (const each of operations)
    if (each.connection === connection && endOf(each) <= atUs && endOf(each) >= endOf(last)) last = each;
  return last !== undefined && opensTransaction(last) ? last.atUs : atUs;
}

function titleOf(at: SampledOperation, loops: readonly Occurrence[], source: Source | undefined): string {
  const calls = Math.round(meanOf(loops.map(({ operations }) => operations.length)));
  const what = isQuery(at) ? 'query' : isServiceCall(at) ? 'request' : 'command';
  const list = source === undefined ? '' : tableOf(source.operation.statement);
  if (list !== '') return `One ${what} per row of ${list}: ${calls} per request`;
  return `${shortStatement(at)}, ${calls} times per request`;
}
