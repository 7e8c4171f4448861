// Where the nodes and links of the service map are. In: nodes and links. Out: places in pixels. Pure and deterministic: a layer is the
// longest way from the entry, within a layer the order follows the neighbours' (barycentre), ties by name. The same system always
// looks the same.

import type { MapLink, MapNode } from '../../answer/api.ts';

export interface PlacedNode {
  readonly node: MapNode;
  readonly layer: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PlacedLink {
  readonly link: MapLink;
  /** Middle of the ribbon: where it leaves, the columns it passes (two points each), where it arrives. */
  readonly points: readonly Point[];
  readonly thickness: number;
  /** Where its label is: in the first column it passes, else between the two nodes. */
  readonly label: Point;
  /** Within one layer or back: it is drawn as an arc at the side. */
  readonly isSideways: boolean;
}

export interface MapLayout {
  readonly nodes: readonly PlacedNode[];
  readonly links: readonly PlacedLink[];
  readonly width: number;
  readonly height: number;
}

const NODE_WIDTH = 180;
const NODE_HEIGHT = 112;
const NODE_GAP = 30;
/** Between columns: as much as the page has, but enough for a label. */
const WIDE = 1330;
const LARGEST_GAP = 250;
const SMALLEST_GAP = 150;
/** Ribbons of a node, and the room between them. */
const RIBBON_GAP = 10;
const RIBBON_TOP = 14;
/** Of a link that carries all time. */
const WIDEST = 220;
const NARROWEST = 1.5;
/** A ribbon that passes a column has room for its label there. */
const LABEL_HEIGHT = 38;
/** Room for the clients at the left. */
const LEFT = 120;

/** What a column holds: a node, or a link that passes on its way to a later column. */
interface Item {
  readonly id: string;
  readonly name: string;
  readonly node: MapNode | undefined;
  readonly height: number;
}

/** Items that a link connects one after the other, its ends included. */
interface Chain {
  readonly link: MapLink;
  readonly ids: readonly string[];
}

/** `totalUs` is the time that is 100 %. */
export function layoutMap(nodes: readonly MapNode[], links: readonly MapLink[], totalUs: number): MapLayout {
  const known = new Set(nodes.map(({ id }) => id));
  const whole = links
    .filter(({ from, to }) => known.has(from) && known.has(to))
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const layers = layersOf(nodes, whole);
  const thickness = (link: MapLink) => Math.max(NARROWEST, (link.totalUs / (totalUs || 1)) * WIDEST);
  const chains = whole.map((link) => chainOf(link, layers));
  const columns = orderedColumns(itemsOf(nodes, chains, layers, thickness), chains);
  const gap = Math.max(
    SMALLEST_GAP,
    Math.min(LARGEST_GAP, (WIDE - LEFT - columns.length * NODE_WIDTH) / Math.max(1, columns.length - 1)),
  );
  const tallest = Math.max(0, ...columns.map(heightOf));
  const places = new Map<string, Place>();
  columns.forEach((column, layer) => {
    let y = (tallest - heightOf(column)) / 2;
    for (const item of column) {
      places.set(item.id, { item, layer, x: LEFT + layer * (NODE_WIDTH + gap), y });
      y += item.height + NODE_GAP;
    }
  });
  return {
    nodes: [...places.values()].flatMap(({ item, layer, x, y }) =>
      item.node === undefined
        ? []
        : [{ node: item.node, layer, x, y, width: NODE_WIDTH, height: item.height }],
    ),
    links: chains.map((chain) => placedLink(chain, chains, places, thickness)),
    width: LEFT + columns.length * (NODE_WIDTH + gap) - gap,
    height: tallest,
  };
}

interface Place extends Point {
  readonly item: Item;
  readonly layer: number;
}

function keyOf({ from, to, category }: MapLink): string {
  return `${from}\0${to}\0${category}`;
}

function heightOf(column: readonly Item[]): number {
  return column.reduce((sum, { height }) => sum + height + NODE_GAP, -NODE_GAP);
}

function chainOf(link: MapLink, layers: ReadonlyMap<string, number>): Chain {
  const [first, last] = [layers.get(link.from) ?? 0, layers.get(link.to) ?? 0];
  const passed = Array.from({ length: Math.max(0, last - first - 1) }, (_, index) =>
    passId(link, first + 1 + index),
  );
  return { link, ids: [link.from, ...passed, link.to] };
}

function passId(link: MapLink, layer: number): string {
  return `pass ${layer} ${keyOf(link)}`;
}

/** By layer; each by name. */
function itemsOf(
  nodes: readonly MapNode[],
  chains: readonly Chain[],
  layers: ReadonlyMap<string, number>,
  thickness: (link: MapLink) => number,
): Item[][] {
  const count = nodes.length === 0 ? 0 : Math.max(0, ...layers.values()) + 1;
  const columns = Array.from({ length: count }, (): Item[] => []);
  for (const node of nodes) {
    const side = (key: 'from' | 'to') =>
      chains
        .filter(({ link }) => link[key] === node.id)
        .reduce((sum, { link }) => sum + thickness(link) + RIBBON_GAP, RIBBON_TOP * 2 - RIBBON_GAP);
    const height = Math.max(NODE_HEIGHT, side('from'), side('to'));
    columns[layers.get(node.id) ?? 0]?.push({ id: node.id, name: node.name, node, height });
  }
  for (const { link, ids } of chains)
    ids.slice(1, -1).forEach((id, index) => {
      const height = Math.max(LABEL_HEIGHT, thickness(link));
      columns[(layers.get(link.from) ?? 0) + 1 + index]?.push({ id, name: link.to, node: undefined, height });
    });
  return columns.map((column) => column.toSorted(byName));
}

function byName(a: Item, b: Item): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1;
}

/** The longest way from the entries, in links between services; dependencies are in the last layer. */
function layersOf(nodes: readonly MapNode[], links: readonly MapLink[]): ReadonlyMap<string, number> {
  const services = new Set(nodes.filter(({ kind }) => kind === 'service').map(({ id }) => id));
  const layers = new Map<string, number>([...services].map((id) => [id, 0]));
  const isEntry = new Set(nodes.filter((node) => node.isEntry).map(({ id }) => id));
  const between = links.filter(
    ({ from, to }) => services.has(from) && services.has(to) && from !== to && !isEntry.has(to),
  );
  // A circle would go on for ever: no way is longer than there are services.
  for (let round = 0; round < services.size; round++)
    for (const { from, to } of between) {
      const next = Math.min(services.size - 1, (layers.get(from) ?? 0) + 1);
      if (next > (layers.get(to) ?? 0)) layers.set(to, next);
    }
  const deepest = Math.max(0, ...layers.values());
  for (const { id, kind } of nodes) if (kind === 'dependency') layers.set(id, deepest + 1);
  return compacted(layers);
}

/** Without empty layers between. */
function compacted(layers: ReadonlyMap<string, number>): Map<string, number> {
  const used = [...new Set(layers.values())].toSorted((a, b) => a - b);
  return new Map([...layers].map(([id, layer]) => [id, used.indexOf(layer)]));
}

/** Sweeps enough for any map that can be read. */
const SWEEPS = 6;

function orderedColumns(columns: readonly (readonly Item[])[], chains: readonly Chain[]): Item[][] {
  const neighbours = neighboursOf(chains);
  let ordered = columns.map((column) => [...column]);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const places = new Map(
      ordered.flatMap((column) =>
        column.map(({ id }, index): [string, number] => [id, (index + 0.5) / column.length]),
      ),
    );
    ordered = ordered.map((column) =>
      column
        .map((item) => ({
          item,
          at: barycentre(neighbours.get(item.id) ?? [], places) ?? places.get(item.id) ?? 0,
        }))
        .toSorted((a, b) => a.at - b.at || byName(a.item, b.item))
        .map(({ item }) => item),
    );
  }
  return ordered;
}

interface Neighbour {
  readonly id: string;
  readonly weight: number;
}

function neighboursOf(chains: readonly Chain[]): ReadonlyMap<string, readonly Neighbour[]> {
  const found = new Map<string, Neighbour[]>();
  const add = (id: string, other: string, weight: number) =>
    void found.set(id, [...(found.get(id) ?? []), { id: other, weight }]);
  for (const { link, ids } of chains)
    ids.slice(1).forEach((id, index) => {
      const before = ids[index] ?? '';
      add(id, before, link.totalUs + 1);
      add(before, id, link.totalUs + 1);
    });
  return found;
}

/** Of the neighbours, weighted by the time on the link. */
function barycentre(
  neighbours: readonly Neighbour[],
  places: ReadonlyMap<string, number>,
): number | undefined {
  const known = neighbours.flatMap(({ id, weight }) => {
    const place = places.get(id);
    return place === undefined ? [] : [{ place, weight }];
  });
  const weights = known.reduce((sum, { weight }) => sum + weight, 0);
  return weights === 0
    ? undefined
    : known.reduce((sum, { place, weight }) => sum + place * weight, 0) / weights;
}

function placedLink(
  chain: Chain,
  chains: readonly Chain[],
  places: ReadonlyMap<string, Place>,
  thickness: (link: MapLink) => number,
): PlacedLink {
  const { link, ids } = chain;
  const at = (id: string) => places.get(id) ?? { x: 0, y: 0, layer: 0, item: NOTHING };
  const [from, to] = [at(link.from), at(link.to)];
  const isSideways = to.layer <= from.layer;
  const start = { x: from.x + NODE_WIDTH, y: portY('from', chain, chains, places, thickness) };
  const end = { x: isSideways ? to.x + NODE_WIDTH : to.x, y: portY('to', chain, chains, places, thickness) };
  const passed = ids.slice(1, -1).flatMap((id): Point[] => {
    const { x, y, item } = at(id);
    return [
      { x, y: y + item.height / 2 },
      { x: x + NODE_WIDTH, y: y + item.height / 2 },
    ];
  });
  const [first] = passed;
  const middle = isSideways
    ? { x: Math.max(start.x, end.x) + 46, y: (start.y + end.y) / 2 }
    : { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 };
  return {
    link,
    points: [start, ...passed, end],
    thickness: thickness(link),
    label: first === undefined ? middle : { x: first.x + NODE_WIDTH / 2, y: first.y },
    isSideways,
  };
}

const NOTHING: Item = { id: '', name: '', node: undefined, height: 0 };

/** Ribbons leave a node in the order of where they go next, so that they cross as little as they can. */
function portY(
  side: 'from' | 'to',
  chain: Chain,
  chains: readonly Chain[],
  places: ReadonlyMap<string, Place>,
  thickness: (link: MapLink) => number,
): number {
  const next = ({ ids }: Chain) => places.get((side === 'from' ? ids[1] : ids.at(-2)) ?? '')?.y ?? 0;
  const own = chains
    .filter(({ link }) => link[side] === chain.link[side])
    .toSorted((a, b) => next(a) - next(b) || (keyOf(a.link) < keyOf(b.link) ? -1 : 1));
  let y = (places.get(chain.link[side])?.y ?? 0) + RIBBON_TOP;
  for (const each of own) {
    if (each === chain) break;
    y += thickness(each.link) + RIBBON_GAP;
  }
  return y + thickness(chain.link) / 2;
}

/** The middle of a ribbon as a curve; `shift` moves it up or down all along. */
export function ribbonPath({ points, isSideways }: PlacedLink, shift = 0): string {
  const [start, ...others] = points;
  if (start === undefined) return '';
  let before = start;
  const curves = others.map(({ x, y }) => {
    const reach = isSideways ? Math.max(before.x, x) + 60 : (before.x + x) / 2;
    const curve = `C${reach} ${before.y + shift} ${reach} ${y + shift} ${x} ${y + shift}`;
    before = { x, y };
    return curve;
  });
  return `M${start.x} ${start.y + shift}${curves.join('')}`;
}
