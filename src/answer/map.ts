// Which link carries the time. In: a range. Out: services and dependencies as nodes, and what callers waited on each link.
// Exact over all traffic. A service that others ask is a node of its own, never also a dependency.

import { quantileUs } from '../base/histogram.ts';
import { formatWholeShare } from '../base/numbers.ts';
import type { RowReader } from '../store/query.ts';
import { PHASE_COLUMNS, columns, count, mapRows, quantile, sum, sums } from '../store/query.ts';
import type { AskStore } from '../store/store.ts';
import type { MapAnswer, MapLink, MapNode, Range, Words } from './api.ts';
import { categoryNamed } from './dependencies.ts';
import { groupKey, histogramsBy } from './histograms.ts';
import { SHARES, percentile } from './percentiles.ts';
import { minuteCondition, timeCondition, windowOf } from './range.ts';
import { servicesOf } from './services.ts';

export async function map(store: AskStore, range: Range): Promise<MapAnswer> {
  const [window, services, links, entries] = await Promise.all([
    windowOf(store, range),
    serviceNodes(store, range),
    linksOf(store, range),
    entryTotals(store, range),
  ]);
  const named = new Set(services.map(({ name }) => name));
  const placed = links.map(({ target, ...link }) => ({
    ...link,
    to: nodeId(named.has(target) ? 'service' : 'dependency', target),
  }));
  const dependencies = dependencyNodes(
    placed.filter(({ to }) => to.startsWith('dependency ')),
    links,
  );
  return {
    window,
    ...entries,
    sentence: sentenceOf(placed, entries.totalUs),
    nodes: [...services, ...dependencies],
    links: placed,
  };
}

function nodeId(kind: MapNode['kind'], name: string): string {
  return `${kind} ${name}`;
}

async function entryTotals(
  store: AskStore,
  range: Range,
): Promise<{ readonly totalUs: number; readonly requests: number }> {
  const table = await store.ask({
    from: 'requests',
    select: { requests: count(), totalUs: sum('durationUs') },
    where: [timeCondition(range), { column: 'isEntry', is: 1 }],
  });
  const [row] = mapRows(table, ({ number }) => ({
    requests: number('requests'),
    totalUs: number('totalUs'),
  }));
  return row ?? { requests: 0, totalUs: 0 };
}

async function serviceNodes(store: AskStore, range: Range): Promise<MapNode[]> {
  const [infos, table, entries] = await Promise.all([
    servicesOf(store, range),
    store.ask({
      from: 'requests',
      select: {
        ...columns('service'),
        requests: count(),
        p95: quantile('durationUs', SHARES.p95),
        ...sums('ownCategories.own', 'ownCategories.loop'),
      },
      where: [timeCondition(range)],
    }),
    store.ask({
      from: 'requests',
      select: { ...columns('service'), requests: count() },
      where: [timeCondition(range), { column: 'isEntry', is: 1 }],
    }),
  ]);
  const asked = new Set(mapRows(entries, ({ text }) => text('service')));
  return mapRows(table, (row): MapNode => {
    const name = row.text('service');
    const info = infos.find((each) => each.name === name);
    const requests = row.number('requests');
    return {
      id: nodeId('service', name),
      kind: 'service',
      name,
      about: info === undefined ? '' : `${info.runtime} ${info.version}`.trim(),
      category: 'http',
      count: requests,
      p95Us: percentile('p95', row.number('p95'), requests),
      ownUs: row.number('ownCategories.own'),
      loopUs: row.number('ownCategories.loop'),
      isEntry: asked.has(name),
      newConnections: 0,
    };
  });
}

type Link = Omit<MapLink, 'to'> & { readonly target: string; readonly protocol: string };

const KEYS = ['service', 'dependency', 'protocol'] as const;
const SET_UP = ['phases.dns', 'phases.tcp', 'phases.tls'] as const;

/** Most time first. Logins are set-up; waiting for news is no call. */
async function linksOf(store: AskStore, range: Range): Promise<Link[]> {
  const minutes = minuteCondition(range);
  const [table, histograms] = await Promise.all([
    store.ask({
      from: 'rollups',
      select: {
        ...columns(...KEYS, 'category', 'role'),
        calls: sum('count'),
        ...sums('exclusiveUs', 'totalUs', 'newConnections', 'bytesOut', 'bytesIn', ...PHASE_COLUMNS),
      },
      where: [minutes, { column: 'role', isIn: ['work', 'setup'] }, { column: 'attribution', is: 'request' }],
    }),
    histogramsBy(store, KEYS, [
      minutes,
      { column: 'role', is: 'work' },
      { column: 'attribution', is: 'request' },
    ]),
  ]);
  const found = new Map<string, Link>();
  mapRows(table, (row) => {
    const key = groupKey(KEYS.map(row.text));
    found.set(key, added(found.get(key), row));
  });
  return [...found]
    .map(([key, link]) => ({
      ...link,
      p50Us: percentile('p50', quantileUs(histograms.get(key) ?? new Map(), SHARES.p50), link.calls),
      p95Us: percentile('p95', quantileUs(histograms.get(key) ?? new Map(), SHARES.p95), link.calls),
    }))
    .toSorted((a, b) => b.totalUs - a.totalUs || (a.target < b.target ? -1 : 1));
}

/** Only what was really waited for counts; it is split in proportion to the phases. */
function added(known: Link | undefined, row: RowReader): Link {
  const isWork = row.text('role') === 'work';
  const totalUs = row.number('totalUs') || 1;
  const waited = row.number('exclusiveUs');
  const share = waited / totalUs;
  const poolUs = Math.round(row.number('phases.pool') * share);
  const phaseSetupUs = SET_UP.reduce((us, name) => us + row.number(name), 0) * share;
  const setupUs = isWork ? Math.round(phaseSetupUs) : waited - poolUs;
  const before = known ?? emptyLink(row);
  return {
    ...before,
    category: isWork ? categoryNamed(row.text('category')) : before.category,
    calls: before.calls + (isWork ? row.number('calls') : 0),
    totalUs: before.totalUs + waited,
    poolUs: before.poolUs + poolUs,
    setupUs: before.setupUs + setupUs,
    wireUs: before.wireUs + waited - poolUs - setupUs,
    newConnections: before.newConnections + row.number('newConnections'),
    bytes: before.bytes + row.number('bytesOut') + row.number('bytesIn'),
  };
}

function emptyLink(row: RowReader): Link {
  return {
    from: nodeId('service', row.text('service')),
    target: row.text('dependency'),
    protocol: row.text('protocol'),
    category: categoryNamed(row.text('category')),
    calls: 0,
    p50Us: undefined,
    p95Us: undefined,
    totalUs: 0,
    poolUs: 0,
    setupUs: 0,
    wireUs: 0,
    newConnections: 0,
    bytes: 0,
  };
}

function dependencyNodes(links: readonly MapLink[], named: readonly Link[]): MapNode[] {
  const ids = [...new Set(links.map(({ to }) => to))];
  return ids.map((id) => {
    const to = links.filter((link) => link.to === id);
    const name = id.slice('dependency '.length);
    const calls = to.reduce((sum, link) => sum + link.calls, 0);
    const [largest] = to.toSorted((a, b) => b.totalUs - a.totalUs);
    return {
      id,
      kind: 'dependency',
      name,
      about: named.find(({ target }) => target === name)?.protocol ?? '',
      category: largest?.category ?? 'other',
      count: calls,
      p95Us: largest?.p95Us,
      ownUs: 0,
      loopUs: 0,
      isEntry: false,
      newConnections: to.reduce((sum, link) => sum + link.newConnections, 0),
    };
  });
}

/** A pool wait below this share of a link needs no words. */
const NOTABLE_SHARE = 0.05;

function sentenceOf(links: readonly MapLink[], totalUs: number): Words[] {
  const [largest] = links.toSorted((a, b) => b.totalUs - a.totalUs);
  if (largest === undefined || totalUs === 0 || largest.totalUs === 0)
    return [{ text: 'No service waited for anything in this time.' }];
  const { from, to, category, poolUs } = largest;
  const poolShare = poolUs / largest.totalUs;
  return [
    { text: 'The widest link carries ' },
    { text: `${formatWholeShare(largest.totalUs / totalUs)} of all request time`, isStrong: true },
    { text: `: ${nameOf(from)} → ` },
    { text: nameOf(to), isStrong: true, swatch: category },
    {
      text:
        poolShare >= NOTABLE_SHARE
          ? `, and ${formatWholeShare(poolShare)} of that is waiting for a connection.`
          : '.',
    },
  ];
}

function nameOf(id: string): string {
  return id.slice(id.indexOf(' ') + 1);
}
