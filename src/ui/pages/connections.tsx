// Who waits for a connection, and who opens too many. In: `/connections/service/dependency` of the address; without one, the pool that
// loses most. The pool itself: connections-pool.tsx.

import type { ConnectionsAnswer, PoolRow, PoolVerdict } from '../../answer/api.ts';
import { formatCount, formatDuration } from '../../base/numbers.ts';
import { Failure, Skeleton } from '../parts/loading.tsx';
import { usePageTitle } from '../parts/shell.tsx';
import { Swatch } from '../parts/text.tsx';
import { decoded, linkTo } from '../state/address.ts';
import { useAnswer } from '../state/answers.ts';
import { currentRange } from '../state/range.ts';
import { Pool } from './connections-pool.tsx';
import { perMinute } from './home-endpoints.tsx';

export function Connections({ id }: { readonly id: string }) {
  usePageTitle('Connections');
  const load = useAnswer<ConnectionsAnswer>(
    `/api/connections?range=${encodeURIComponent(currentRange())}`,
    true,
  );
  const { value } = load;
  if (value === undefined && load.failure !== undefined)
    return <Failure what="The connections did not come." load={load} />;
  if (value === undefined) return <Skeleton heights={[32, 18, 480]} />;
  const chosen = chosenPool(id, value.pools);
  if (chosen === undefined) return <NoPools />;
  return (
    <div class={`connections ${load.isStale ? 'is-stale' : ''}`} aria-busy={load.isStale}>
      <Pool key={poolPath(chosen)} service={chosen.service} dependency={chosen.dependency}>
        <PoolList answer={value} chosen={chosen} />
      </Pool>
    </div>
  );
}

function NoPools() {
  return (
    <section class="card panel">
      <h1 class="title">
        <b>No connections in this time.</b> They appear with the first call to a database, a cache or another
        service.
      </h1>
    </section>
  );
}

/** Of the address, whether or not it is in the list: then it says why not. */
function chosenPool(
  pathname: string,
  pools: readonly PoolRow[],
): Pick<PoolRow, 'service' | 'dependency'> | undefined {
  const [, , service = '', dependency = ''] = pathname.split('/').map(decoded);
  if (service === '') return pools[0];
  if (dependency === '') return pools.find((pool) => pool.service === service) ?? { service, dependency };
  return { service, dependency };
}

export function poolPath({ service, dependency }: Pick<PoolRow, 'service' | 'dependency'>): string {
  return `/connections/${encodeURIComponent(service)}/${encodeURIComponent(dependency)}`;
}

const VERDICTS: Record<PoolVerdict, { readonly words: string; readonly className: string }> = {
  starved: { words: '▲ starved', className: 'chip bad' },
  churn: { words: '↻ churn', className: 'chip warn' },
  ok: { words: '✓ ok', className: 'chip' },
};

interface ListProps {
  readonly answer: ConnectionsAnswer;
  readonly chosen: Pick<PoolRow, 'service' | 'dependency'>;
}

/** Less is not worth a number. */
const NOTABLE_US = 100_000;

function PoolList({ answer, chosen }: ListProps) {
  return (
    <nav class="card pools" aria-label="Pools">
      <header>
        <h2>Pools</h2>
        <span class="muted">by time lost</span>
      </header>
      {answer.pools.map((pool) => {
        const { words, className } = VERDICTS[pool.verdict];
        const isChosen = pool.service === chosen.service && pool.dependency === chosen.dependency;
        const lost = pool.poolUs + pool.setupUs;
        return (
          <a
            data-row
            href={linkTo(poolPath(pool))}
            aria-current={isChosen ? 'page' : undefined}
            key={poolPath(pool)}
          >
            <span class="head">
              <span class="with-swatch">
                <Swatch category={pool.category} />
                <span class="medium ellipsis">
                  {pool.service} → {pool.dependency}
                </span>
              </span>
              <span class={className}>{words}</span>
            </span>
            <span class="facts">
              <span>
                {formatCount(pool.connections)} seen, {perMinute(pool.calls, answer)}/min
              </span>
              <span>{lost >= NOTABLE_US && `${formatDuration(lost)} lost`}</span>
            </span>
          </a>
        );
      })}
    </nav>
  );
}
