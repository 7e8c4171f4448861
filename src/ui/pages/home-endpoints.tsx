// Endpoints by total time: a table, on a phone cards. In: rows of the home answer. A row opens its page.

import { useState } from 'preact/hooks';
import type { EndpointRow, HomeAnswer } from '../../answer/api.ts';
import { formatCount, formatRate, formatShare } from '../../base/numbers.ts';
import { Sparkline } from '../parts/sparkline.tsx';
import { StackBar } from '../parts/stack-bar.tsx';
import {
  currentSort,
  nextSort,
  setSort,
  sorted,
  SortableHead,
  useCalmOrder,
  type Column,
} from '../parts/sortable.tsx';
import { Duration, Segmented } from '../parts/text.tsx';
import { VirtualRows } from '../parts/virtual-rows.tsx';
import { endpointPath, linkTo, open, query, setParameters } from '../state/address.ts';
import { useKeys } from '../state/keyboard.ts';

const SCOPES = [
  { value: 'entry', name: 'Entry requests' },
  { value: 'all', name: 'All services' },
] as const;

const TOO_FEW = {
  p50: 'Too few requests: p50 needs 10',
  p95: 'Too few requests: p95 needs 100',
  p99: 'Too few requests: p99 needs 500',
} as const;

/** More are rarely read, and a thousand rows would take longer to show than the answer takes to come. */
const FIRST_ROWS = 100;

/** `--row` of the style sheet. */
const ROW_PX = 36;

const DEFAULT_SORT = '-share';

export function Endpoints({ home }: { readonly home: HomeAnswer }) {
  const scope = query.value.get('scope') === 'all' ? 'all' : 'entry';
  const columns = columnsOf(home);
  const sort = currentSort(columns, DEFAULT_SORT);
  const inScope = home.endpoints.filter(({ isEntry }) => isEntry || scope === 'all');
  const order = useCalmOrder(
    sorted(inScope, columns, sort),
    idOf,
    `${scope} ${sort.key} ${sort.isDescending}`,
  );
  useKeys({ o: () => setSort(nextSort(columns, sort)) });
  const [limit, setLimit] = useState(FIRST_ROWS);
  const shown = order.rows.slice(0, limit);
  const hasService = hasSeveral(order.rows.map(({ service }) => service));
  const maxUs = Math.max(1, ...order.rows.map(({ totalUs }) => totalUs));
  return (
    <section class="card endpoints" aria-labelledby="endpoints-title">
      <header>
        <h2 id="endpoints-title">Endpoints</h2>
        <span class="muted">
          {scope === 'all'
            ? 'a call between services also counts in its caller, so shares overlap'
            : 'by total time'}
        </span>
        <span class="space" />
        <Segmented
          label="Which requests"
          choices={SCOPES}
          value={scope}
          onChoose={(value) => setParameters({ scope: value === 'all' ? value : undefined })}
        />
      </header>
      <table class="table" {...order.hold}>
        <SortableHead columns={columns} sort={sort} />
        <VirtualRows
          rows={shown}
          rowPx={ROW_PX}
          columns={columns.length}
          render={(row) => (
            <EndpointLine key={idOf(row)} row={row} home={home} maxUs={maxUs} hasService={hasService} />
          )}
        />
      </table>
      <ul class="endpoint-cards">
        {shown.map((row) => (
          <EndpointCard key={idOf(row)} row={row} home={home} />
        ))}
      </ul>
      {order.rows.length > limit && (
        <button type="button" class="more" onClick={() => setLimit(Infinity)}>
          Show {formatCount(order.rows.length - limit)} more
        </button>
      )}
    </section>
  );
}

function columnsOf(home: HomeAnswer): readonly Column<EndpointRow>[] {
  return [
    { key: 'route', name: 'Endpoint', by: ({ route }) => route },
    { key: 'rate', name: 'Req/min', className: 'numeric column-rate', by: ({ requests }) => requests },
    {
      key: 'p50',
      name: 'p50',
      className: 'numeric',
      explanation: 'Half of the requests are faster than this',
      by: ({ duration }) => duration.p50Us ?? -1,
    },
    {
      key: 'p95',
      name: 'p95',
      className: 'numeric',
      explanation: '95 of 100 requests are faster than this',
      by: ({ duration }) => duration.p95Us ?? -1,
    },
    {
      key: 'p99',
      name: 'p99',
      className: 'numeric',
      explanation: '99 of 100 requests are faster than this',
      by: ({ duration }) => duration.p99Us ?? -1,
    },
    { key: 'share', name: 'Share of total', className: 'column-share', by: ({ totalUs }) => totalUs },
    { key: 'where', name: 'Where it goes', className: 'column-where' },
    { key: 'errors', name: 'Errors', className: 'numeric', by: ({ errors, requests }) => errors / requests },
    { key: 'spark', name: `p95, ${windowWords(home.window.seconds)}`, className: 'column-spark' },
  ];
}

interface LineProps {
  readonly row: EndpointRow;
  readonly home: HomeAnswer;
  /** Of the longest share bar. */
  readonly maxUs: number;
  readonly hasService: boolean;
}

function EndpointLine({ row, home, maxUs, hasService }: LineProps) {
  const { duration } = row;
  const path = pageOf(row);
  return (
    <tr class="is-link" data-row onClick={(event) => openUnlessLink(event, path)}>
      <td>
        <EndpointName row={row} path={path} hasService={hasService} />
      </td>
      <td class="numeric column-rate">{perMinute(row.requests, home)}</td>
      <td class="numeric">
        <Duration us={duration.p50Us} missing={TOO_FEW.p50} />
      </td>
      <td class="numeric strong">
        <Duration us={duration.p95Us} missing={TOO_FEW.p95} />
      </td>
      <td class="numeric">
        <Duration us={duration.p99Us} missing={TOO_FEW.p99} />
      </td>
      <td>
        <span class="bar-cell">
          <span class="track">
            <i style={{ width: `${(row.totalUs / maxUs) * 100}%` }} />
          </span>
          <span class="value">{formatShare(row.totalUs / (home.totalUs || 1))}</span>
        </span>
      </td>
      <td>
        <StackBar parts={row.categories} />
      </td>
      <td class={`numeric ${row.errors > 0 ? 'error' : 'muted'}`}>
        {row.errors > 0 ? `✕ ${formatShare(row.errors / row.requests)}` : '0'}
      </td>
      <td class="column-spark">
        <Sparkline values={row.spark} />
      </td>
    </tr>
  );
}

interface NameProps {
  readonly row: EndpointRow;
  readonly path: string;
  readonly hasService: boolean;
}

function EndpointName({ row, path, hasService }: NameProps) {
  return (
    <span class="endpoint-name">
      <span class="method">{row.method}</span>
      <a class="mono ellipsis" href={path}>
        {row.route}
      </a>
      {hasService && <span class="chip">{row.service}</span>}
    </span>
  );
}

function EndpointCard({ row, home }: { readonly row: EndpointRow; readonly home: HomeAnswer }) {
  const { duration } = row;
  return (
    <li>
      <a href={pageOf(row)} data-row>
        <span class="head">
          <span class="endpoint-name">
            <span class="method">{row.method}</span>
            <span class="mono ellipsis">{row.route}</span>
          </span>
          <b>{formatShare(row.totalUs / (home.totalUs || 1))}</b>
        </span>
        <StackBar parts={row.categories} />
        <span class="facts">
          <span>
            p50 <Duration us={duration.p50Us} missing={TOO_FEW.p50} /> · p95{' '}
            <b>
              <Duration us={duration.p95Us} missing={TOO_FEW.p95} />
            </b>
          </span>
          <span>{perMinute(row.requests, home)}/min</span>
        </span>
      </a>
    </li>
  );
}

function pageOf(row: EndpointRow): string {
  return linkTo(endpointPath(row));
}

/** The whole row is a target for the pointer; the link in it is there for everyone else. */
export function openUnlessLink(event: MouseEvent, path: string): void {
  if (event.target instanceof Element && event.target.closest('a, button') === null) open(path);
}

/** A window shorter than a minute would turn few requests into a large rate; below a second there is none. */
export function perMinute(count: number, { window }: Pick<HomeAnswer, 'window'>): string {
  const { seconds } = window;
  if (seconds < 1) return formatCount(count);
  const rate = count / (seconds / 60);
  return rate >= 10 ? formatCount(rate) : formatRate(rate);
}

function idOf({ service, method, route }: EndpointRow): string {
  return `${service} ${method} ${route}`;
}

/** `15 min`: whole, unlike a measured duration. */
function windowWords(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}

function hasSeveral(values: readonly string[]): boolean {
  return new Set(values).size > 1;
}
