// D23: each look-up asks with a value of the answer right before it, so none of them can begin earlier: a list that is linked, a tree from a
// leaf upwards, an order that names a customer that names an address.
// Evidence: words of questions and answers (compared in the collector, in fifty requests of a second): the value came with the answer right
// before, and with nothing before that; where that is so for one statement after another, other requests that ask the same have it, too.
// Thresholds: three calls to one peer, one after the other; eight times looked at, and half of those say so (a word may be in an answer
// by accident, a value is not seen where it is hashed or counted with, and who goes in circles knows it). In 5 % of the requests of the endpoint.
// Also rows that name the next row of their table (parent_id), where no answer of the request has several rows.
// Cannot tell: values in binary (asyncpg, prepared statements of MySQL) and drivers in C; whether one call can answer all. Left out: calls to
// several peers, which no join can replace, writes, and pages of a list, of which each begins where the last one ended: answers of several
// rows, or one path of HTTP with another query each time.

import { areChained } from '../sample/chained.ts';
import { emptyChange, type Change } from '../replay/change.ts';
import { join, JOINS, type JoinModel } from '../replay/join.ts';
import { lineOf, statementKey, usualCallSite, type Occurrence } from '../sample/occurrences.ts';
import { peerOf } from '../sample/peers.ts';
import { groupBy, type RequestNode, type SampledOperation } from '../sample/request-tree.ts';
import type { Sample } from '../sample/sample.ts';
import {
  followsItself,
  isControl,
  isPage,
  isRead,
  isServiceCall,
  shortStatement,
} from '../sample/statement-facts.ts';
import { meanOf } from '../statistics/chances.ts';
import { byEndpoint, type Detector, type Suspicion } from './detector.ts';
import { chainFix } from './fixes.ts';

const LEAST_CALLS = 3;
const LEAST_SHARE_OF_REQUESTS = 0.05;

export const pointerChase: Detector = {
  kind: 'pointer-chase',
  detect: (sample) => byEndpoint(sample, (nodes) => chainsIn(sample, nodes)),
};

function chainsIn(sample: Sample, nodes: readonly RequestNode[]): Suspicion[] {
  const links = linksOf(nodes);
  if (links.size === 0) return [];
  const chains = nodes.flatMap((node) => runsOf(node, links));
  const alike = groupBy(chains, ({ operations }) => [...new Set(operations.map(statementKey))].join('\0'));
  return [...alike.values()].flatMap((same) => suspicionOf(sample, nodes, same) ?? []);
}

/** Statement, then statement: the second asks with what the first was answered. */
function linksOf(nodes: readonly RequestNode[]): ReadonlySet<string> {
  const pairs = groupBy(nodes.flatMap(neighboursOf), ([first, second]) => linkKey(first, second));
  const isLink = ([, all]: readonly [string, readonly Neighbours[]]): boolean =>
    areChained(all.map(([, second]) => second)) || areClimbing(nodes, all);
  return new Set([...pairs].filter(isLink).map(([key]) => key));
}

/**
 * Rows that name the next row of their table, one after the other, and no list that could have named them: so it is where nobody could see the
 * words, or they are single digits. What was known before the last answer came is a list.
 */
function areClimbing(nodes: readonly RequestNode[], all: readonly Neighbours[]): boolean {
  const [[first, second] = []] = all;
  if (first === undefined || second === undefined || statementKey(first) !== statementKey(second))
    return false;
  if (!followsItself(first) || nodes.some(({ operations }) => operations.some(({ rows }) => rows > 1)))
    return false;
  return all.filter(([, later]) => later.knewValues === true).length * 2 < all.length;
}

function linkKey(first: SampledOperation, second: SampledOperation): string {
  return `${statementKey(first)}\0${statementKey(second)}`;
}

/** Two reads of one peer, the second after the first, with nothing else begun between. */
type Neighbours = readonly [SampledOperation, SampledOperation];

function neighboursOf({ operations }: RequestNode): Neighbours[] {
  const asked = operations.filter((each) => each.role === 'work' && !isControl(each));
  return asked.flatMap((first, index) => {
    const second = asked[index + 1];
    if (second === undefined || second.atUs < first.atUs + first.durationUs) return [];
    const isOfOnePeer = first.dependency === second.dependency;
    const areReads = isRead(first) && isRead(second);
    return isOfOnePeer && areReads && !isPart(first, second) ? [[first, second] as const] : [];
  });
}

/** The first is a page, and the second may be the next one. */
function isPart(first: SampledOperation, second: SampledOperation): boolean {
  if (isPage(first) || first.rows > 1) return true;
  return (
    isServiceCall(first) && statementKey(first) === statementKey(second) && !/[:*]/.test(first.statement)
  );
}

/** Its longest runs of links. */
function runsOf(node: RequestNode, links: ReadonlySet<string>): Occurrence[] {
  const runs: SampledOperation[][] = [];
  for (const [first, second] of neighboursOf(node)) {
    if (!links.has(linkKey(first, second))) continue;
    const run = runs.at(-1);
    if (run?.at(-1) === first) run.push(second);
    else runs.push([first, second]);
  }
  return runs.filter((run) => run.length >= LEAST_CALLS).map((operations) => ({ node, operations }));
}

function suspicionOf(
  sample: Sample,
  nodes: readonly RequestNode[],
  chains: readonly Occurrence[],
): Suspicion | undefined {
  const endpoint = nodes[0]?.request;
  const operations = chains[0]?.operations ?? [];
  const [, second] = operations;
  if (endpoint === undefined || second === undefined) return undefined;
  const requests = [...new Set(chains.map(({ node }) => node))];
  if (requests.length < LEAST_SHARE_OF_REQUESTS * nodes.length) return undefined;
  const peer = peerOf(sample, second);
  const changeAt = (model: JoinModel): Change => {
    const change = emptyChange();
    for (const each of chains) join(each, peer, model, change);
    return change;
  };
  return {
    kind: 'pointer-chase',
    title: titleOf(second, operations, chains),
    endpoint,
    at: second,
    callSite: lineOf(usualCallSite(chains.flatMap((each) => each.operations.slice(1)))),
    requests,
    lookedAt: nodes.length,
    change: changeAt(JOINS.usual),
    least: changeAt(JOINS.worst),
    most: changeAt(JOINS.best),
    confidence: 'medium',
    fix: chainFix(second, new Set(operations.map(statementKey)).size === 1),
  };
}

function titleOf(
  at: SampledOperation,
  operations: readonly SampledOperation[],
  chains: readonly Occurrence[],
): string {
  const calls = Math.round(meanOf(chains.map((each) => each.operations.length)));
  const names = [...new Set(operations.map(shortStatement))].join(', then ');
  const what = isServiceCall(at) ? 'requests' : 'look-ups';
  return `${calls} ${what}, each with a value from the answer before it: ${names}`;
}
