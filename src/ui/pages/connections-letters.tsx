// Letters of endpoints: the four that hold most have one, in a palette that cannot be taken for categories. In: the users of a pool.

import { formatCount } from '../../base/numbers.ts';
import type { EndpointName, PoolAnswer } from '../../answer/api.ts';
import { LETTERS } from '../canvas/pool-drawing.ts';
import { Swatch } from '../parts/text.tsx';

/** The letter of an endpoint: the four that hold most have one. */
export function letterOf({ users }: PoolAnswer, user: EndpointName): number {
  const index = users
    .filter(({ route }) => route !== '')
    .findIndex(({ method, route }) => method === user.method && route === user.route);
  return index >= 0 && index < LETTERS.length ? index : LETTERS.length;
}

/** `a` to `d`, and `e` for the rest: the end of a token's name. */
export function letterToken(letter: number): string {
  return ['a', 'b', 'c', 'd'][letter] ?? 'e';
}

export function LetterKey({ letter }: { readonly letter: number }) {
  const name = letterToken(letter);
  return (
    <i
      class="letter"
      style={{ background: `var(--e-${name})`, '--tick': `var(--e-${name}-2)` }}
      aria-hidden="true"
    >
      {LETTERS[letter as 0] ?? ''}
    </i>
  );
}

interface LegendProps {
  readonly answer: PoolAnswer;
  readonly hasNew: boolean;
  readonly hasIdle: boolean;
  /** How many connections were closed. */
  readonly closed: number;
}

export function UserLegend({ answer, hasNew, hasIdle, closed }: LegendProps) {
  const named = answer.users.filter(({ route }) => route !== '').slice(0, LETTERS.length);
  return (
    <p class="legend pool-legend">
      {named.map((user, index) => (
        <span key={`${user.method} ${user.route}`}>
          <LetterKey letter={index} />
          <span class="mono">
            {user.method} {user.route}
          </span>
        </span>
      ))}
      {answer.users.length > named.length && (
        <span>
          <LetterKey letter={LETTERS.length} />
          others
        </span>
      )}
      {hasNew && (
        <span>
          <Swatch category="conn" />▲ new connection
        </span>
      )}
      {hasIdle && (
        <span>
          <i class="letter idle" aria-hidden="true" />
          held but idle (open transaction)
        </span>
      )}
      {closed > 0 && (
        <span>
          ✕ closed: {formatCount(closed)} connection{closed === 1 ? '' : 's'}
        </span>
      )}
    </p>
  );
}
