// The filter of traces: a field that says what could come next. In: the filter of the address. Out: the filter, when it is
// entered or has not changed for a moment. A combobox: arrows choose, enter or tab takes, escape closes.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { SearchAnswer } from '../../answer/api.ts';
import { useAnswer } from '../state/answers.ts';
import { suggestions, type Known, type Suggestion } from '../state/filter-completion.ts';
import { currentRange } from '../state/range.ts';

interface FilterProps {
  readonly value: string;
  readonly problems: readonly string[];
  readonly onChange: (value: string) => void;
}

/** Typing asks the store at most this often. */
const PAUSE_MS = 250;

const NOTHING_KNOWN: Known = { endpoints: [], dependencies: [], callSites: [] };

export function TracesFilter({ value, problems, onChange }: FilterProps) {
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const [caret, setCaret] = useState<number | undefined>(undefined);
  const [chosen, setChosen] = useState(-1);
  const known = useAnswer<SearchAnswer>(`/api/search?range=${encodeURIComponent(currentRange())}`);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  // The address changes from elsewhere too: Back, a bar of the histogram.
  const sent = useRef(value);
  useEffect(() => {
    if (value !== sent.current) setText(value);
    sent.current = value;
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const list = caret === undefined ? [] : suggestions(text, caret, known.value ?? NOTHING_KNOWN);
  const send = (next: string) => {
    clearTimeout(timer.current);
    sent.current = next.trim();
    onChange(next.trim());
  };
  const change = (next: string, at: number) => {
    setText(next);
    setCaret(at);
    setChosen(-1);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => send(next), PAUSE_MS);
  };
  const take = ({ result, caret: at }: Suggestion) => {
    // At once, not with the next frame: the next key may come before it.
    if (field.current) {
      field.current.value = result;
      field.current.setSelectionRange(at, at);
    }
    change(result, at);
  };
  const onKey = (event: KeyboardEvent) => {
    const { key } = event;
    const step = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0;
    const picked = list[chosen];
    if (step !== 0 && list.length > 0) setChosen((chosen + step + list.length) % list.length);
    else if ((key === 'Enter' || key === 'Tab') && picked !== undefined) take(picked);
    else if (key === 'Enter') {
      setCaret(undefined);
      send(text);
    } else if (key === 'Escape') {
      if (list.length > 0) setCaret(undefined);
      else field.current?.blur();
    } else return;
    if (key !== 'Escape' || list.length > 0) event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="filter">
      <input
        ref={field}
        type="text"
        role="combobox"
        aria-label="Filter"
        aria-expanded={list.length > 0}
        aria-controls="filter-list"
        aria-autocomplete="list"
        aria-activedescendant={chosen >= 0 ? `filter-${chosen}` : undefined}
        aria-invalid={problems.length > 0}
        aria-describedby="filter-problem"
        autocomplete="off"
        spellcheck={false}
        placeholder="service:cart duration:>200ms status:5xx, or part of a route"
        value={text}
        onInput={({ currentTarget }) => change(currentTarget.value, currentTarget.selectionStart ?? 0)}
        onFocus={({ currentTarget }) => setCaret(currentTarget.selectionStart ?? currentTarget.value.length)}
        onBlur={() => setCaret(undefined)}
        onKeyDown={onKey}
      />
      <ul id="filter-list" role="listbox" aria-label="Suggestions" hidden={list.length === 0}>
        {list.map((suggestion, index) => (
          <li
            key={suggestion.text}
            id={`filter-${index}`}
            role="option"
            aria-selected={index === chosen}
            onPointerDown={(event) => {
              event.preventDefault();
              take(suggestion);
            }}
          >
            <span class="mono ellipsis">{suggestion.text}</span>
            <span class="muted nowrap">{suggestion.about}</span>
          </li>
        ))}
      </ul>
      <p class="filter-problem" id="filter-problem" role="status">
        {problems.length > 0 && <span class="error">✕ {problems.join(' ')}</span>}
      </p>
    </div>
  );
}
