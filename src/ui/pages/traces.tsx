// Stored requests, slowest or newest first. In: the filter in the address, set by a row of Home. A row opens its trace.

import type { TraceListRow, TracesAnswer } from '../../answer/api.ts';
import { formatCount, formatDuration } from '../../base/numbers.ts';
import { Failure, Skeleton } from '../parts/loading.tsx';
import { usePageTitle } from '../parts/shell.tsx';
import { StackBar } from '../parts/stack-bar.tsx';
import { Duration, Segmented } from '../parts/text.tsx';
import { linkTo, open, query, setParameters } from '../state/address.ts';
import { useAnswer } from '../state/answers.ts';
import { useKeys } from '../state/keyboard.ts';
import { clock, currentRange, fullTime } from '../state/range.ts';
import { openUnlessLink } from './home-endpoints.tsx';

const FILTERS = ['service', 'method', 'route'] as const;
const PAGE_ROWS = 100;

const SORTS = [
  { value: '-duration', name: 'Slowest first' },
  { value: '-at', name: 'Newest first' },
] as const;
type Sort = (typeof SORTS)[number]['value'];

export function Traces() {
  usePageTitle('Traces');
  const sort: Sort = query.value.get('sort') === '-at' ? '-at' : '-duration';
  const load = useAnswer<TracesAnswer>(apiPath(sort), true);
  useKeys({
    o: () => choose(sort === '-at' ? '-duration' : '-at'),
    Escape: () => hasFilter() && open(linkTo('/traces')),
  });
  const { value } = load;
  if (value === undefined && load.failure !== undefined)
    return <Failure what="The list did not come." load={load} />;
  if (value === undefined) return <Skeleton heights={[32, 18, 480]} />;
  return (
    <div class={load.isStale ? 'is-stale' : ''} aria-busy={load.isStale}>
      <Title answer={value} />
      {value.traces.length === 0 ? <NoMatch /> : <List answer={value} sort={sort} />}
    </div>
  );
}

function Title({ answer }: { readonly answer: TracesAnswer }) {
  const { total, traces } = answer;
  const route = query.value.get('route');
  const shown =
    traces.length < total
      ? `the first ${formatCount(traces.length)} of ${formatCount(total)}`
      : formatCount(total);
  return (
    <>
      <h1 class="answer">
        {route === null ? (
          <b>Requests</b>
        ) : (
          <>
            Requests to{' '}
            <code>
              {query.value.get('method')} {route}
            </code>
          </>
        )}
      </h1>
      <p class="second">
        Showing {shown}
        {hasFilter() && (
          <>
            {' '}
            from {query.value.get('service')}.{' '}
            <a class="link" href={linkTo('/traces')}>
              All endpoints ›
            </a>
          </>
        )}
      </p>
    </>
  );
}

function NoMatch() {
  return (
    <section class="card panel list">
      <h2 class="title">
        <b>No stored request matches.</b>
      </h2>
      <a class="control" href={linkTo('/traces')}>
        Clear the filter
      </a>
    </section>
  );
}

interface ListProps {
  readonly answer: TracesAnswer;
  readonly sort: Sort;
}

function List({ answer, sort }: ListProps) {
  const hasServices = new Set(answer.traces.map(({ service }) => service)).size > 1;
  return (
    <section class="card list" aria-labelledby="list-title">
      <header>
        <h2 id="list-title">Traces</h2>
        <span class="space" />
        <Segmented label="Order" choices={SORTS} value={sort} onChoose={choose} />
      </header>
      <table class="table compact">
        <thead>
          <tr>
            <th scope="col" aria-sort={sort === '-at' ? 'descending' : undefined}>
              Time
            </th>
            <th scope="col">Endpoint</th>
            <th scope="col" class="numeric" aria-sort={sort === '-duration' ? 'descending' : undefined}>
              Duration
            </th>
            <th scope="col" class="column-where">
              Where it went
            </th>
            <th scope="col" class="numeric column-operations">
              Operations
            </th>
            <th scope="col" class="numeric">
              Status
            </th>
          </tr>
        </thead>
        <tbody>
          {answer.traces.map((row) => (
            <Line key={row.traceId} row={row} hasService={hasServices} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Line({ row, hasService }: { readonly row: TraceListRow; readonly hasService: boolean }) {
  const path = linkTo(`/trace/${row.traceId}`);
  return (
    <tr class="is-link" data-row onClick={(event) => openUnlessLink(event, path)}>
      <td class="muted nowrap" title={fullTime(row.at)}>
        {clock(row.at)}
      </td>
      <td>
        <span class="endpoint-name">
          <span class="method">{row.method}</span>
          <a
            class="mono ellipsis"
            href={path}
            title={`Trace ${row.traceId}, ${formatDuration(row.durationUs)}`}
          >
            {row.route}
          </a>
          {hasService && <span class="chip">{row.service}</span>}
        </span>
      </td>
      <td class="numeric strong">
        <Duration us={row.durationUs} />
      </td>
      <td>
        <StackBar parts={row.categories} />
      </td>
      <td class="numeric column-operations">{formatCount(row.operations)}</td>
      <td class={`numeric ${row.isError ? 'error' : 'muted'}`}>
        {row.isError && '✕ '}
        {row.status || 'no answer'}
      </td>
    </tr>
  );
}

function hasFilter(): boolean {
  return FILTERS.some((name) => query.value.has(name));
}

function choose(sort: Sort): void {
  setParameters({ sort: sort === '-duration' ? undefined : sort });
}

function apiPath(sort: Sort): string {
  const parameters = new URLSearchParams({ range: currentRange(), sort, limit: String(PAGE_ROWS) });
  for (const name of FILTERS) {
    const value = query.value.get(name);
    if (value !== null) parameters.set(name, value);
  }
  return `/api/traces?${parameters}`;
}
