// What callers wait for each dependency. In: a range. Out: one row per dependency, exact over all traffic, largest first.
// Logins count as set-up: they cost time, but nobody asked for them. Own code before sending is nobody's wait.

import { quantileUs } from '../base/histogram.ts';
import { CATEGORIES } from '../model/category.ts';
import { protocolNamed } from '../model/protocol.ts';
import type { RowReader } from '../store/query.ts';
import { PHASE_COLUMNS, columns, mapRows, sum, sums } from '../store/query.ts';
import type { AskStore } from '../store/store.ts';
import type { DependencyRow, Range } from './api.ts';
import { groupKey, groupTexts, histogramsBy } from './histograms.ts';
import { SHARES, percentile } from './percentiles.ts';
import { minuteCondition } from './range.ts';

const KEYS = ['dependency', 'protocol'] as const;
const SET_UP = ['phases.dns', 'phases.tcp', 'phases.tls'] as const;
const WIRE = ['phases.send', 'phases.wait', 'phases.receive', 'phases.deliver'] as const;

interface Sums {
  calls: number;
  errors: number;
  poolUs: number;
  setupUs: number;
  wireUs: number;
  newConnections: number;
  /** Time by category, to name the row after the largest. */
  readonly byCategory: Map<string, number>;
}

/** By time waited, largest first. */
export async function dependencyRows(store: AskStore, range: Range): Promise<DependencyRow[]> {
  const minutes = minuteCondition(range);
  const [table, histograms] = await Promise.all([
    store.ask({
      from: 'rollups',
      select: {
        ...columns(...KEYS, 'category', 'role'),
        count: sum('count'),
        ...sums('errors', 'newConnections', ...PHASE_COLUMNS),
      },
      where: [minutes],
    }),
    histogramsBy(store, KEYS, [minutes, { column: 'role', is: 'work' }]),
  ]);
  const groups = new Map<string, Sums>();
  mapRows(table, (row) => addRow(groups, row));
  return [...groups]
    .map(([key, group]) => dependencyRow(key, group, histograms.get(key) ?? new Map()))
    .toSorted((a, b) => b.totalUs - a.totalUs || (a.name < b.name ? -1 : 1));
}

function addRow(groups: Map<string, Sums>, row: RowReader): void {
  const key = groupKey(KEYS.map(row.text));
  const group = groups.get(key) ?? emptySums();
  const role = row.text('role');
  const isWork = role === 'work';
  // Waiting for news is neither a call nor a delay.
  if (role === 'wait') return;
  const wireUs = total(row, WIRE);
  const poolUs = row.number('phases.pool');
  const setupUs = total(row, SET_UP);
  group.calls += isWork ? row.number('count') : 0;
  group.errors += row.number('errors');
  group.newConnections += row.number('newConnections');
  group.poolUs += poolUs;
  group.setupUs += isWork ? setupUs : setupUs + wireUs;
  group.wireUs += isWork ? wireUs : 0;
  const category = row.text('category');
  group.byCategory.set(category, (group.byCategory.get(category) ?? 0) + poolUs + setupUs + wireUs);
  groups.set(key, group);
}

function emptySums(): Sums {
  return { calls: 0, errors: 0, poolUs: 0, setupUs: 0, wireUs: 0, newConnections: 0, byCategory: new Map() };
}

function total(row: RowReader, names: readonly string[]): number {
  return names.reduce((us, name) => us + row.number(name), 0);
}

function dependencyRow(key: string, group: Sums, histogram: ReadonlyMap<number, number>): DependencyRow {
  const [name = '', protocol = ''] = groupTexts(key);
  const { byCategory, ...sums } = group;
  return {
    name,
    protocol: protocolNamed(protocol),
    category: largestCategory(byCategory),
    ...sums,
    p50Us: percentile('p50', quantileUs(histogram, SHARES.p50), group.calls),
    p95Us: percentile('p95', quantileUs(histogram, SHARES.p95), group.calls),
    totalUs: group.poolUs + group.setupUs + group.wireUs,
  };
}

function largestCategory(byCategory: ReadonlyMap<string, number>): DependencyRow['category'] {
  const [largest] = [...byCategory].toSorted((a, b) => b[1] - a[1]);
  return categoryNamed(largest?.[0] ?? '');
}

/** A category as it was stored. */
export function categoryNamed(name: string): DependencyRow['category'] {
  return CATEGORIES.find(({ key }) => key === name)?.key ?? 'other';
}
