// Answers in plain words, from fixed templates: the first whose condition holds. In: numbers. Out: pieces of a sentence.
// Not here: colours, markup, where the numbers come from.

import { counted, formatCount, formatDuration, formatWholeShare } from '../base/numbers.ts';
import type { Category, CategoryKey } from '../model/category.ts';
import { CATEGORIES, CategoryIndex } from '../model/category.ts';
import { shortStatement } from '../base/statement.ts';
import type { CategoryTotal, FindingRow, Words } from './api.ts';
import { causeWords } from './findings/finding-words.ts';

/** A category that takes this much is the answer. */
const MOST_SHARE = 0.4;
/** Waiting and set-up that take this much are. */
const WAITING_SHARE = 0.3;
/** A dependency with this much of its category stands for it. */
const SINGLE_SHARE = 0.5;
/** A wait for cores that is this much of the time that nobody knows is why. */
const CORE_SHARE = 0.5;
/** A statement with this much of its category is named. */
const STATEMENT_SHARE = 0.3;

export interface CategoryDetail {
  /** The dependency with most of the category's time, and its share of it. */
  readonly dependency: string;
  readonly dependencyShare: number;
  /** Different statements. */
  readonly operations: number;
  /** The statement with most of its time, where in the code it is asked ('' unknown), and its share of the category. */
  readonly statement: string;
  readonly callSite: string;
  readonly statementShare: number;
}

const plain = (text: string): Words => ({ text });
const strong = (text: string, swatch?: CategoryKey): Words => ({
  text,
  isStrong: true,
  ...(swatch && { swatch }),
});

/** The first line of the home page. `totals` are all ten, with shares; `coreWaitUs`: for how long processes had no core. */
export function homeSentence(
  totals: readonly CategoryTotal[],
  detail: (key: CategoryKey) => CategoryDetail,
  endpoints: number,
  findings: readonly FindingRow[] = [],
  coreWaitUs = 0,
): Words[] {
  const largest = largestOf(totals);
  if (largest === undefined || largest.us === 0) return [plain('No request was seen in this time.')];
  if (largest.key === 'other' && largest.share >= MOST_SHARE && coreWaitUs >= CORE_SHARE * largest.us)
    return coreSentence(largest.share, coreWaitUs);
  if (largest.share >= MOST_SHARE)
    return mostSentence(largest, detail(largest.key), endpoints, causeWords(findings, largest));
  const waiting = totals.filter(({ key }) => categoryOf(key).group === 'waiting');
  const waitingShare = waiting.reduce((share, total) => share + total.share, 0);
  if (waitingShare >= WAITING_SHARE) return waitingSentence(waitingShare, largestOf(waiting));
  const { name } = categoryOf(largest.key);
  return [
    plain('Time is spread evenly: the biggest part is '),
    { text: name.toLowerCase(), swatch: largest.key },
    plain(` with ${formatWholeShare(largest.share)}.`),
  ];
}

function mostSentence(
  { key, share }: CategoryTotal,
  detail: CategoryDetail,
  endpoints: number,
  cause: readonly Words[],
): Words[] {
  const isNamed = detail.statement !== '' && detail.statementShare >= STATEMENT_SHARE;
  const rest = isNamed ? statementWords(detail) : [plain(`, spread over ${spreadOf(detail, endpoints)}.`)];
  return [
    plain('Your backend spends '),
    strong(`${formatWholeShare(share)} of its time ${phraseOf(key, detail)}`, key),
    ...(cause.length > 0 ? cause : rest),
  ];
}

/** Of a thread that does not run nobody knows what it waits for; when its process waits for a core, that is the likely reason. */
function coreSentence(share: number, coreWaitUs: number): Words[] {
  return [
    plain('Your backend spends '),
    strong(`${formatWholeShare(share)} of its time neither running nor waiting for the network`, 'other'),
    plain(`; its processes waited ${formatDuration(coreWaitUs)} for a processor core.`),
  ];
}

function spreadOf({ operations }: CategoryDetail, endpoints: number): string {
  return operations > 0 ? counted(operations, 'operation') : counted(endpoints, 'endpoint');
}

function statementWords({ statement, callSite, statementShare }: CategoryDetail): Words[] {
  return [
    plain(`, ${formatWholeShare(statementShare)} of that for `),
    { text: clipped(shortStatement(statement)), isCode: true },
    ...(callSite === '' ? [] : [plain(' at '), { text: lineOf(callSite), isCode: true }]),
    plain('.'),
  ];
}

/** A sentence that anybody reads to its end. */
const STATEMENT_CHARS = 80;

function clipped(text: string): string {
  return text.length <= STATEMENT_CHARS ? text : `${text.slice(0, STATEMENT_CHARS - 1).trimEnd()}…`;
}

/** `file:line` without the column, and only the last folders of a long path. */
function lineOf(callSite: string): string {
  const [, file = callSite, line = ''] = /^(.*?):(\d+)(?::\d+)?$/.exec(callSite) ?? [];
  const path = file.split('/').slice(-3).join('/');
  return line === '' ? path : `${path}:${line}`;
}

function waitingSentence(share: number, largest: CategoryTotal | undefined): Words[] {
  const key = largest?.key ?? 'pool';
  return [
    strong(`${formatWholeShare(share)} of your request time is waiting in line`),
    plain(', most of it '),
    { text: categoryOf(key).phrase, swatch: key },
    plain('.'),
  ];
}

/** "waiting for Postgres" where one dependency stands for the category, else the category's own phrase. */
function phraseOf(key: CategoryKey, { dependency, dependencyShare }: CategoryDetail): string {
  const isNetwork = categoryOf(key).group === 'network';
  return isNetwork && dependency !== '' && dependencyShare >= SINGLE_SHARE
    ? `waiting for ${dependency}`
    : categoryOf(key).phrase;
}

/** What the numbers of the home page rest on. */
export function basisSentence(requests: number, seconds: number): Words[] {
  if (requests === 0) return [];
  const range = formatDuration(Math.round(seconds * 1e6));
  return [plain(`Based on ${counted(requests, 'request')} in ${range}, every one measured.`)];
}

/** Something a trace spent its time on: a statement, or what a service did itself. */
export interface TraceShare {
  /** '' for the service's own time. */
  readonly statement: string;
  readonly category: CategoryKey;
  readonly dependency: string;
  readonly us: number;
}

/** The same statement over and over, each after the one before. */
export interface Run extends TraceShare {
  readonly calls: number;
}

const RUN_SHARE = 0.25;

/** The line above a trace. `shares` by time, largest first. */
export function traceSentence(
  durationUs: number,
  run: Run | undefined,
  shares: readonly TraceShare[],
): Words[] {
  const [largest] = shares;
  if (run !== undefined && durationUs > 0 && run.us / durationUs >= RUN_SHARE)
    return runSentence(durationUs, run, nextLargest(run, shares));
  if (largest === undefined || durationUs === 0)
    return [plain('This request took no time that could be measured.')];
  return [
    strong(`${formatDuration(largest.us)} of ${formatDuration(durationUs)} is `),
    named(largest),
    plain(largest.statement === '' ? '.' : `, ${categoryOf(largest.category).phrase}.`),
  ];
}

function runSentence(durationUs: number, run: Run, next: TraceShare | undefined): Words[] {
  const what = callsOf(run);
  return [
    strong(`${formatCount(run.calls)} ${what}, one after the other`, run.category),
    plain(`, take ${formatDuration(run.us)} of ${formatDuration(durationUs)}`),
    ...(next === undefined ? [] : [plain('; '), named(next), plain(` takes ${formatDuration(next.us)}`)]),
    plain('.'),
  ];
}

function nextLargest(run: Run, shares: readonly TraceShare[]): TraceShare | undefined {
  return shares.find(
    ({ statement, dependency, us }) =>
      us > 0 && (statement !== run.statement || dependency !== run.dependency),
  );
}

/** What calls of a category are called. */
function callsOf({ category, dependency, statement }: TraceShare): string {
  const table = tableOf(statement);
  if (category === 'db') return table === '' ? `${dependency || 'database'} queries` : `queries on ${table}`;
  if (category === 'cache') return `${dependency || 'cache'} commands`;
  return dependency === '' ? 'calls' : `calls to ${dependency}`;
}

/** The first table a statement names, '' when there is none to be seen. */
function tableOf(statement: string): string {
  return /\b(?:FROM|INTO|UPDATE|JOIN)\s+(?:ONLY\s+)?["`]?([\w$.]+)/i.exec(statement.slice(0, 500))?.[1] ?? '';
}

function named({ statement, category }: TraceShare): Words {
  return statement === ''
    ? { text: OWN_NAMES[category], swatch: category }
    : { text: statement, isCode: true, swatch: category };
}

/** What was not an operation that is known. */
const OWN_NAMES: Readonly<Record<CategoryKey, string>> = {
  own: 'own code',
  loop: 'waiting for the event loop',
  pool: 'waiting for a free connection',
  conn: 'opening connections',
  db: 'the database',
  cache: 'the cache',
  http: 'the network between services',
  ext: 'external APIs',
  msg: 'messaging',
  other: 'work that was not seen',
};

function categoryOf(key: CategoryKey): Category {
  return CATEGORIES[CategoryIndex[key]];
}

function largestOf(totals: readonly CategoryTotal[]): CategoryTotal | undefined {
  return totals.toSorted((a, b) => b.us - a.us)[0];
}
