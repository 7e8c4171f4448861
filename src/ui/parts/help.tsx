// The list of keys and words, as a dialog. It holds the focus while it is open and gives it back.

import { useEffect, useRef } from 'preact/hooks';
import { chooseEditor, editor, EDITORS } from '../state/editor.ts';
import { useKeys } from '../state/keyboard.ts';
import { KeyCap } from './text.tsx';

/** Keys of one line: alternatives, each a sequence. */
interface Shortcut {
  readonly does: string;
  readonly keys: readonly (readonly string[])[];
}

const SHORTCUTS: readonly { readonly where: string; readonly list: readonly Shortcut[] }[] = [
  {
    where: 'Anywhere',
    list: [
      { does: 'Search everything', keys: [['/']] },
      { does: 'This help', keys: [['?']] },
      { does: 'Close, clear selection', keys: [['esc']] },
      { does: 'Copy a link to this exact view', keys: [['y']] },
      { does: 'Copy this page as Markdown', keys: [['shift', 'm']] },
      { does: 'Save the chart as a PNG', keys: [['shift', 's']] },
      { does: 'Save the chart as an SVG', keys: [['shift', 'v']] },
      { does: 'Switch theme', keys: [['shift', 't']] },
    ],
  },
  {
    where: 'Go to',
    list: [
      { does: 'Time', keys: [['g', 't']] },
      { does: 'Findings', keys: [['g', 'f']] },
      { does: 'Traces', keys: [['g', 'r']] },
      { does: 'Connections', keys: [['g', 'c']] },
      { does: 'Map', keys: [['g', 'm']] },
    ],
  },
  {
    where: 'Home',
    list: [{ does: 'Open the first, second, … finding', keys: [['1'], ['6']] }],
  },
  {
    where: 'Lists and tables',
    list: [
      { does: 'Next, previous row', keys: [['j'], ['k']] },
      { does: 'Open', keys: [['enter']] },
      { does: 'Sort by the next column', keys: [['o']] },
      { does: 'Compare two traces', keys: [['x']] },
      { does: 'A chart as a table', keys: [['t']] },
    ],
  },
  {
    where: 'A finding',
    list: [
      { does: 'Open the place in the editor', keys: [['e']] },
      { does: 'I changed it, verify', keys: [['v']] },
      { does: 'Copy as an issue', keys: [['m']] },
      { does: 'Ignore', keys: [['i']] },
      { does: 'The chart as a table', keys: [['t']] },
    ],
  },
  {
    where: 'Timelines',
    list: [
      { does: 'Zoom in, out', keys: [['w'], ['s']] },
      { does: 'Move left, right', keys: [['a'], ['d']] },
      { does: 'Fit the measured stretch, or the selection', keys: [['f']] },
      { does: 'Fit everything', keys: [['0']] },
      { does: 'Next, previous slow call or long wait', keys: [['n'], ['p']] },
    ],
  },
  {
    where: 'Trace',
    list: [
      { does: 'Next, previous operation', keys: [['j'], ['k']] },
      { does: 'Find in this trace; then n and p go from match to match', keys: [['shift', 'f']] },
      { does: 'Fold or unfold', keys: [['space']] },
      { does: 'Critical path only', keys: [['c']] },
      { does: 'Time by operation as a table', keys: [['t']] },
      { does: 'Compare with typical', keys: [['m']] },
      { does: 'Open the call site in the editor', keys: [['e']] },
      { does: 'To the caller, to the callee', keys: [['['], [']']] },
      { does: 'Measure: drag on the ruler', keys: [] },
      { does: 'Copy the selected row as JSON', keys: [['i']] },
    ],
  },
];

const WORDS: readonly (readonly [string, string])[] = [
  ['p50, p95, p99', '50, 95, 99 of 100 requests are faster than this.'],
  ['Request', 'What comes into a service.'],
  ['Operation', 'One call to a database, cache or another service.'],
  ['Entry request', 'A request from outside, not from another traced service.'],
  ['Pool wait', 'In line for a free connection of a pool.'],
  ['Critical path', 'The operations that the request really waited for, one after the other.'],
];

export function Help({ onClose }: { readonly onClose: () => void }) {
  const dialog = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.querySelector('button')?.focus();
    return () => before instanceof HTMLElement && before.focus();
  }, []);
  useKeys({ Escape: onClose, '?': onClose, '*': () => undefined }, 'dialog');
  // Tab goes round inside.
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Tab') focusNext(dialog.current, event.shiftKey ? -1 : 1);
    else if (event.key === 'Escape') onClose();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="scrim" onClick={(event) => event.target === event.currentTarget && onClose()}>
      <div
        class="dialog"
        role="dialog"
        aria-modal="true"
        aria-label="Keyboard and words"
        ref={dialog}
        onKeyDown={onKey}
      >
        <div class="dialog-head">
          <h2>Keyboard</h2>
          <button type="button" aria-label="Close: esc" onClick={onClose}>
            <KeyCap>esc</KeyCap>
          </button>
        </div>
        <div class="shortcuts">
          {SHORTCUTS.map(({ where, list }) => (
            <section key={where}>
              <h3>{where}</h3>
              <dl>
                {list.map((shortcut) => (
                  <ShortcutLine key={shortcut.does} {...shortcut} />
                ))}
              </dl>
            </section>
          ))}
        </div>
        <EditorChoice />
        <dl class="words">
          {WORDS.map(([word, meaning]) => (
            <div key={word}>
              <dt>{word}</dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
      </div>
    </div>
  );
}

function ShortcutLine({ does, keys }: Shortcut) {
  return (
    <div>
      <dt>{does}</dt>
      <dd>
        {keys.map((sequence, index) => (
          <>
            {index > 0 && <span class="muted">·</span>}
            {sequence.map((key) => (
              <KeyCap key={key}>{key}</KeyCap>
            ))}
          </>
        ))}
      </dd>
    </div>
  );
}

function focusNext(dialog: HTMLElement | null, step: 1 | -1): void {
  const all = [...(dialog?.querySelectorAll<HTMLElement>('button, select') ?? [])];
  const at = all.findIndex((each) => each === document.activeElement);
  all[(at + step + all.length) % all.length]?.focus();
}

/** Where `e` opens the source. */
function EditorChoice() {
  return (
    <p class="editor-choice">
      <label>
        Editor{' '}
        <select
          class="control small"
          value={editor.value}
          onChange={({ currentTarget }) => chooseEditor(currentTarget.value)}
        >
          {EDITORS.map(({ key, name }) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </select>
      </label>{' '}
      <span class="muted">
        <KeyCap>e</KeyCap> opens the place of a finding or call in it; this browser remembers it.
      </span>
    </p>
  );
}
