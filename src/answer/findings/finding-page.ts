// One finding with all that is known of it. In: its id, a range. Out: what, where, how much, how to mend it, whether that helped.

import type { FindingDetail } from '../../analysis/finding-detail.ts';
import type { Findings } from '../../analysis/engine.ts';
import { bucketsOf } from '../../analysis/finding-detail.ts';
import { formatDuration, formatWholeShare } from '../../base/numbers.ts';
import type { EndpointName, Finding, FindingLife, Measures } from '../../model/finding.ts';
import { columns, numbersOf } from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';
import type { Comparison, EvidenceDetail, FindingAnswer, Range, Words } from '../api.ts';
import { lifeOf } from './finding-lists.ts';
import { keptOf } from './finding-progress.ts';
import type { Kept } from './finding-lives.ts';
import { categoryOf } from './finding-words.ts';
import type { FindingsSource } from './findings.ts';
import { howToFix } from './how-to-fix.ts';
import { libraryOf } from '../connections/pool-places.ts';
import { timeCondition, windowOf } from '../range.ts';
import { sourcePlace } from './source-place.ts';
import { tracesByIds } from '../traces/traces.ts';

/** undefined: nothing is known of it. */
export async function findingPage(
  store: AskStore,
  source: FindingsSource,
  id: string,
  range: Range,
): Promise<FindingAnswer | undefined> {
  const found = await source.findings(range);
  const known = (await source.progress.lives.all()).get(id);
  const current = found.findings.find((finding) => finding.id === id);
  const kept = (current && keptOf(current, found)) ?? known?.kept;
  if (kept === undefined) return undefined;
  const { finding } = kept;
  const life = await lifeOf(source.progress, finding, known);
  const [window, place, comparison, evidence, library] = await Promise.all([
    windowOf(store, range),
    sourcePlace(store, range, finding),
    comparisonOf(store, kept, life),
    evidenceOf(store, finding, found),
    libraryOf(store, finding.service, finding.protocol),
  ]);
  return {
    window,
    finding,
    life,
    isSeen: current !== undefined,
    sentence: [{ text: finding.title }],
    second: secondOf(kept, life),
    category: categoryOf(finding),
    comparison,
    source: place,
    howToFix: howToFix(finding, library),
    evidence,
  };
}

async function comparisonOf(store: AskStore, kept: Kept, { verification }: FindingLife): Promise<Comparison> {
  const { service, method, route } = kept.finding.effects[0] ?? kept.finding.endpoint;
  const endpoint = { service, method, route };
  const { stepUs } = kept.distribution;
  const measured =
    verification === undefined ? [] : await measuredBuckets(store, endpoint, verification.startedAt, stepUs);
  return {
    ...endpoint,
    distribution: { ...kept.distribution, measured },
    now: kept.before,
    after: kept.predicted,
    measured: verification?.measured,
  };
}

/** A picture needs no more. */
const MOST_DURATIONS = 20_000;

async function measuredBuckets(
  store: AskStore,
  { service, method, route }: EndpointName,
  since: number,
  stepUs: number,
): Promise<readonly number[]> {
  const table = await store.ask({
    from: 'requests',
    select: columns('durationUs'),
    where: [
      timeCondition({ from: since }),
      { column: 'isEntry', is: 1 },
      { column: 'service', is: service },
      { column: 'method', is: method },
      { column: 'route', is: route },
    ],
    limit: MOST_DURATIONS,
  });
  return table.rowCount === 0 ? [] : bucketsOf([...numbersOf(table, 'durationUs')], stepUs);
}

async function evidenceOf(store: AskStore, finding: Finding, found: Findings): Promise<EvidenceDetail> {
  const { requests, lookedAt, traceIds } = finding.evidence;
  const detail: FindingDetail | undefined = found.details.get(finding.id);
  const traces = await tracesByIds(store, traceIds);
  return {
    requests,
    lookedAt,
    countName: detail?.countName ?? 'calls',
    counts: detail?.counts ?? [],
    traces: traces.map((row) => ({ ...row, count: detail?.exampleCounts.get(row.traceId) ?? 0 })),
  };
}

/** What fixing it gives, or has given. */
function secondOf({ finding, before, predicted }: Kept, { state, verification }: FindingLife): Words[] {
  const { method, route } = finding.effects[0] ?? finding.endpoint;
  const measured = state === 'verified' ? verification?.measured : undefined;
  const what = `${method} ${route}`;
  if (measured !== undefined)
    return [
      { text: `${what} went from ${typical(before)} to ` },
      { text: typical(measured), isStrong: true },
      { text: ` ${atWhat(before, measured)}; ${typical(predicted)} was predicted.` },
    ];
  const atMost = finding.isCeiling ? 'at most ' : '';
  return [
    { text: `Fixing it takes ${what} from ${typical(before)} to ` },
    { text: typical(predicted), isStrong: true },
    { text: ` ${atWhat(before, predicted)} and removes ${atMost}` },
    { text: `${formatWholeShare(finding.share)} of all request time`, isStrong: true },
    { text: finding.newSince === undefined ? '.' : ' since it began.' },
  ];
}

function typical({ p95Us, meanUs }: Measures): string {
  return formatDuration(p95Us ?? meanUs);
}

function atWhat(a: Measures, b: Measures): string {
  return a.p95Us !== undefined && b.p95Us !== undefined ? 'at p95' : 'on average';
}
