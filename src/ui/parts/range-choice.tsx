// The time range: presets, or two times. In: the address. Out: the address. A range that a time axis was brushed to is shown as such.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { status } from '../state/answers.ts';
import { useKeys } from '../state/keyboard.ts';
import { chooseRange, currentRange, customRange, rangeBetween, RANGES, rangeWords } from '../state/range.ts';

const CUSTOM = 'custom';
const FIRST_LENGTH_MS = 15 * 60_000;

export function RangeChoice() {
  const [isOpen, setIsOpen] = useState(false);
  const value = currentRange();
  const isPreset = RANGES.some((range) => range.value === value);
  const custom = customRange();
  const place = useRef<HTMLSpanElement>(null);
  const close = () => {
    setIsOpen(false);
    place.current?.querySelector('select')?.focus();
  };
  useEffect(() => {
    const closeOutside = ({ target }: PointerEvent) =>
      target instanceof Node && !place.current?.contains(target) && setIsOpen(false);
    if (isOpen) addEventListener('pointerdown', closeOutside);
    return () => removeEventListener('pointerdown', closeOutside);
  }, [isOpen]);
  return (
    <span class="range" ref={place}>
      <select
        class="control"
        aria-label="Time range"
        value={value}
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          // What is shown stays as it is until two times are given.
          event.currentTarget.value = value;
          if (chosen === CUSTOM) setIsOpen(true);
          else chooseRange(chosen);
        }}
      >
        {!isPreset && <option value={value}>{custom === undefined ? value : rangeWords(custom)}</option>}
        {RANGES.map((range) => (
          <option key={range.value} value={range.value}>
            {range.name}
          </option>
        ))}
        <option value={CUSTOM}>From … to …</option>
      </select>
      {isOpen && <TwoTimes onClose={close} />}
    </span>
  );
}

function TwoTimes({ onClose }: { readonly onClose: () => void }) {
  const first = useRef<HTMLInputElement>(null);
  const end = status.value?.isLive === false ? (status.value.lastRequestAt ?? Date.now()) : Date.now();
  const shown = customRange() ?? { from: end - FIRST_LENGTH_MS, to: end };
  const [from, setFrom] = useState(localText(shown.from));
  const [to, setTo] = useState(localText(shown.to));
  const isRange = Date.parse(from) <= Date.parse(to);
  useKeys({ Escape: onClose }, 'dialog');
  useLayoutEffect(() => first.current?.focus(), []);
  return (
    <div
      class="two-times"
      role="dialog"
      aria-label="Time range"
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isRange) return;
          onClose();
          chooseRange(rangeBetween(Date.parse(from), Date.parse(to)));
        }}
      >
        <label>
          From
          <input
            ref={first}
            type="datetime-local"
            step="1"
            value={from}
            onInput={({ currentTarget }) => setFrom(currentTarget.value)}
          />
        </label>
        <label>
          to
          <input
            type="datetime-local"
            step="1"
            value={to}
            onInput={({ currentTarget }) => setTo(currentTarget.value)}
          />
        </label>
        <p class="error" role="status">
          {isRange ? '' : 'It has to begin before it ends.'}
        </p>
        <div class="buttons">
          <button type="button" class="control" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="control primary" disabled={!isRange}>
            Show
          </button>
        </div>
      </form>
    </div>
  );
}

/** As a `datetime-local` field wants it: local time without a zone. */
function localText(ms: number): string {
  const local = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
