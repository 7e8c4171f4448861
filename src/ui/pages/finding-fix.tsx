// How to fix a finding, with a sketch for the library that was seen; and what a person can say about it. In: the answer.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { FindingAction, FindingAnswer } from '../../answer/api.ts';
import { KeyCap } from '../parts/text.tsx';
import { actOn, copyAsIssue, OFFERED } from '../state/finding-actions.ts';
import { CONFIDENCE_WORDS } from '../state/finding-words.ts';
import { Code } from './finding-source.tsx';

interface FixProps {
  readonly answer: FindingAnswer;
  readonly isIgnoring: boolean;
  readonly onIgnoring: (isIgnoring: boolean) => void;
  readonly onChanged: () => void;
}

export function HowToFix({ answer, isIgnoring, onIgnoring, onChanged }: FixProps) {
  const { howToFix, finding, life } = answer;
  const act = (action: FindingAction, reason = '') => void actOn(finding.id, action, reason, onChanged);
  return (
    <section class="card" aria-labelledby="fix-title">
      <header>
        <h2 id="fix-title">How to fix</h2>
        {howToFix.library !== '' && <span class="muted">for {howToFix.library}</span>}
      </header>
      <p class="fix-text">{howToFix.text}</p>
      <Diff lines={howToFix.diff} />
      <p class="card-note" title={CONFIDENCE_WORDS[finding.confidence]}>
        {CONFIDENCE_WORDS[finding.confidence]}.
      </p>
      {isIgnoring ? (
        <Reason
          onCancel={() => onIgnoring(false)}
          onDone={(reason) => (onIgnoring(false), act('ignore', reason))}
        />
      ) : (
        <p class="buttons finding-actions">
          {OFFERED[life.state].includes('verify') && (
            <button type="button" class="control primary" onClick={() => act('verify')}>
              I changed it, verify <KeyCap>v</KeyCap>
            </button>
          )}
          {OFFERED[life.state].includes('reopen') && (
            <button type="button" class="control" onClick={() => act('reopen')}>
              {life.state === 'verifying' ? 'Stop verifying' : 'Open again'}
            </button>
          )}
          <button type="button" class="control" onClick={() => void copyAsIssue(answer)}>
            Copy as issue <KeyCap>m</KeyCap>
          </button>
          {OFFERED[life.state].includes('ignore') && (
            <button type="button" class="control" onClick={() => onIgnoring(true)}>
              Ignore <KeyCap>i</KeyCap>
            </button>
          )}
        </p>
      )}
    </section>
  );
}

const SIGNS = { remove: '−', add: '+', keep: ' ' } as const;
const SPOKEN = { remove: 'removed: ', add: 'added: ', keep: '' } as const;

function Diff({ lines }: { readonly lines: FindingAnswer['howToFix']['diff'] }) {
  if (lines.length === 0) return null;
  return (
    <>
      <div class="code diff" role="group" aria-label="A sketch of the change" tabIndex={0}>
        {lines.map(({ kind, text }, index) => (
          <div key={index} class={`line is-${kind}`}>
            <span class="sign" aria-hidden="true">
              {SIGNS[kind]}
            </span>
            <span class="text">
              <span class="visually-hidden">{SPOKEN[kind]}</span>
              <Code line={text} />
            </span>
          </div>
        ))}
      </div>
      <p class="card-note">A sketch: the names are invented.</p>
    </>
  );
}

interface ReasonProps {
  readonly onCancel: () => void;
  readonly onDone: (reason: string) => void;
}

/** As long as a line of a list can show. */
const LONGEST_REASON = 200;

function Reason({ onCancel, onDone }: ReasonProps) {
  const field = useRef<HTMLInputElement>(null);
  const [reason, setReason] = useState('');
  // Before it is painted: what is typed next belongs to it.
  useLayoutEffect(() => field.current?.focus(), []);
  return (
    <form
      class="buttons reason"
      onSubmit={(event) => {
        event.preventDefault();
        onDone(reason.trim());
      }}
      onKeyDown={(event) => event.key === 'Escape' && (event.stopPropagation(), onCancel())}
    >
      <label>
        <span class="muted">Why? (optional)</span>
        <input
          ref={field}
          type="text"
          maxLength={LONGEST_REASON}
          value={reason}
          onInput={({ currentTarget }) => setReason(currentTarget.value)}
        />
      </label>
      <button type="submit" class="control primary">
        Ignore
      </button>
      <button type="button" class="control" onClick={onCancel}>
        Cancel
      </button>
    </form>
  );
}
