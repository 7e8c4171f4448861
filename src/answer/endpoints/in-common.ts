// What the slow requests of an endpoint have in common: the process they ran in, how many others ran beside them, how they were answered,
// when. In: which requests. Out: facts in plain words with how many of the slow and of the typical requests have them. Not here: the statistics
// (analysis/time/contrast.ts), what slow requests spend more time on (tail-of.ts).

import { burstOf, contrasts, type Burst, type Described } from '../../analysis/time/contrast.ts';
import type { Condition } from '../../store/query.ts';
import { columns, mapRows } from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';
import type { EndpointName, Range, SlowFact } from '../api.ts';
import { timeCondition } from '../range.ts';
import { BAND_SHARES, bandsOf } from './bands.ts';
import { concurrencyOf, type Concurrency } from './concurrency.ts';

/** Of each kind; percentages do not get better with more. */
const MOST = 600;
const LEAST = 15;
const MOST_FACTS = 3;
/** How many others ran beside a request, at least: one of these numbers is told, of equal ones the largest. */
const OTHERS = [128, 64, 32, 16, 8, 4, 2];

type FactKind = 'process' | 'status' | 'beside';

export async function inCommon(
  store: AskStore,
  { service }: EndpointName,
  range: Range,
  where: readonly Condition[],
): Promise<readonly SlowFact[]> {
  const groups = await groupsOf(store, where);
  if (groups === undefined) return [];
  const beside = await concurrencyOf(store, [timeCondition(range), { column: 'service', is: service }]);
  const [typical = [], slow = []] = groups.map((rows) => rows.map((row) => describe(row, beside)));
  const pids = await pidsOf(store, service);
  const facts = firstOfEachKind(contrasts(typical, slow)).map((contrast): SlowFact => ({
    title: titleOf(contrast.fact, pids),
    slowShare: contrast.slowShare,
    typicalShare: contrast.typicalShare,
  }));
  return [...stretchOf(burstOf(typical, slow)), ...facts].slice(0, MOST_FACTS);
}

function stretchOf(burst: Burst | undefined): SlowFact[] {
  if (burst === undefined) return [];
  const { slowShare, typicalShare, fromUs, toUs } = burst;
  const time = { from: Math.floor(fromUs / 1000), to: Math.ceil(toUs / 1000) };
  return [{ title: 'in one stretch of time', slowShare, typicalShare, time }];
}

interface Row {
  readonly atUs: number;
  readonly durationUs: number;
  readonly process: number;
  readonly status: number;
}

/** Typical requests, then slow ones; undefined while there are too few. */
async function groupsOf(store: AskStore, where: readonly Condition[]): Promise<readonly Row[][] | undefined> {
  const { requests, typical, slow } = await bandsOf(store, where);
  if (requests * BAND_SHARES.slow < LEAST) return undefined;
  return Promise.all([
    rowsOf(store, [...where, typical], requests * BAND_SHARES.typical),
    rowsOf(store, [...where, slow], requests * BAND_SHARES.slow),
  ]);
}

async function rowsOf(store: AskStore, where: readonly Condition[], expected: number): Promise<Row[]> {
  const oneIn = Math.max(1, Math.floor(expected / MOST));
  const table = await store.ask({
    from: 'requests',
    select: columns('atUs', 'durationUs', 'process', 'status'),
    where: [...where, ...(oneIn > 1 ? [{ column: 'id', oneIn }] : [])],
    limit: MOST * 3,
  });
  return mapRows(table, ({ number }) => ({
    atUs: number('atUs'),
    durationUs: number('durationUs'),
    process: number('process'),
    status: number('status'),
  }));
}

function describe({ atUs, durationUs, process, status }: Row, beside: Concurrency | undefined): Described {
  const others = beside?.othersAt(process, atUs) ?? 0;
  const fact = (kind: FactKind, value: number): string => `${kind} ${String(value)}`;
  return {
    atUs,
    durationUs,
    facts: [
      fact('process', process),
      fact('status', status),
      ...OTHERS.filter((least) => others >= least).map((least) => fact('beside', least)),
    ],
  };
}

function firstOfEachKind<T extends { readonly fact: string }>(found: readonly T[]): T[] {
  const kindOf = ({ fact }: T): string => fact.slice(0, fact.indexOf(' '));
  return found.filter((one, place) => found.findIndex((other) => kindOf(other) === kindOf(one)) === place);
}

function titleOf(fact: string, pids: ReadonlyMap<number, number>): string {
  const [kind = '', value = ''] = fact.split(' ');
  if (kind === 'process') return `in process ${String(pids.get(Number(value)) ?? value)}`;
  if (kind === 'status') return `answered with ${value}`;
  return `while ${value} or more others were under way in their process`;
}

async function pidsOf(store: AskStore, service: string): Promise<ReadonlyMap<number, number>> {
  const table = await store.ask({
    from: 'processes',
    select: columns('id', 'pid'),
    where: [{ column: 'service', is: service }],
  });
  return new Map(mapRows(table, ({ number }) => [number('id'), number('pid')] as const));
}
