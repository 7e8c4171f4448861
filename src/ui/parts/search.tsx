// Search over everything, as a dialog. In: what there is, loaded when it opens. Out: the page that was chosen.
// It holds the focus while it is open and gives it back.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { FindingsAnswer, SearchAnswer } from '../../answer/api.ts';
import { endpointPath, linkTo, open } from '../state/address.ts';
import { useAnswer } from '../state/answers.ts';
import { useKeys } from '../state/keyboard.ts';
import { currentRange } from '../state/range.ts';
import { searchResults, type SearchResult } from '../state/search-results.ts';
import { Swatch } from './text.tsx';

export function Search({ onClose }: { readonly onClose: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const load = useAnswer<SearchAnswer>(`/api/search?range=${encodeURIComponent(currentRange())}`);
  // Before anything is painted: what is typed right after the key that opened it belongs in the field.
  useLayoutEffect(() => {
    const before = document.activeElement;
    field.current?.focus();
    return () => before instanceof HTMLElement && before.focus();
  }, []);
  useEffect(
    () => document.getElementById(`search-${chosen}`)?.scrollIntoView({ block: 'nearest' }),
    [chosen],
  );
  useKeys({ Escape: onClose, '*': () => undefined }, 'dialog');
  // They may take longer, and come when they are there.
  const found = useAnswer<FindingsAnswer>(`/api/findings?range=${encodeURIComponent(currentRange())}`);
  const findings = found.value?.findings ?? [];
  const results = load.value === undefined ? [] : searchResults(load.value, findings, text, endpointPath);
  const choose = (result: SearchResult | undefined) => {
    if (result === undefined) return;
    onClose();
    open(linkTo(result.path, result.parameters));
  };
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) setChosen((chosen + step + results.length) % Math.max(1, results.length));
    else if (event.key === 'Enter') choose(results[chosen]);
    else if (event.key === 'Escape') onClose();
    else if (event.key !== 'Tab') return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="scrim" onClick={(event) => event.target === event.currentTarget && onClose()}>
      <div class="dialog palette" role="dialog" aria-modal="true" aria-label="Search">
        <input
          ref={field}
          type="text"
          role="combobox"
          aria-label="Search"
          aria-expanded={results.length > 0}
          aria-controls="search-list"
          aria-autocomplete="list"
          aria-activedescendant={results.length > 0 ? `search-${chosen}` : undefined}
          autocomplete="off"
          spellcheck={false}
          placeholder="Endpoint, finding, statement, file, dependency, trace id, or a filter like status:5xx"
          value={text}
          onInput={({ currentTarget }) => {
            setText(currentTarget.value);
            setChosen(0);
          }}
          onKeyDown={onKey}
        />
        <Results results={results} chosen={chosen} onChoose={choose} />
        <p class="nothing" role="status">
          {load.failure ?? (load.value && results.length === 0 ? `Nothing is like “${text}”.` : '')}
        </p>
      </div>
    </div>
  );
}

interface ResultsProps {
  readonly results: readonly SearchResult[];
  readonly chosen: number;
  readonly onChoose: (result: SearchResult) => void;
}

function Results({ results, chosen, onChoose }: ResultsProps) {
  const groups = [...new Set(results.map(({ group }) => group))];
  return (
    <div id="search-list" role="listbox" aria-label="Results" hidden={results.length === 0}>
      {groups.map((group) => (
        <div role="group" aria-label={group} key={group}>
          <p class="group" aria-hidden="true">
            {group}
          </p>
          {results.map((result, index) =>
            result.group === group ? (
              <div
                key={index}
                id={`search-${index}`}
                role="option"
                aria-selected={index === chosen}
                onPointerDown={(event) => {
                  event.preventDefault();
                  onChoose(result);
                }}
              >
                {result.category && <Swatch category={result.category} />}
                {result.method !== '' && <span class="method">{result.method}</span>}
                <span class={`ellipsis ${result.isCode ? 'mono' : ''}`}>{result.text}</span>
                <span class="space" />
                <span class="muted nowrap">{result.note}</span>
              </div>
            ) : null,
          )}
        </div>
      ))}
    </div>
  );
}
