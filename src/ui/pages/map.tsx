// Which link carries the time: services and dependencies, with ribbons as wide as callers wait; below, the links as a table.
// In: the answer of /api/map. Where everything is: canvas/map-layout.ts.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { MapAnswer, MapLink, MapNode } from '../../answer/api.ts';
import { formatCount, formatDuration, formatShare } from '../../base/numbers.ts';
import { CATEGORIES, CATEGORY_COUNT, CategoryIndex } from '../../model/category.ts';
import { keepDrawing } from '../canvas/drawings.ts';
import {
  layoutMap,
  ribbonPath,
  type MapLayout,
  type PlacedLink,
  type PlacedNode,
} from '../canvas/map-layout.ts';
import { Failure, Skeleton } from '../parts/loading.tsx';
import { SaveButton } from '../parts/save-button.tsx';
import { usePageTitle } from '../parts/shell.tsx';
import { StackBar } from '../parts/stack-bar.tsx';
import { Duration, Sentence, Swatch } from '../parts/text.tsx';
import { UntracedNotice } from '../parts/untraced.tsx';
import { linkTo } from '../state/address.ts';
import { useAnswer } from '../state/answers.ts';
import { currentRange } from '../state/range.ts';
import { perMinute } from './home-endpoints.tsx';
import { Links, nameOf } from './map-links.tsx';

/** Smaller links are in the table only. */
const SMALLEST_SHARE = 0.001;
/** Beyond it nobody can follow a ribbon. */
const MOST_NODES = 40;

export function Map() {
  usePageTitle('Map');
  const load = useAnswer<MapAnswer>(`/api/map?range=${encodeURIComponent(currentRange())}`, true);
  const { value } = load;
  if (value === undefined && load.failure !== undefined)
    return <Failure what="The map did not come." load={load} />;
  if (value === undefined) return <Skeleton heights={[32, 18, 480, 200]} />;
  return (
    <div class={load.isStale ? 'is-stale' : ''} aria-busy={load.isStale}>
      <UntracedNotice names={untracedIn(value)} />
      <h1 class="answer">
        <Sentence words={value.sentence} />
      </h1>
      <p class="second">
        Width is time: how long callers waited on each link, as a share of all request time. A link includes
        what happens behind it.
      </p>
      {value.nodes.length > 0 && (
        <div class="map-page">
          <Flow answer={value} />
          <Links answer={value} />
        </div>
      )}
    </div>
  );
}

/** Services that were seen from inside are nodes of another kind. */
function untracedIn({ nodes }: MapAnswer): string[] {
  return nodes
    .filter(({ kind, category }) => kind === 'dependency' && category === 'http')
    .map(({ name }) => name);
}

function Flow({ answer }: { readonly answer: MapAnswer }) {
  const shown = shownOf(answer);
  const layout = useMemo(() => layoutMap(shown.nodes, shown.links, answer.totalUs), [answer]);
  const [lit, setLit] = useState<string | undefined>(undefined);
  const stage = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = stage;
    if (current === null) return;
    const document = () => import('./map-image.ts').then(({ mapDocument }) => mapDocument(current));
    keepDrawing(current, () => ({ kind: 'svg', document }));
  }, []);
  const small = answer.links.length - shown.links.length;
  return (
    <section class="card map" aria-label="Services and dependencies">
      <div class="map-scroll">
        <div
          ref={stage}
          class="map-stage"
          style={{ width: `${layout.width}px`, height: `${layout.height}px` }}
        >
          <Ribbons layout={layout} answer={answer} lit={lit} />
          {layout.links.map((placed) => (
            <LinkLabel
              key={`${placed.link.from} ${placed.link.to}`}
              placed={placed}
              answer={answer}
              lit={lit}
            />
          ))}
          {layout.nodes.map((placed) => (
            <Card key={placed.node.id} placed={placed} answer={answer} onLight={setLit} />
          ))}
          <Clients layout={layout} answer={answer} />
        </div>
      </div>
      <p class="legend">
        {CATEGORIES.filter(({ key }) => isUsed(answer, key)).map(({ key, name }) => (
          <span key={key}>
            <Swatch category={key} />
            {name}
          </span>
        ))}
        {small > 0 && (
          <span>
            {formatCount(small)} small link{small === 1 ? '' : 's'} only in the table
          </span>
        )}
        <span class="space" />
        <SaveButton />
      </p>
    </section>
  );
}

/** What is worth a ribbon; services stay, and dependencies that something shown leads to. */
function shownOf({ nodes, links, totalUs }: MapAnswer): Pick<MapAnswer, 'nodes' | 'links'> {
  const large = links
    .filter((link) => link.totalUs >= totalUs * SMALLEST_SHARE)
    .toSorted((a, b) => b.totalUs - a.totalUs)
    .slice(0, 2 * MOST_NODES);
  const linked = new Set(large.flatMap(({ from, to }) => [from, to]));
  const shown = nodes.filter(({ id, kind }) => kind === 'service' || linked.has(id)).slice(0, MOST_NODES);
  const ids = new Set(shown.map(({ id }) => id));
  return { nodes: shown, links: large.filter(({ from, to }) => ids.has(from) && ids.has(to)) };
}

function isUsed({ links, nodes }: MapAnswer, key: string): boolean {
  if (key === 'own') return nodes.some(({ ownUs }) => ownUs > 0);
  if (key === 'loop') return nodes.some(({ loopUs }) => loopUs > 0);
  if (key === 'pool') return links.some(({ poolUs }) => poolUs > 0);
  if (key === 'conn') return links.some(({ setupUs }) => setupUs > 0);
  return links.some(({ category }) => category === key);
}

interface RibbonsProps {
  readonly layout: MapLayout;
  readonly answer: MapAnswer;
  readonly lit: string | undefined;
}

/** Decoration: the labels on them and the table say the same. */
function Ribbons({ layout, answer, lit }: RibbonsProps) {
  return (
    <svg width={layout.width} height={layout.height} aria-hidden="true">
      <defs>
        <pattern
          id="map-pool"
          width="6"
          height="6"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect width="6" height="6" class="ground" />
          <rect width="3" height="6" fill="var(--c-pool)" />
        </pattern>
        <pattern id="map-conn" width="4" height="4" patternUnits="userSpaceOnUse">
          <rect width="4" height="4" class="ground" />
          <rect width="2" height="4" fill="var(--c-conn)" />
        </pattern>
      </defs>
      {layout.links.map((placed) => (
        <g
          key={`${placed.link.from} ${placed.link.to}`}
          class={isDimmed(placed.link, lit) ? 'ribbon is-dimmed' : 'ribbon'}
        >
          <title>{spoken(placed.link, answer)}</title>
          {partsOf(placed).map(({ paint, shift, width }) => (
            <path key={paint} d={ribbonPath(placed, shift)} fill="none" stroke={paint} stroke-width={width} />
          ))}
        </g>
      ))}
    </svg>
  );
}

function isDimmed({ from, to }: MapLink, lit: string | undefined): boolean {
  return lit !== undefined && from !== lit && to !== lit;
}

/** Work, then set-up, then pool wait, from the upper edge; a part thinner than half a pixel is left to the work. */
function partsOf({ link, thickness }: PlacedLink) {
  const share = (us: number) => (us / (link.totalUs || 1)) * thickness;
  const [setup, pool] = [share(link.setupUs), share(link.poolUs)].map((width) => (width < 0.5 ? 0 : width));
  const widths = [thickness - (setup ?? 0) - (pool ?? 0), setup ?? 0, pool ?? 0];
  let top = -thickness / 2;
  return [`var(--c-${link.category})`, 'url(#map-conn)', 'url(#map-pool)'].flatMap((paint, index) => {
    const width = widths[index] ?? 0;
    const shift = top + width / 2;
    top += width;
    return width > 0 ? [{ paint, shift, width }] : [];
  });
}

function spoken(link: MapLink, answer: MapAnswer): string {
  return `${nameOf(link.from)} to ${nameOf(link.to)}: ${formatShare(link.totalUs / (answer.totalUs || 1))}, ${formatDuration(link.totalUs)}`;
}

interface LabelProps extends Omit<RibbonsProps, 'layout'> {
  readonly placed: PlacedLink;
}

function LinkLabel({ placed, answer, lit }: LabelProps) {
  const { link, label } = placed;
  const share = link.totalUs / (answer.totalUs || 1);
  return (
    <div
      class={isDimmed(link, lit) ? 'link-label is-dimmed' : 'link-label'}
      style={{ left: `${label.x}px`, top: `${label.y}px` }}
    >
      <b>{formatShare(share)}</b>
      <span>
        {perMinute(link.calls, answer)}/min{link.p95Us !== undefined && `, p95 ${formatDuration(link.p95Us)}`}
      </span>
    </div>
  );
}

interface CardProps {
  readonly placed: PlacedNode;
  readonly answer: MapAnswer;
  readonly onLight: (id: string | undefined) => void;
}

function Card({ placed, answer, onLight }: CardProps) {
  const { node, x, y, width, height } = placed;
  const isService = node.kind === 'service';
  const path = isService ? linkTo('/traces', { q: `service:${node.name}` }) : linkTo('/connections');
  return (
    <a
      class={`node is-${node.kind}`}
      data-row
      href={path}
      style={{
        left: `${x}px`,
        top: `${y}px`,
        width: `${width}px`,
        height: `${height}px`,
        '--edge': `var(--c-${node.category})`,
      }}
      onPointerEnter={() => onLight(node.id)}
      onPointerLeave={() => onLight(undefined)}
      onFocus={() => onLight(node.id)}
      onBlur={() => onLight(undefined)}
    >
      <b class="ellipsis" title={node.name}>
        {node.name}
      </b>
      <span class="muted ellipsis">
        {isService ? node.about : CATEGORIES[CategoryIndex[node.category]].name}
      </span>
      <span>
        {perMinute(node.count, answer)}/min
        {node.p95Us !== undefined && (
          <>
            , p95{' '}
            <strong>
              <Duration us={node.p95Us} />
            </strong>
          </>
        )}
      </span>
      {isService && <Own node={node} answer={answer} />}
      {!isService && node.newConnections > 0 && (
        <span class="muted">
          {formatCount(node.newConnections)} new connection{node.newConnections === 1 ? '' : 's'}
        </span>
      )}
    </a>
  );
}

function Own({ node, answer }: { readonly node: MapNode; readonly answer: MapAnswer }) {
  const parts = Array.from({ length: CATEGORY_COUNT }, () => 0);
  parts[CategoryIndex.own] = node.ownUs;
  parts[CategoryIndex.loop] = node.loopUs;
  return (
    <>
      <StackBar parts={parts} />
      <span class="muted ellipsis">
        {formatShare((node.ownUs + node.loopUs) / (answer.totalUs || 1))} in it
      </span>
    </>
  );
}

function Clients({ layout, answer }: Omit<RibbonsProps, 'lit'>) {
  const entries = layout.nodes.filter(({ node }) => node.isEntry);
  const [first] = entries;
  if (first === undefined) return null;
  return (
    <div class="clients" style={{ top: `${first.y + first.height / 2}px` }}>
      <b>Clients</b>
      <span>{perMinute(answer.requests, answer)}/min</span>
    </div>
  );
}
