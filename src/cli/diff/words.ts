// A comparison in words, the same in the terminal and in Markdown. In: a part of the report. Out: short texts. Not here: colours, markup.

import {
  formatCount,
  formatDuration,
  formatRate,
  formatSignedDuration,
  formatSignedShare,
} from '../../base/numbers.ts';
import { CATEGORIES } from '../../model/category.ts';
import type { DiffEndpoint, DiffReport } from '../../answer/traces/compare.ts';

/** `GET /cart/:id`, with its service where there are several. */
export function endpointOf(endpoint: DiffEndpoint, { endpoints }: DiffReport): string {
  const { service, method, route } = endpoint;
  const isOne = endpoints.every((each) => each.service === service);
  return isOne ? `${method} ${route}` : `${service} ${method} ${route}`;
}

export const VERDICTS: Readonly<Record<DiffEndpoint['verdict'], string>> = {
  slower: 'slower',
  faster: 'faster',
  new: 'new',
  gone: 'gone',
  'no-change': 'no change',
  'cannot-tell': 'cannot tell',
};

type Quantile = NonNullable<DiffEndpoint['latency']>['p50'];

/** `15.3 ms → 20.1 ms, +31.2% (+22.0% to +39.8%)`. */
export function quantileWords({ aMs, bMs, ratio, low, high }: Quantile): string {
  const [change, least, most] = [ratio, low, high].map((each) => changeOf(each - 1));
  return `${duration(aMs)} → ${duration(bMs)}, ${change} (${least} to ${most})`;
}

/** What has doubled has no tenth of a percent. */
function changeOf(share: number): string {
  if (Math.abs(share) < 1) return formatSignedShare(share);
  return formatSignedShare(Math.round(share * 100) / 100).replace('.0%', '%');
}

function duration(ms: number): string {
  return formatDuration(ms * 1000);
}

/** What else is to say about an endpoint, one fact each; nothing where nothing is different. */
export function factsOf(endpoint: DiffEndpoint): readonly string[] {
  return [...operationFacts(endpoint), ...meanFacts(endpoint), ...statementFacts(endpoint)];
}

function operationFacts({
  operationsPerRequest: { a, b },
  errors,
  requests,
  verdict,
}: DiffEndpoint): string[] {
  if (verdict === 'new' || verdict === 'gone') return [];
  const facts =
    Math.abs(b - a) < LEAST_OPERATIONS ? [] : [`operations ${formatRate(a)} → ${formatRate(b)} per request`];
  const isSame = errors.a / requests.a === errors.b / requests.b;
  if (!isSame)
    facts.push(
      `errors ${formatCount(errors.a)} of ${formatCount(requests.a)} → ${formatCount(errors.b)} of ${formatCount(requests.b)}`,
    );
  return facts;
}

const LEAST_OPERATIONS = 0.05;
/** Of the change of the mean; smaller parts would not be looked at. */
const LEAST_PART = 0.1;
const CATEGORY_LIMIT = 3;

function meanFacts({ categories, meanMs, verdict }: DiffEndpoint): string[] {
  if (verdict === 'cannot-tell') return [`mean ${duration(meanMs.a)} → ${duration(meanMs.b)}`];
  if (verdict !== 'slower' && verdict !== 'faster') return [];
  const least = Math.abs(meanMs.b - meanMs.a) * LEAST_PART;
  return categories
    .filter(({ sameWorkMs, otherWorkMs }) => Math.abs(sameWorkMs + otherWorkMs) >= least)
    .slice(0, CATEGORY_LIMIT)
    .map(({ key, sameWorkMs, otherWorkMs }) => {
      const name = CATEGORIES.find((category) => category.key === key)?.name ?? key;
      return `mean ${signed(sameWorkMs + otherWorkMs)} ${name}: ${cause(sameWorkMs, otherWorkMs)}`;
    });
}

function signed(ms: number): string {
  return formatSignedDuration(ms * 1000);
}

/** Which of the two it mostly is. */
function cause(sameMs: number, otherMs: number): string {
  const all = Math.abs(sameMs) + Math.abs(otherMs);
  if (Math.abs(sameMs) > 0.8 * all) return 'the same work takes another time';
  if (Math.abs(otherMs) > 0.8 * all) return 'requests do other work';
  return `${signed(sameMs)} at the same work, ${signed(otherMs)} by other work`;
}

const STATEMENT_LIMIT = 3;

function statementFacts({ statements }: DiffEndpoint): string[] {
  const shown = statements.slice(0, STATEMENT_LIMIT).map(({ statement, perRequest: { a, b } }) => {
    const word = a === 0 ? 'new: ' : b === 0 ? 'gone: ' : '';
    return `${formatRate(a)} → ${formatRate(b)} per request  ${word}${statement}`;
  });
  const rest = statements.length - shown.length;
  return rest > 0 ? [...shown, `${rest} more statements have changed (--json)`] : shown;
}

/** `3 endpoints: 1 slower, 1 no change, 1 cannot tell`. */
export function totalOf({ endpoints }: DiffReport): string {
  const parts = Object.entries(VERDICTS).flatMap(([verdict, name]) => {
    const count = endpoints.filter((each) => each.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${name}`];
  });
  return `${endpoints.length} ${endpoints.length === 1 ? 'endpoint' : 'endpoints'}: ${parts.join(', ')}`;
}
