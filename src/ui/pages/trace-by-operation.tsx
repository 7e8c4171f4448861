// Time by operation: each moment counted once, so that the rows add up to the request. Also the table form of the waterfall.

import { batch } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { TimeByOperation } from '../../answer/api.ts';
import { formatCount, formatDuration, formatShare } from '../../base/numbers.ts';
import { CATEGORIES, CATEGORY_COUNT, CategoryIndex } from '../../model/category.ts';
import type { CategoryVector } from '../../model/row.ts';
import { extremesOf, kindKey, type Extremes } from '../canvas/call-extremes.ts';
import { StackBar } from '../parts/stack-bar.tsx';
import { Duration, Swatch } from '../parts/text.tsx';
import { shortStatement } from '../../base/statement.ts';
import type { TraceView } from '../state/trace-view.ts';

export function ByOperation({ view }: { readonly view: TraceView }) {
  return view.isTableShown.value ? <Table view={view} /> : null;
}

function Table({ view }: { readonly view: TraceView }) {
  const { byOperation, durationUs } = view.answer;
  const extremes = useMemo(() => extremesOf(view.answer), [view.answer]);
  const rows = byOperation.toSorted((a, b) => b.us - a.us);
  const maxUs = Math.max(1, rows[0]?.us ?? 0);
  return (
    <section class="by-operation" aria-labelledby="by-operation-title" tabIndex={0}>
      <header>
        <h2 id="by-operation-title">Time by operation</h2>
        <span class="muted">each moment counted once, adds up to {formatDuration(durationUs)}</span>
      </header>
      <table class="table compact">
        <thead>
          <tr>
            <th scope="col">Operation</th>
            <th scope="col" class="numeric">
              Calls
            </th>
            <th scope="col" class="numeric" aria-sort="descending">
              Time ↓
            </th>
            <th scope="col" class="numeric">
              Share
            </th>
            <th scope="col" class="column-bar">
              Wait and wire
            </th>
            <th scope="col" class="numeric column-each">
              Each call
            </th>
            <th scope="col">Call site</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Line
              key={keyOf(row)}
              row={row}
              each={extremes.get(kindKey(row))}
              maxUs={maxUs}
              durationUs={durationUs}
              onFind={() => findCalls(view, row)}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The address holds what is looked for. */
const MOST_LOOKED_FOR = 120;

/** Its rows are marked, and the first of them selected. */
function findCalls(view: TraceView, { statement }: TimeByOperation): void {
  batch(() => {
    view.selected.value = -1;
    view.find.value = statement.slice(0, MOST_LOOKED_FOR);
  });
  view.selectMatch(1);
}

interface LineProps {
  readonly row: TimeByOperation;
  /** undefined: it is no call. */
  readonly each: Extremes | undefined;
  readonly onFind: () => void;
  readonly maxUs: number;
  readonly durationUs: number;
}

function Line({ row, each, maxUs, durationUs, onFind }: LineProps) {
  return (
    <tr>
      <td class="column-statement">
        <span class="with-swatch">
          <Swatch category={row.category} />
          {row.statement === '' ? (
            <span class="ellipsis">{nameOf(row)}</span>
          ) : (
            <button
              type="button"
              class="plain mono ellipsis"
              title={`${row.statement.slice(0, 1000)}\nShow its calls`}
              onClick={onFind}
            >
              {nameOf(row)}
            </button>
          )}
        </span>
      </td>
      <td class={`numeric ${row.calls > 1 ? 'strong' : 'muted'}`}>
        {row.calls > 0 && formatCount(row.calls)}
      </td>
      <td class="numeric strong">
        {row.us === 0 ? <span class="muted">0, in parallel</span> : <Duration us={row.us} />}
      </td>
      <td class="numeric">{formatShare(row.us / (durationUs || 1))}</td>
      <td>
        <StackBar parts={waitAndWire(row)} max={maxUs} />
      </td>
      <td class="numeric column-each">{each !== undefined && row.calls > 0 && <Each {...each} />}</td>
      <td class="mono muted ellipsis column-site" title={row.callSite}>
        {fileOf(row.callSite)}
      </td>
    </tr>
  );
}

/** `1.21 ms – 3.06 ms`, or one duration when there is one. */
function Each({ leastUs, mostUs }: Extremes) {
  return (
    <>
      <Duration us={leastUs} />
      {mostUs > leastUs && (
        <>
          {' '}
          – <Duration us={mostUs} />
        </>
      )}
    </>
  );
}

function nameOf({ statement, category, service, dependency }: TimeByOperation): string {
  if (statement === '') {
    const name = CATEGORIES[CategoryIndex[category]]?.name ?? category;
    return `${service} ${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  }
  return category === 'http' || category === 'ext'
    ? `${statement} → ${dependency}`
    : shortStatement(statement);
}

function waitAndWire({ category, us, poolUs }: TimeByOperation): CategoryVector {
  const parts = Array.from({ length: CATEGORY_COUNT }, () => 0);
  const waitUs = Math.min(us, poolUs);
  parts[CategoryIndex.pool] = waitUs;
  const index = CategoryIndex[category];
  parts[index] = (parts[index] ?? 0) + us - waitUs;
  return parts;
}

/** `carts.js:41`: enough in a table; the details have the whole path. */
export function fileOf(callSite: string): string {
  return (callSite.split('/').at(-1) ?? '').replace(/^([^:]*:\d+):\d+$/, '$1');
}

function keyOf({ statement, category, service, dependency, callSite }: TimeByOperation): string {
  return [statement, category, service, dependency, callSite].join('\n');
}
