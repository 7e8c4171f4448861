// Who holds the connections of a pool, and who waits for them, over the whole range.

import type { PoolAnswer, PoolUser } from '../../answer/api.ts';
import { formatWholeShare } from '../../base/numbers.ts';
import { Duration } from '../parts/text.tsx';
import { endpointPath, linkTo } from '../state/address.ts';
import { LetterKey, letterOf, letterToken } from './connections-letters.tsx';

export function Users({ answer }: { readonly answer: PoolAnswer }) {
  const max = Math.max(1, ...answer.users.map(({ holdsUs, waitsUs }) => Math.max(holdsUs, waitsUs)));
  return (
    <section class="card" aria-labelledby="users-title">
      <header>
        <h2 id="users-title">Who holds it, who waits</h2>
        <span class="muted">over the whole range</span>
      </header>
      <table class="table compact users">
        <thead>
          <tr>
            <th scope="col">Endpoint</th>
            <th scope="col" class="numeric">
              Holds
            </th>
            <th scope="col" class="numeric">
              Waits
            </th>
            <th scope="col" class="column-bar">
              <span class="visually-hidden">Both as bars</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {answer.users.map((user) => (
            <UserLine key={`${user.method} ${user.route}`} user={user} answer={answer} max={max} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Less of the holding time is how transactions are. */
const NOTABLE_IDLE = 0.05;

interface UserProps {
  readonly user: PoolUser;
  readonly answer: PoolAnswer;
  readonly max: number;
}

function UserLine({ user, answer, max }: UserProps) {
  const letter = letterOf(answer, user);
  const name = letterToken(letter);
  return (
    <tr data-row>
      <td>
        <span class="with-swatch">
          <LetterKey letter={letter} />
          {user.route === '' ? (
            <span class="muted">outside of a request</span>
          ) : (
            <a class="mono ellipsis" href={linkTo(endpointPath(user))}>
              {user.method} {user.route}
            </a>
          )}
        </span>
      </td>
      <td class="numeric">
        <Duration us={user.holdsUs} />
      </td>
      <td class="numeric">
        <Duration us={user.waitsUs} />
      </td>
      <td class="column-bar">
        <span class="two-bars" aria-hidden="true">
          <i style={{ width: `${(user.holdsUs / max) * 100}%`, background: `var(--e-${name})` }} />
          {user.waitsUs > 0 && <i class="k-pool" style={{ width: `${(user.waitsUs / max) * 100}%` }} />}
        </span>
        {user.idleShare >= NOTABLE_IDLE && (
          <span class="muted idle-share">
            {formatWholeShare(user.idleShare)} of its holding is idle, in transactions
          </span>
        )}
      </td>
    </tr>
  );
}
