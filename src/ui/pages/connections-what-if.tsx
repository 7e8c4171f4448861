// What if the pool were larger: a few sizes, recalculated from recorded requests. In: the pool; the sizes are asked for on their own.

import type { PoolRow, PoolSizeRow, WhatIfAnswer } from '../../answer/api.ts';
import { formatCount, formatShare } from '../../base/numbers.ts';
import { Duration } from '../parts/text.tsx';
import { useAnswer } from '../state/answers.ts';
import { currentRange } from '../state/range.ts';

const NOT_FOUND = 404;

export function WhatIf({ row }: { readonly row: PoolRow }) {
  const { service, dependency } = row;
  const parameters = new URLSearchParams({ service, dependency, range: currentRange() });
  const { value, failure, failureStatus } = useAnswer<WhatIfAnswer>(`/api/connections/what-if?${parameters}`);
  if (failureStatus === NOT_FOUND) return null;
  return (
    <section class="card" aria-labelledby="what-if-title">
      <header>
        <h2 id="what-if-title">What if the pool were larger</h2>
        <span class="muted">same requests, recalculated</span>
      </header>
      {failure !== undefined && <p class="card-note error">✕ {failure}</p>}
      {value === undefined && failure === undefined && <p class="card-note">Recalculating requests …</p>}
      {value && <Sizes answer={value} />}
    </section>
  );
}

function Sizes({ answer }: { readonly answer: WhatIfAnswer }) {
  const { endpoint, sizes, processes, calls } = answer;
  const most = Math.max(1e-9, ...sizes.map(({ waitShare }) => waitShare));
  return (
    <>
      <table class="table compact what-if">
        <thead>
          <tr>
            <th scope="col">Connections</th>
            <th scope="col" class="numeric">
              Calls that wait
            </th>
            <th scope="col" class="numeric">
              p95 wait
            </th>
            {endpoint && (
              <th scope="col" class="numeric">
                <span class="ellipsis">
                  {endpoint.method} {endpoint.route} p95
                </span>
              </th>
            )}
            <th scope="col" class="column-bar">
              <span class="visually-hidden">Calls that wait, as a bar</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sizes.map((size, index) => (
            <Size
              key={size.connections}
              size={size}
              isNow={index === 0}
              most={most}
              hasEndpoint={endpoint !== undefined}
            />
          ))}
        </tbody>
      </table>
      <p class="card-note">
        From {formatCount(calls)} calls that were looked at
        {processes > 1 &&
          `, of the one of ${processes} processes that waits most: each has a pool of its own`}
        . If the database has no room for more, a larger pool moves the line there.
      </p>
    </>
  );
}

interface SizeProps {
  readonly size: PoolSizeRow;
  readonly isNow: boolean;
  readonly most: number;
  readonly hasEndpoint: boolean;
}

function Size({ size, isNow, most, hasEndpoint }: SizeProps) {
  const { connections, waitShare, p95WaitUs, p95Us, isEnough } = size;
  return (
    <tr>
      <td>
        {connections}{' '}
        {isNow && (
          <span class="muted" title="So many were in use at once">
            now
          </span>
        )}
        {isEnough && <span class="chip good">enough</span>}
      </td>
      <td class="numeric">{formatShare(waitShare)}</td>
      <td class="numeric">
        <Duration us={Math.round(p95WaitUs)} />
      </td>
      {hasEndpoint && (
        <td class={`numeric ${isEnough ? 'strong' : ''}`}>
          <Duration us={p95Us} />
        </td>
      )}
      <td class="column-bar">
        <span class="track">
          <i class="k-pool" style={{ width: `${(waitShare / most) * 100}%` }} />
        </span>
      </td>
    </tr>
  );
}
