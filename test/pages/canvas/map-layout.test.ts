import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MapLink, MapNode } from '../../../src/answer/api.ts';
import { layoutMap } from '../../../src/ui/canvas/map-layout.ts';

const node = (kind: MapNode['kind'], name: string, isEntry = false): MapNode => ({
  id: `${kind} ${name}`,
  kind,
  name,
  about: '',
  category: 'db',
  count: 1,
  p95Us: undefined,
  ownUs: 0,
  loopUs: 0,
  isEntry,
  newConnections: 0,
});
const link = (from: string, to: string, totalUs: number): MapLink => ({
  from: `service ${from}`,
  to,
  category: 'db',
  calls: 1,
  p50Us: undefined,
  p95Us: undefined,
  totalUs,
  poolUs: 0,
  setupUs: 0,
  wireUs: totalUs,
  newConnections: 0,
  bytes: 0,
});

const NODES = [
  node('dependency', 'Redis'),
  node('service', 'cart'),
  node('service', 'gateway', true),
  node('dependency', 'Postgres'),
  node('service', 'pricing'),
];
const LINKS = [
  link('gateway', 'service cart', 400),
  link('gateway', 'service pricing', 100),
  link('cart', 'service pricing', 50),
  link('cart', 'dependency Postgres', 300),
  link('pricing', 'dependency Redis', 20),
  link('gateway', 'dependency Postgres', 200),
];

test('layers are the longest way from the entry, dependencies last', () => {
  const { nodes } = layoutMap(NODES, LINKS, 1000);
  const layers = Object.fromEntries(nodes.map(({ node, layer }) => [node.name, layer]));
  deepEqual(layers, { gateway: 0, cart: 1, pricing: 2, Postgres: 3, Redis: 3 });
});

test('the order of what comes in does not matter', () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray(NODES, { minLength: NODES.length }),
      fc.shuffledSubarray(LINKS, { minLength: LINKS.length }),
      (nodes, links) => {
        const place = (layout: ReturnType<typeof layoutMap>) =>
          Object.fromEntries(layout.nodes.map(({ node, x, y }) => [node.id, [x, y]]));
        deepEqual(place(layoutMap(nodes, links, 1000)), place(layoutMap(NODES, LINKS, 1000)));
      },
    ),
  );
});

test('nodes do not overlap, ribbons stay within their nodes and are as wide as their time', () => {
  const { nodes, links, width, height } = layoutMap(NODES, LINKS, 1000);
  for (const a of nodes) {
    ok(a.x >= 0 && a.x + a.width <= width + 1e-6 && a.y >= -1e-9 && a.y + a.height <= height + 1e-9);
    for (const b of nodes)
      if (a !== b && a.layer === b.layer) ok(a.y + a.height <= b.y + 1e-9 || b.y + b.height <= a.y + 1e-9);
  }
  for (const { link: each, points, thickness } of links) {
    const from = nodes.find(({ node }) => node.id === each.from);
    const y = points[0]?.y ?? -1;
    ok(from && y - thickness / 2 >= from.y && y + thickness / 2 <= from.y + from.height);
  }
  const wide = (name: string) =>
    links.find(({ link: each }) => each.from === 'service gateway' && each.to === name)?.thickness ?? 0;
  ok(Math.abs(wide('service cart') / wide('service pricing') - 4) < 1e-9);
});

test('a ribbon that passes a column keeps clear of its nodes', () => {
  const { nodes, links } = layoutMap(NODES, LINKS, 1000);
  const passing = links.filter(({ points }) => points.length > 2);
  equal(passing.length, 3, 'gateway to pricing and to Postgres, cart to Postgres');
  for (const { points, thickness } of passing)
    for (const { x, y } of points.slice(1, -1))
      for (const node of nodes)
        if (x >= node.x && x <= node.x + node.width)
          ok(y + thickness / 2 <= node.y || y - thickness / 2 >= node.y + node.height, node.node.name);
});

test('services that ask each other in a circle, and links to nowhere', () => {
  const circle = [link('a', 'service b', 1), link('b', 'service a', 1), link('a', 'dependency gone', 1)];
  const { nodes, links } = layoutMap([node('service', 'a'), node('service', 'b')], circle, 2);
  equal(nodes.length, 2);
  equal(links.length, 2);
  deepEqual(layoutMap([], [], 0).nodes, []);
});
