// Pieces of text: the answer's words, durations with a weak unit, swatches, key caps.

import type { ComponentChildren } from 'preact';
import type { Words } from '../../answer/api.ts';
import { durationParts, NARROW_SPACE } from '../../base/numbers.ts';
import type { CategoryKey } from '../../model/category.ts';

export function Swatch({ category }: { readonly category: CategoryKey }) {
  return <i class={`swatch k-${category}`} aria-hidden="true" />;
}

export function Sentence({ words }: { readonly words: readonly Words[] }) {
  return words.map((piece) => {
    const text = piece.isCode ? <code>{piece.text}</code> : piece.text;
    const marked = (
      <>
        {piece.swatch && <Swatch category={piece.swatch} />}
        {text}
      </>
    );
    return piece.isStrong ? <b>{marked}</b> : marked;
  });
}

interface DurationProps {
  readonly us: number | undefined;
  /** Why there is no number. */
  readonly missing?: string;
}

export function Duration({ us, missing }: DurationProps) {
  if (us === undefined)
    return (
      <span class="muted" title={missing}>
        n/a
      </span>
    );
  const { number, unit } = durationParts(us);
  return (
    <>
      {number}
      {unit !== '' && <span class="unit">{NARROW_SPACE + unit}</span>}
    </>
  );
}

export function KeyCap({ children }: { readonly children: ComponentChildren }) {
  return <kbd class="key-cap">{children}</kbd>;
}

interface SegmentedProps<T extends string> {
  readonly label: string;
  readonly choices: readonly { readonly value: T; readonly name: string }[];
  readonly value: T;
  readonly onChoose: (value: T) => void;
}

/** A switch between few choices, all of them visible. */
export function Segmented<T extends string>({ label, choices, value, onChoose }: SegmentedProps<T>) {
  return (
    <span class="segmented" role="group" aria-label={label}>
      {choices.map((choice) => (
        <button
          type="button"
          key={choice.value}
          aria-pressed={choice.value === value}
          onClick={() => onChoose(choice.value)}
        >
          {choice.name}
        </button>
      ))}
    </span>
  );
}
