// Tables that can be sorted. In: columns with a number or text to sort by, and `sort` of the address (`-p95`, `route`).
// With live data the order changes at most every 10 s, and never while the pointer or the focus is in the table.

import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { query, setParameters } from '../state/address.ts';

export interface Column<T> {
  readonly key: string;
  readonly name: ComponentChildren;
  readonly className?: string;
  readonly explanation?: string;
  /** What to sort by; a column without cannot be sorted. */
  readonly by?: (row: T) => number | string;
}

export interface Sort {
  readonly key: string;
  readonly isDescending: boolean;
}

export function currentSort<T>(columns: readonly Column<T>[], fallback: string): Sort {
  const asked = query.value.get('sort') ?? fallback;
  const text = columns.some(({ key, by }) => by && key === asked.replace(/^-/, '')) ? asked : fallback;
  return { key: text.replace(/^-/, ''), isDescending: text.startsWith('-') };
}

export function setSort({ key, isDescending }: Sort): void {
  setParameters({ sort: `${isDescending ? '-' : ''}${key}` });
}

/** The next column to the right that can be sorted; for `o`. */
export function nextSort<T>(columns: readonly Column<T>[], sort: Sort): Sort {
  const sortable = columns.filter(({ by }) => by !== undefined);
  const at = sortable.findIndex(({ key }) => key === sort.key);
  const key = sortable[(at + 1) % sortable.length]?.key ?? sort.key;
  return { key, isDescending: true };
}

export function sorted<T>(rows: readonly T[], columns: readonly Column<T>[], sort: Sort): readonly T[] {
  const by = columns.find(({ key }) => key === sort.key)?.by;
  if (by === undefined) return rows;
  const direction = sort.isDescending ? -1 : 1;
  return rows.toSorted((a, b) => direction * compare(by(a), by(b)));
}

function compare(a: number | string, b: number | string): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
}

interface HeadProps<T> {
  readonly columns: readonly Column<T>[];
  readonly sort: Sort;
}

export function SortableHead<T>({ columns, sort }: HeadProps<T>) {
  return (
    <thead>
      <tr>
        {columns.map((column) => (
          <HeadCell key={column.key} column={column} sort={sort} />
        ))}
      </tr>
    </thead>
  );
}

function HeadCell<T>({ column, sort }: { readonly column: Column<T>; readonly sort: Sort }) {
  const isSorted = column.key === sort.key && column.by !== undefined;
  const order = sort.isDescending ? 'descending' : 'ascending';
  const name = column.explanation ? <abbr title={column.explanation}>{column.name}</abbr> : column.name;
  return (
    <th scope="col" class={column.className} aria-sort={isSorted ? order : undefined}>
      {column.by === undefined ? (
        name
      ) : (
        <button
          type="button"
          onClick={() => setSort({ key: column.key, isDescending: isSorted ? !sort.isDescending : true })}
        >
          {name}
          {isSorted && <span aria-hidden="true">{sort.isDescending ? ' ↓' : ' ↑'}</span>}
        </button>
      )}
    </th>
  );
}

const ORDER_HOLDS_MS = 10_000;

interface HeldOrder {
  readonly question: string;
  readonly at: number;
  readonly ids: readonly string[];
}

/**
 * `rows` in a calm order. `question` is what the user chose (sort, scope): a new one sorts at once.
 * Spread `hold` on the table's element: it tells whether pointer or focus are inside.
 */
export function useCalmOrder<T>(rows: readonly T[], idOf: (row: T) => string, question: string) {
  const held = useRef<HeldOrder>({ question: '', at: 0, ids: [] });
  const isBusy = useRef(false);
  const last = held.current;
  const isHeld =
    last.question === question && (isBusy.current || performance.now() - last.at < ORDER_HOLDS_MS);
  if (!isHeld) held.current = { question, at: performance.now(), ids: rows.map(idOf) };
  const places = new Map(held.current.ids.map((id, index) => [id, index]));
  const place = (row: T) => places.get(idOf(row)) ?? places.size;
  const hold = {
    onPointerEnter: () => void (isBusy.current = true),
    onPointerLeave: () => void (isBusy.current = false),
    onFocusIn: () => void (isBusy.current = true),
    onFocusOut: () => void (isBusy.current = false),
  };
  return { rows: isHeld ? rows.toSorted((a, b) => place(a) - place(b)) : rows, hold };
}
