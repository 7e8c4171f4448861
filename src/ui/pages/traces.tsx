// Stored requests, slowest or newest first. In: the filter in the address. A row opens its trace; x chooses two to compare.

import { useEffect, useMemo } from 'preact/hooks';
import type {
  FindingName,
  FindingsAnswer,
  TracesAnswer,
  TracesRow,
  UnderWayAnswer,
} from '../../answer/api.ts';
import { formatCount, formatDuration } from '../../base/numbers.ts';
import { CATEGORIES } from '../../model/category.ts';
import { quotedValue } from '../../model/request-filter.ts';
import { Legend } from '../parts/legend.tsx';
import { Failure, Skeleton } from '../parts/loading.tsx';
import { usePageTitle } from '../parts/shell.tsx';
import { StackBar } from '../parts/stack-bar.tsx';
import { Duration, KeyCap, Segmented } from '../parts/text.tsx';
import { VirtualRows } from '../parts/virtual-rows.tsx';
import { linkTo, query, setParameters } from '../state/address.ts';
import { useAnswer } from '../state/answers.ts';
import { findingPath, kindName } from '../state/finding-words.ts';
import { useKeys } from '../state/keyboard.ts';
import { clock, currentRange, fullTime } from '../state/range.ts';
import { isSaved } from '../state/saved.ts';
import { openUnlessLink } from './home-endpoints.tsx';
import { CompareTraces } from './traces-compare.tsx';
import { TracesFilter } from './traces-filter.tsx';
import { DurationBars } from './traces-histogram.tsx';
import { LongUnderWay } from './under-way.tsx';

const FILTERS = ['service', 'method', 'route'] as const;
const PAGE_ROWS = 100;
/** What the server sends at most: whoever wants more exports. */
const MOST_ROWS = 1000;
/** Of a compact row. */
const ROW_PX = 30;

/** `limit` of the address. */
function currentLimit(): number {
  const asked = Number(query.value.get('limit'));
  return Number.isInteger(asked) && asked > 0 ? Math.min(MOST_ROWS, asked) : PAGE_ROWS;
}

function nextLimit(shown: number): number {
  return Math.min(MOST_ROWS, shown < 4 * PAGE_ROWS ? shown + PAGE_ROWS : MOST_ROWS);
}

const SORTS = [
  { value: '-duration', name: 'Slowest first' },
  { value: '-at', name: 'Newest first' },
] as const;
type Sort = (typeof SORTS)[number]['value'];

/** What is in the field: the filter of the address; an endpoint that a link named is written out. */
function currentFilter(): string {
  const asked = query.value.get('q');
  if (asked !== null) return asked;
  const [service, method, route] = FILTERS.map((name) => query.value.get(name));
  return [
    service ? `service:${quotedValue(service)}` : '',
    route ? `endpoint:${quotedValue(method ? `${method} ${route}` : route)}` : '',
  ]
    .filter(Boolean)
    .join(' ');
}

function setFilter(text: string): void {
  if (text === currentFilter()) return;
  setParameters({
    q: text === '' ? undefined : text,
    service: undefined,
    method: undefined,
    route: undefined,
  });
}

/** The trace ids of `compare`, at most two. */
function comparedIds(): readonly string[] {
  return query.value.get('compare')?.split(',').filter(Boolean).slice(0, 2) ?? [];
}

function toggleCompared(id: string): void {
  const ids = comparedIds();
  const next = ids.includes(id) ? ids.filter((each) => each !== id) : [...ids.slice(-1), id];
  setParameters({ compare: next.length === 0 ? undefined : next.join(',') });
}

/** The row with the focus, else the first: `x` works without a pointer. */
function focusedTrace(): string | undefined {
  const row = document.activeElement?.closest('[data-trace]');
  return row instanceof HTMLElement ? row.dataset['trace'] : undefined;
}

export function Traces() {
  usePageTitle('Traces');
  const sort: Sort = query.value.get('sort') === '-at' ? '-at' : '-duration';
  const load = useAnswer<TracesAnswer>(apiPath(sort), true);
  const underWay = useAnswer<UnderWayAnswer>('/api/under-way', true);
  const compared = comparedIds();
  useKeys({
    o: () => choose(sort === '-at' ? '-duration' : '-at'),
    x: () => {
      const id = focusedTrace();
      if (id !== undefined) toggleCompared(id);
    },
    Escape: () => (compared.length > 0 ? setParameters({ compare: undefined }) : setFilter('')),
  });
  const { value } = load;
  if (value === undefined && load.failure !== undefined)
    return <Failure what="The list did not come." load={load} />;
  if (value === undefined) return <Skeleton heights={[32, 18, 480]} />;
  return (
    <>
      <Title answer={value} />
      <TracesFilter value={currentFilter()} problems={value.problems} onChange={setFilter} />
      {value.findings === undefined && !isSaved && <PendingFindings onReady={load.retry} />}
      {underWay.value && <LongUnderWay answer={underWay.value} />}
      {compared.length > 0 && (
        <CompareTraces
          key={compared.join()}
          ids={compared}
          onClose={() => setParameters({ compare: undefined })}
        />
      )}
      <div class={load.isStale ? 'is-stale' : ''} aria-busy={load.isStale}>
        {value.traces.length === 0 ? (
          <NoMatch />
        ) : (
          <>
            <DurationBars histogram={value.histogram} onChoose={narrow} />
            <List answer={value} sort={sort} compared={compared} />
          </>
        )}
      </div>
    </>
  );
}

/** To the durations of one bar, in place of any others. */
function narrow(fromUs: number, toUs: number): void {
  const rest = currentFilter()
    .replace(/\bduration:\S+/g, '')
    .trim();
  setFilter(`${rest} duration:${fromUs}us..${toUs}us`.trim());
}

function Title({ answer }: { readonly answer: TracesAnswer }) {
  const { total, traces } = answer;
  const shown =
    traces.length < total
      ? `the first ${formatCount(traces.length)} of ${formatCount(total)}`
      : `all ${formatCount(total)}`;
  const slowest = traces.reduce((most, { durationUs }) => Math.max(most, durationUs), 0);
  return (
    <>
      <h1 class="answer">
        <b>
          {formatCount(total)} request{total === 1 ? '' : 's'}
        </b>{' '}
        {currentFilter() === '' ? 'in this time' : 'match the filter'}
        {total > 0 && (
          <>
            , the slowest shown took <b>{formatDuration(slowest)}</b>
          </>
        )}
        .
      </h1>
      <p class="second">
        Showing {shown}. <KeyCap>j</KeyCap> <KeyCap>k</KeyCap> select, <KeyCap>enter</KeyCap> opens,{' '}
        <KeyCap>x</KeyCap> compares two.
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
      <p class="muted">Nothing in this time is like {currentFilter() || 'that'}.</p>
      <button type="button" class="control" onClick={() => setFilter('')}>
        Clear the filter
      </button>
    </section>
  );
}

interface ListProps {
  readonly answer: TracesAnswer;
  readonly sort: Sort;
  readonly compared: readonly string[];
}

function List({ answer, sort, compared }: ListProps) {
  const findings = useMemo(() => new Map(answer.findings?.map((each) => [each.id, each])), [answer]);
  const hasServices = new Set(answer.traces.map(({ service }) => service)).size > 1;
  const parts = CATEGORIES.map((_, index) =>
    answer.traces.reduce((sum, { categories }) => sum + (categories[index] ?? 0), 0),
  );
  return (
    <section class="card list" aria-labelledby="list-title">
      <header>
        <h2 id="list-title">Traces</h2>
        <Legend parts={parts} ofUs={parts.reduce((sum, us) => sum + us, 0)} />
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
            <th scope="col" class="numeric column-operations">
              Services
            </th>
            <th scope="col" class="numeric">
              Status
            </th>
            <th scope="col" class="column-finding">
              Findings
            </th>
            <th scope="col" class="column-compare">
              Compare
            </th>
          </tr>
        </thead>
        <VirtualRows
          rows={answer.traces}
          rowPx={ROW_PX}
          columns={9}
          render={(row) => (
            <Line
              key={row.traceId}
              row={row}
              hasService={hasServices}
              findings={findings}
              isCompared={compared.includes(row.traceId)}
            />
          )}
        />
      </table>
      {answer.traces.length < answer.total && answer.traces.length < MOST_ROWS && (
        <button
          type="button"
          class="more"
          onClick={() => setParameters({ limit: String(nextLimit(answer.traces.length)) })}
        >
          Show {formatCount(Math.min(answer.total, nextLimit(answer.traces.length)) - answer.traces.length)}{' '}
          more
        </button>
      )}
    </section>
  );
}

interface LineProps {
  readonly row: TracesRow;
  readonly hasService: boolean;
  readonly isCompared: boolean;
  readonly findings: ReadonlyMap<string, FindingName>;
}

function Line({ row, hasService, isCompared, findings }: LineProps) {
  const path = linkTo(`/trace/${row.traceId}`);
  return (
    <tr class="is-link" data-row data-trace={row.traceId} onClick={(event) => openUnlessLink(event, path)}>
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
      <td class={`numeric column-operations ${row.services > 1 ? '' : 'muted'}`}>
        {formatCount(row.services)}
      </td>
      <td class={`numeric ${row.isError ? 'error' : 'muted'}`}>
        {row.isError && '✕ '}
        {row.status || 'no answer'}
      </td>
      <td class="column-finding">
        <Shown names={row.findings.flatMap((id) => findings.get(id) ?? [])} />
      </td>
      <td class="column-compare">
        <button
          type="button"
          class="control small"
          aria-pressed={isCompared}
          aria-label={`Compare the request of ${clock(row.at)}`}
          onClick={() => toggleCompared(row.traceId)}
        >
          {isCompared ? '✓' : '+'}
        </button>
      </td>
    </tr>
  );
}

/** The one that saves most, and how many others there are. */
function Shown({ names }: { readonly names: readonly FindingName[] }) {
  const [first, ...others] = names;
  if (first === undefined) return null;
  return (
    <span class="shown-findings" title={names.map(({ title }) => title).join('\n')}>
      <a class="link ellipsis" href={linkTo(findingPath(first.id))}>
        {kindName(first)}
      </a>
      {others.length > 0 && <span class="muted">+{others.length}</span>}
    </span>
  );
}

/** While findings are being looked for the list is there without them. */
function PendingFindings({ onReady }: { readonly onReady: () => void }) {
  const { value } = useAnswer<FindingsAnswer>(`/api/findings?range=${encodeURIComponent(currentRange())}`);
  useEffect(() => {
    if (value !== undefined) onReady();
  }, [value]);
  return null;
}

function choose(sort: Sort): void {
  setParameters({ sort: sort === '-duration' ? undefined : sort });
}

function apiPath(sort: Sort): string {
  const parameters = new URLSearchParams({ range: currentRange(), sort, limit: String(currentLimit()) });
  const text = query.value.get('q');
  if (text !== null) parameters.set('q', text);
  for (const name of FILTERS) {
    const value = query.value.get(name);
    if (value !== null) parameters.set(name, value);
  }
  return `/api/traces?${parameters}`;
}
