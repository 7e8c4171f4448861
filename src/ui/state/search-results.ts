// What a search finds. In: what is there, what was typed. Out: results in groups, each with the address it opens. Pure; every key
// goes through all there is again, which are at most two thousand short texts.

import type { EndpointName, SearchAnswer, SearchPlace } from '../../answer/api.ts';
import { formatCountShort, formatDuration, formatSignedShare } from '../../base/numbers.ts';
import { shortStatement } from '../../base/statement.ts';
import { parseFilter } from '../../model/request-filter.ts';
import type { CategoryKey } from '../../model/category.ts';
import type { Finding } from '../../model/finding.ts';
import { findingPath, kindName } from './finding-words.ts';

export interface SearchResult {
  readonly group: string;
  readonly text: string;
  readonly isCode: boolean;
  readonly method: string;
  readonly category: CategoryKey | undefined;
  readonly note: string;
  /** Path and parameters of the page. */
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
}

type FoundFinding = Pick<Finding, 'id' | 'kind' | 'title' | 'callSite' | 'share'>;

/** Of each group; while nothing is typed, fewer. */
const MOST = 5;
const MOST_AT_FIRST = 3;

/** `pathOf` an endpoint's page. */
export function searchResults(
  all: SearchAnswer,
  findings: readonly FoundFinding[],
  typed: string,
  pathOf: (endpoint: EndpointName) => string,
): SearchResult[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const most = words.length === 0 ? MOST_AT_FIRST : MOST;
  const has = (...texts: readonly string[]) => {
    const text = texts.join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const endpoints = all.endpoints
    .filter(({ service, method, route }) => has(service, method, route))
    .slice(0, most)
    .map((endpoint) => ({
      ...PLAIN,
      group: 'Endpoints',
      text: endpoint.route,
      method: endpoint.method,
      note: endpoint.p95Us === undefined ? endpoint.service : `p95 ${formatDuration(endpoint.p95Us)}`,
      path: pathOf(endpoint),
    }));
  const places = (group: string, list: readonly SearchPlace[], isCode: boolean) =>
    list
      .filter(({ text, service }) => has(text, service))
      .slice(0, most)
      .map((place) => placeResult(group, place, isCode, pathOf));
  return [
    ...traceResult(typed.trim()),
    ...filterResult(typed.trim()),
    ...endpoints,
    ...findings
      .filter((finding) => has(finding.title, kindName(finding), finding.callSite))
      .slice(0, most)
      .map(findingResult),
    ...places('Statements', all.statements, true),
    ...places('Call sites', all.callSites, true),
    ...places('Dependencies', all.dependencies, false),
  ];
}

const PLAIN = { isCode: true, method: '', category: undefined, parameters: {} } as const;

function findingResult(finding: FoundFinding): SearchResult {
  return {
    ...PLAIN,
    group: 'Findings',
    text: finding.title,
    isCode: false,
    note: formatSignedShare(-finding.share),
    path: findingPath(finding.id),
  };
}

function placeResult(
  group: string,
  place: SearchPlace,
  isCode: boolean,
  pathOf: (endpoint: EndpointName) => string,
): SearchResult {
  const { text, service, category, calls, endpoint } = place;
  const isDependency = group === 'Dependencies';
  return {
    ...PLAIN,
    group,
    text: group === 'Statements' ? shortStatement(text) : text,
    isCode,
    category,
    note: `${formatCountShort(calls)} calls`,
    path: isDependency
      ? `/connections/${encodeURIComponent(service)}/${encodeURIComponent(text)}`
      : endpoint === undefined
        ? '/'
        : pathOf(endpoint),
  };
}

/** 32 hex digits are a trace. */
function traceResult(typed: string): SearchResult[] {
  if (!/^[0-9a-f]{32}$/i.test(typed)) return [];
  return [
    {
      ...PLAIN,
      group: 'Trace',
      text: typed.toLowerCase(),
      note: 'open',
      path: `/trace/${typed.toLowerCase()}`,
    },
  ];
}

/** `key:value` is a filter of the traces. */
function filterResult(typed: string): SearchResult[] {
  if (!/^[a-z]+:./i.test(typed)) return [];
  const { problems } = parseFilter(typed);
  return [
    {
      ...PLAIN,
      group: 'Filter traces',
      text: typed,
      note: problems[0] ?? 'show what matches',
      path: '/traces',
      parameters: { q: typed },
    },
  ];
}
