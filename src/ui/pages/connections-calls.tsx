// The calls of a window as a table: what the lanes show, longest waits first.

import type { PoolWindowAnswer } from '../../answer/api.ts';
import { Duration } from '../parts/text.tsx';
import { linkTo } from '../state/address.ts';
import type { TimeSpan } from '../state/pool-window.ts';
import { clock } from '../state/range.ts';

const TABLE_ROWS = 200;

/** The longest waits first: what the lanes are looked at for. */
export function CallsTable({
  value,
  visible,
}: {
  readonly value: PoolWindowAnswer;
  readonly visible: TimeSpan;
}) {
  const { operations, users, traces } = value;
  const order = operations.joined
    .map((joined, index) => ({ index, wait: (operations.granted[index] ?? 0) - joined }))
    .toSorted((a, b) => b.wait - a.wait)
    .slice(0, TABLE_ROWS);
  return (
    <table class="table compact">
      <thead>
        <tr>
          <th scope="col">Joined</th>
          <th scope="col">Endpoint</th>
          <th scope="col" class="numeric" aria-sort="descending">
            In line ↓
          </th>
          <th scope="col" class="numeric">
            Opening
          </th>
          <th scope="col" class="numeric">
            Under way
          </th>
          <th scope="col" class="numeric">
            Connection
          </th>
        </tr>
      </thead>
      <tbody>
        {order.map(({ index, wait }) => {
          const user = users[operations.user[index] ?? -1];
          const trace = traces[operations.trace[index] ?? -1];
          const name = user ? `${user.method} ${user.route}` : 'outside of a request';
          const at = (column: readonly number[]) => column[index] ?? 0;
          return (
            <tr key={index} data-row>
              <td class="muted nowrap">{clock((visible.fromUs + at(operations.joined)) / 1000)}</td>
              <td class="mono">
                {trace === undefined ? name : <a href={linkTo(`/trace/${trace}`)}>{name}</a>}
              </td>
              <td class="numeric strong">
                <Duration us={wait} />
              </td>
              <td class="numeric">
                <Duration us={at(operations.ready) - at(operations.granted)} />
              </td>
              <td class="numeric">
                <Duration us={at(operations.done) - at(operations.ready)} />
              </td>
              <td class="numeric">#{at(operations.connection)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
