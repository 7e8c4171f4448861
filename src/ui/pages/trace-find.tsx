// The field that looks for something in a trace. In: the state of a trace page. Out: that state changed; enter goes from match to match.

import { formatCount } from '../../base/numbers.ts';
import type { TraceView } from '../state/trace-view.ts';

const ID = 'find-in-trace';

export function focusFind(): void {
  const field = document.getElementById(ID);
  if (field instanceof HTMLInputElement) field.select();
}

export function Find({ view }: { readonly view: TraceView }) {
  return (
    <span class="find">
      <input
        id={ID}
        type="search"
        placeholder="Find in this trace"
        title="Statements, peers, call sites, errors, services, routes: F. Enter goes to the next, shift and enter to the one before"
        aria-label="Find in this trace"
        autocomplete="off"
        spellcheck={false}
        value={view.find.value}
        onInput={(event) => (view.find.value = event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') view.selectMatch(event.shiftKey ? -1 : 1);
          else if (event.key === 'Escape') view.find.value = '';
          else return;
          if (event.key === 'Escape') event.currentTarget.blur();
          event.preventDefault();
        }}
      />
      {view.matches.value !== undefined && (
        <span class="muted" role="status">
          {foundWords(view)}
        </span>
      )}
    </span>
  );
}

/** `3 of 24`: where the selection is among the rows that have it. */
function foundWords(view: TraceView): string {
  const found = view.matchRows.value ?? new Uint8Array(0);
  const row = view.rows.value.rowOf[view.selected.value] ?? -1;
  let all = 0;
  let before = 0;
  found.forEach((isFound, at) => {
    all += isFound;
    if (at <= row) before += isFound;
  });
  if (all === 0) return 'none';
  return row >= 0 && found[row] === 1
    ? `${formatCount(before)} of ${formatCount(all)}`
    : `${formatCount(all)} rows`;
}
