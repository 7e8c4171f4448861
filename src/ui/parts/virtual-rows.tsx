// Rows of a long table: only those near the screen are in the page. In: rows of one height. Out: table rows, and room for the others.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

interface VirtualRowsProps<T> {
  readonly rows: readonly T[];
  /** Of each row, in CSS pixels. */
  readonly rowPx: number;
  readonly columns: number;
  readonly render: (row: T, index: number) => ComponentChildren;
}

/** Fewer are all there: the browser's own search finds them. */
const MOST_AT_ONCE = 200;
/** Beyond both ends of the screen: `j` and `k` find the next row, and a fast scroll shows no gap. */
const SPARE_ROWS = 30;

export function VirtualRows<T>({ rows, rowPx, columns, render }: VirtualRowsProps<T>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [range, setRange] = useState({ first: 0, last: MOST_AT_ONCE });
  const isLong = rows.length > MOST_AT_ONCE;
  useEffect(() => (isLong ? follow(body, rowPx, setRange) : undefined), [isLong, rowPx]);
  const first = isLong ? Math.min(range.first, rows.length) : 0;
  const last = isLong ? Math.min(range.last, rows.length) : rows.length;
  return (
    <tbody ref={body}>
      <Room rows={first} rowPx={rowPx} columns={columns} />
      {rows.slice(first, last).map((row, index) => render(row, first + index))}
      <Room rows={rows.length - last} rowPx={rowPx} columns={columns} />
    </tbody>
  );
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/** Tells which rows are near the screen, whenever that changes. */
function follow(
  body: { readonly current: HTMLElement | null },
  rowPx: number,
  tell: (next: (before: Range) => Range) => void,
): () => void {
  const look = () => {
    const top = body.current?.getBoundingClientRect().top ?? 0;
    const first = Math.max(0, Math.floor(-top / rowPx) - SPARE_ROWS);
    const last = Math.ceil((innerHeight - top) / rowPx) + SPARE_ROWS;
    tell((before) => (before.first === first && before.last === last ? before : { first, last }));
  };
  look();
  addEventListener('scroll', look, { passive: true });
  addEventListener('resize', look);
  return () => {
    removeEventListener('scroll', look);
    removeEventListener('resize', look);
  };
}

function Room({
  rows,
  rowPx,
  columns,
}: {
  readonly rows: number;
  readonly rowPx: number;
  readonly columns: number;
}) {
  if (rows <= 0) return null;
  return (
    <tr aria-hidden="true" class="room">
      <td colSpan={columns} style={{ height: `${rows * rowPx}px` }} />
    </tr>
  );
}
