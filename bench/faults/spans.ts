// Two simple ways to look at the same recordings, to hold ours against. In: operations of one recording. Out: what each would report.
// "Longest in all": statements by the sum of their durations, as a table of spans sorts them.
// "Fixed limits": the conditions that Sentry publishes for its performance issues
// (https://docs.sentry.io/product/issues/issue-details/performance-issues/), from that description: a trace at a time, limits in ms.

import { openStore } from '../../src/store/open.ts';
import { columns, mapRows } from '../../src/store/query.ts';
import { groupBy } from '../../src/analysis/sample/request-tree.ts';
import type { FindingKind } from '../../src/model/finding.ts';

export interface Span {
  readonly request: number;
  readonly endpoint: string;
  readonly protocol: string;
  readonly statement: string;
  readonly callSite: string;
  readonly atUs: number;
  readonly durationUs: number;
  readonly bytesIn: number;
}

export type WayName = 'longestInAll' | 'fixedLimits';

/** What a simple way reports; any kind fits where it names none. */
export interface Reported {
  readonly kind: FindingKind | undefined;
  readonly endpoint: string;
  readonly callSite: string;
  readonly totalUs: number;
}

export async function readSpans(folder: string): Promise<Span[]> {
  const store = await openStore(folder, { readOnly: true });
  try {
    const requests = await store.ask({ from: 'requests', select: columns('id', 'method', 'route') });
    const endpoints = new Map(
      mapRows(requests, ({ number, text }) => [number('id'), `${text('method')} ${text('route')}`] as const),
    );
    const select = columns('request', 'protocol', 'statement', 'callSite', 'atUs', 'durationUs', 'bytesIn');
    const operations = await store.ask({
      from: 'operations',
      select,
      where: [{ column: 'role', is: 'work' }],
    });
    return mapRows(operations, ({ number, text }) => ({
      request: number('request'),
      endpoint: endpoints.get(number('request')) ?? '',
      protocol: text('protocol'),
      statement: text('statement'),
      callSite: text('callSite'),
      atUs: number('atUs'),
      durationUs: number('durationUs'),
      bytesIn: number('bytesIn'),
    })).filter(({ endpoint }) => endpoint !== '');
  } finally {
    await store.close();
  }
}

/** The first `most` of the table. */
export function longestInAll(spans: readonly Span[], most: number): Reported[] {
  return [...groupBy(spans, ({ endpoint, statement }) => `${endpoint}\n${statement}`).values()]
    .map((group) => reportOf(undefined, group))
    .toSorted((a, b) => b.totalUs - a.totalUs)
    .slice(0, most);
}

const MS = 1000;
const LOOP = { calls: 5, totalUs: 50 * MS } as const;
const SLOW = { us: 500 * MS, times: 100 } as const;
const CONSECUTIVE_HTTP = { calls: 3, us: 500 * MS } as const;
const CONSECUTIVE_SQL = { us: 30 * MS, savedUs: 100 * MS } as const;
const LARGE = { bytes: 300_000, us: 100 * MS } as const;

/** Each condition once per endpoint and statement. */
export function fixedLimits(spans: readonly Span[]): Reported[] {
  const found = new Map<string, Reported>();
  const note = (kind: FindingKind, group: readonly Span[]): void => {
    const report = reportOf(kind, group);
    const key = `${kind}\n${report.endpoint}\n${group[0]?.statement}`;
    const known = found.get(key);
    found.set(key, known === undefined ? report : { ...known, totalUs: known.totalUs + report.totalUs });
  };
  for (const trace of groupBy(spans, ({ request }) => String(request)).values()) inTrace(trace, note);
  for (const group of groupBy(spans, ({ endpoint, statement }) => `${endpoint}\n${statement}`).values()) {
    const slow = group.filter((span) => isSelect(span) && span.durationUs >= SLOW.us);
    if (slow.length >= SLOW.times) note('slow-operation', slow);
  }
  return [...found.values()].toSorted((a, b) => b.totalUs - a.totalUs);
}

function inTrace(trace: readonly Span[], note: (kind: FindingKind, group: readonly Span[]) => void): void {
  const spans = trace.toSorted((a, b) => a.atUs - b.atUs);
  for (const group of groupBy(spans.filter(isSql), ({ statement }) => statement).values())
    if (group.length >= LOOP.calls && sumOf(group) >= LOOP.totalUs && isInTurn(group))
      note('n-plus-one', group);
  const http = spans.filter((span) => isHttp(span) && span.durationUs >= CONSECUTIVE_HTTP.us);
  if (http.length >= CONSECUTIVE_HTTP.calls && isInTurn(http)) note('sequential-calls', http);
  const free = spans.filter(
    (span) => isSelect(span) && hasNoCondition(span) && span.durationUs > CONSECUTIVE_SQL.us,
  );
  if (free.length >= 2 && isInTurn(free) && savedBy(free) >= CONSECUTIVE_SQL.savedUs)
    note('sequential-calls', free);
  for (const span of spans)
    if (isHttp(span) && span.bytesIn > LARGE.bytes && span.durationUs >= LARGE.us)
      note('large-answer', [span]);
}

function isSql({ protocol }: Span): boolean {
  return protocol === 'postgres' || protocol === 'mysql';
}

function isHttp({ protocol }: Span): boolean {
  return protocol === 'http';
}

function isSelect({ statement }: Span): boolean {
  return statement.startsWith('SELECT');
}

function hasNoCondition({ statement }: Span): boolean {
  return !/\bWHERE\b|\$\d|\?/i.test(statement);
}

function isInTurn(spans: readonly Span[]): boolean {
  return spans.every((span, index) => {
    const before = spans[index - 1];
    return before === undefined || span.atUs >= before.atUs + before.durationUs;
  });
}

function sumOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { durationUs }) => sum + durationUs, 0);
}

function savedBy(spans: readonly Span[]): number {
  return sumOf(spans) - Math.max(...spans.map(({ durationUs }) => durationUs));
}

function reportOf(kind: FindingKind | undefined, group: readonly Span[]): Reported {
  const [first] = group;
  return { kind, endpoint: first?.endpoint ?? '', callSite: first?.callSite ?? '', totalUs: sumOf(group) };
}
