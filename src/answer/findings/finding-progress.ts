// How findings that somebody has seen to are doing. In: lives, what was found, requests since the change. Out: lives that have gone on.
// Looked at when somebody asks: everything that is needed is stored, so nothing is missed while nobody looks.

import type { Findings } from '../../analysis/engine.ts';
import {
  disappeared,
  NEEDED_REQUESTS,
  returned,
  verdict,
  type Observed,
  type Step,
} from '../../analysis/life.ts';
import { endpointKey } from '../../analysis/sample/request-tree.ts';
import type { EndpointName, Finding, Measures, Verification } from '../../model/finding.ts';
import { column, count, mapRows, max, numbersOf, quantile, sum } from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';
import type { Range } from '../api.ts';
import type { FindingLives, Kept, KnownLife } from './finding-lives.ts';
import { percentile } from '../percentiles.ts';
import { timeCondition } from '../range.ts';

/** Looks for findings since a time; undefined: not now, it would take too much. */
export type Probe = (range: Range) => Promise<Findings | undefined>;

export interface ProgressOptions {
  readonly store: AskStore;
  readonly lives: FindingLives;
  readonly probe: Probe;
  /** ms since 1970. */
  readonly now: () => number;
}

/** What is found for the first time begins a life; then each life that can goes on by one step. */
export async function goOn(options: ProgressOptions, found: Findings): Promise<void> {
  const { lives, now } = options;
  for (const finding of found.findings) {
    const kept = keptOf(finding, found);
    if (kept !== undefined && !(await lives.all()).has(finding.id))
      await lives.change(finding.id, change('open', now(), finding.title), { kept });
  }
  const starts = await lastStarts(options.store);
  // Somebody waits for those that are verified now.
  const first = [...(await lives.all()).values()].toSorted(
    (a, b) => Number(b.state === 'verifying') - Number(a.state === 'verifying'),
  );
  for (const life of first) await step(options, life, starts);
}

function change(state: KnownLife['state'], at: number, note: string, isByPerson = false) {
  return { state, at, note, isByPerson };
}

/** undefined: its details were not made. */
export function keptOf(finding: Finding, { details }: Findings): Kept | undefined {
  const detail = details.get(finding.id);
  if (detail === undefined) return undefined;
  const { stepUs, now, after, measuresNow, measuresAfter } = detail;
  return { finding, before: measuresNow, predicted: measuresAfter, distribution: { stepUs, now, after } };
}

async function step(
  options: ProgressOptions,
  life: KnownLife,
  starts: ReadonlyMap<string, number>,
): Promise<void> {
  const since = sinceOf(life, starts);
  if (since === undefined) return;
  const observed = await observe(options, life, since);
  if (observed === undefined) return;
  const next = nextOf(life, observed);
  if (next === undefined || next.state === life.state) return;
  const { measured, stillShare } = observed;
  // Requests that show that it is gone are the first ones that are measured.
  const at = next.state === 'verifying' ? since : options.now();
  await options.lives.change(life.id, change(next.state, at, next.note), { last: { measured, stillShare } });
}

function nextOf({ state, kept }: KnownLife, observed: Observed): Step | undefined {
  if (state === 'ignored') return undefined;
  if (state === 'verifying') return verdict(kept, observed);
  if (state === 'verified') return returned(kept, observed);
  return disappeared(kept, observed);
}

/** From when on requests count; undefined: there is nothing to look at. */
function sinceOf(life: KnownLife, starts: ReadonlyMap<string, number>): number | undefined {
  if (life.state === 'ignored') return undefined;
  if (life.state === 'verifying' || life.state === 'verified') return life.since;
  // Code changes with a restart.
  const started = starts.get(life.kept.finding.service) ?? 0;
  return started > life.since ? together(started, starts) : undefined;
}

/** Services that are started one after the other are looked at together. */
const TOGETHER_MS = 60_000;

function together(started: number, starts: ReadonlyMap<string, number>): number {
  return Math.max(started, ...[...starts.values()].filter((other) => other - started < TOGETHER_MS));
}

/** Start of the newest process of each service, ms. */
async function lastStarts(store: AskStore): Promise<ReadonlyMap<string, number>> {
  const table = await store.ask({
    from: 'processes',
    select: { service: column('service'), last: max('startedAtUs') },
  });
  return new Map(
    mapRows(table, (row) => [row.text('service'), Math.floor(row.number('last') / 1000)] as const),
  );
}

async function observe(
  { store, probe }: ProgressOptions,
  life: KnownLife,
  since: number,
): Promise<Observed | undefined> {
  const { finding } = life.kept;
  const range = { from: since };
  const measured = await measuredOf(store, finding.effects[0] ?? finding.endpoint, range);
  if (measured.requests < NEEDED_REQUESTS) return { measured, stillShare: 0, lookedAt: 0 };
  const found = await probe(range);
  if (found === undefined) return undefined;
  const seen = found.suspected.get(finding.id);
  const lookedAt = seen?.lookedAt ?? found.lookedAt.get(endpointKey(finding.endpoint)) ?? 0;
  return { measured, stillShare: (seen?.requests ?? 0) / Math.max(1, lookedAt), lookedAt };
}

/** Exact, over all entry requests of the endpoint. */
export async function measuredOf(store: AskStore, endpoint: EndpointName, range: Range): Promise<Measures> {
  const { service, method, route } = endpoint;
  const table = await store.ask({
    from: 'requests',
    select: {
      requests: count(),
      totalUs: sum('durationUs'),
      calls: sum('treeOperationCount'),
      p50: quantile('durationUs', 0.5),
      p95: quantile('durationUs', 0.95),
      p99: quantile('durationUs', 0.99),
    },
    where: [
      timeCondition(range),
      { column: 'isEntry', is: 1 },
      { column: 'service', is: service },
      { column: 'method', is: method },
      { column: 'route', is: route },
    ],
  });
  const at = (name: string): number => numbersOf(table, name)[0] || 0;
  const requests = at('requests');
  const each = 1 / Math.max(1, requests);
  return {
    requests,
    meanUs: Math.round(at('totalUs') * each),
    p50Us: percentile('p50', at('p50'), requests),
    p95Us: percentile('p95', at('p95'), requests),
    p99Us: percentile('p99', at('p99'), requests),
    callsPerRequest: at('calls') * each,
  };
}

/** The prediction beside what was measured, for one that was ever said to be changed. */
export async function verificationOf(
  { store, now }: ProgressOptions,
  life: KnownLife,
): Promise<Verification | undefined> {
  const { verifyingSince, kept, last } = life;
  if (verifyingSince === undefined) return undefined;
  const { service, method, route } = kept.finding.effects[0] ?? kept.finding.endpoint;
  const endpoint = { service, method, route };
  const measured = last?.measured ?? (await measuredOf(store, endpoint, { from: verifyingSince }));
  return {
    ...endpoint,
    startedAt: verifyingSince,
    before: kept.before,
    predicted: kept.predicted,
    measured,
    neededRequests: NEEDED_REQUESTS,
    secondsLeft: secondsLeft(measured.requests, now() - verifyingSince),
    stillShare: last?.stillShare ?? 0,
  };
}

/** At the rate so far; undefined while there was no request. */
function secondsLeft(requests: number, passedMs: number): number | undefined {
  if (requests === 0) return undefined;
  return Math.max(0, Math.ceil(((NEEDED_REQUESTS - requests) * passedMs) / requests / 1000));
}
