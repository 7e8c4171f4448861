// All request time in one bar, with brackets above and the key below. In: the ten totals, which add up.

import { useState } from 'preact/hooks';
import type { CategoryTotal } from '../../answer/api.ts';
import { formatDuration, formatShare } from '../../base/numbers.ts';
import { CATEGORIES, GROUP_NAMES, type CategoryGroup, type CategoryKey } from '../../model/category.ts';
import { Swatch } from './text.tsx';

/** Below this a category is left out of the key (the terminal and the API still have it). */
const SMALLEST_SHARE = 0.0005;

const LABELS: Record<CategoryKey, string> = {
  own: 'Own code',
  loop: 'Event-loop wait',
  pool: 'Pool wait',
  conn: 'Connect',
  db: 'Database',
  cache: 'Cache',
  http: 'HTTP',
  ext: 'External',
  msg: 'Messaging',
  other: 'Other',
};

const MEANINGS: Record<CategoryKey, string> = {
  own: 'CPU time in your code',
  loop: 'Ready to run, but the process was busy',
  pool: 'Waiting for a free pooled connection',
  conn: 'Opening a new connection, with its login',
  db: 'From sending the query to the last byte of its answer',
  cache: 'Redis and similar',
  http: 'Network between your services; time inside the callee is counted there',
  ext: 'APIs outside your system',
  msg: 'Broker round trips',
  other: 'Timers, files, libraries that were not seen',
};

interface BracketsProps {
  readonly categories: readonly CategoryTotal[];
  readonly totalUs: number;
}

interface BigBarProps extends BracketsProps {
  /** What the page is filtered to. */
  readonly chosen: CategoryKey | undefined;
  readonly onChoose: (key: CategoryKey) => void;
}

export function BigBar({ categories, totalUs, chosen, onChoose }: BigBarProps) {
  const [pointed, setLit] = useState<CategoryKey | undefined>(undefined);
  const lit = pointed ?? chosen;
  const shown = categories.filter(({ share }) => share >= SMALLEST_SHARE);
  return (
    <section aria-label="All request time by category">
      <Brackets categories={categories} totalUs={totalUs} />
      <div class={lit ? 'stack big is-dimmed' : 'stack big'} role="img" aria-label={spoken(categories)}>
        {shown.map((category) => (
          <Segment key={category.key} category={category} isLit={category.key === lit} />
        ))}
      </div>
      <ul class="category-key" style={{ '--columns': Math.max(6, shown.length) }}>
        {shown.map(({ key, share, us }) => (
          <li
            key={key}
            title={MEANINGS[key]}
            onPointerEnter={() => setLit(key)}
            onPointerLeave={() => setLit(undefined)}
          >
            <button type="button" aria-pressed={chosen === key} onClick={() => onChoose(key)}>
              <Swatch category={key} />
              <span class="name muted ellipsis">{nameOf(key)}</span>
              <b>{formatShare(share)}</b> <span class="muted">{formatDuration(us)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** How much room it needs: the style sheet hides it where there is less. */
function labelClass(key: CategoryKey): string {
  const { length } = LABELS[key];
  if (length > 9) return 'is-longest';
  return length > 7 ? 'is-long' : '';
}

function Segment({ category, isLit }: { readonly category: CategoryTotal; readonly isLit: boolean }) {
  const { key, share, us } = category;
  return (
    <i
      class={`k-${key}${isLit ? ' is-lit' : ''}`}
      style={{ width: `${(share * 100).toFixed(3)}%` }}
      title={`${nameOf(key)}: ${formatDuration(us)}, ${formatShare(share)}`}
    >
      {share > 0.05 && (
        <span>
          <em class={labelClass(key)}>{LABELS[key]}</em>
          {formatShare(share)}
        </span>
      )}
    </i>
  );
}

interface Bracket {
  readonly group: CategoryGroup;
  readonly share: number;
}

/** Of the whole bar, that the last bracket needs to have room for the sum too: at 1280 px and more, and below. */
const ROOM_FOR_SUM = { wide: 0.24, narrow: 0.3 } as const;

/** One bracket for each group. What all of it adds up to stands at the end of the last, else of the widest. */
function Brackets({ categories, totalUs }: BracketsProps) {
  const brackets = bracketsOf(categories);
  const widest = brackets.reduce((a, b) => (b.share > a.share ? b : a));
  const last = brackets.at(-1);
  const lastShare = last?.share ?? 0;
  const sumClass = (bracket: Bracket): string | undefined => {
    if (lastShare >= ROOM_FOR_SUM.narrow || last === widest) return bracket === last ? '' : undefined;
    if (lastShare < ROOM_FOR_SUM.wide) return bracket === widest ? '' : undefined;
    if (bracket === last) return 'when-wide';
    return bracket === widest ? 'when-narrow' : undefined;
  };
  return (
    <div class="brackets">
      {brackets.map((bracket) => (
        <div
          key={bracket.group}
          class={sumClass(bracket) === undefined ? '' : 'has-sum'}
          style={{ width: `${(bracket.share * 100).toFixed(3)}%` }}
        >
          <span>
            <span class="ellipsis" title={GROUP_NAMES[bracket.group]}>
              <span class="name">
                <BracketName group={bracket.group} />{' '}
              </span>
              <b>{formatShare(bracket.share)}</b>
            </span>
            {sumClass(bracket) !== undefined && (
              <span class={`muted nowrap ${sumClass(bracket)}`}>
                all request time: {formatDuration(totalUs)}
              </span>
            )}
          </span>
        </div>
      ))}
    </div>
  );
}

function BracketName({ group }: { readonly group: CategoryGroup }) {
  if (group !== 'waiting') return GROUP_NAMES[group];
  return (
    <>
      Waiting<span class="detail"> and set-up, often removable</span>
    </>
  );
}

function bracketsOf(categories: readonly CategoryTotal[]): readonly Bracket[] {
  return (['code', 'waiting', 'network', 'unseen'] as const)
    .map((group) => ({
      group,
      share: categories
        .filter(({ key }) => CATEGORIES.some((category) => category.key === key && category.group === group))
        .reduce((sum, { share }) => sum + share, 0),
    }))
    .filter(({ share }) => share >= SMALLEST_SHARE);
}

function nameOf(key: CategoryKey): string {
  return CATEGORIES.find((category) => category.key === key)?.name ?? key;
}

function spoken(categories: readonly CategoryTotal[]): string {
  return categories.map(({ key, share }) => `${nameOf(key)} ${formatShare(share)}`).join(', ');
}
