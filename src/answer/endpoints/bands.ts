// Which requests of an endpoint are typical (p40 to p60) and which are slow (from p95 up). In: its requests. Out: conditions for the store, with the
// share of its requests that each holds for.

import type { Condition } from '../../store/query.ts';
import { count, numbersOf, quantile } from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';

export interface Bands {
  readonly requests: number;
  readonly typical: Condition;
  readonly slow: Condition;
}

export const BAND_SHARES = { typical: 0.2, slow: 0.05 } as const;

export async function bandsOf(store: AskStore, where: readonly Condition[]): Promise<Bands> {
  const table = await store.ask({
    from: 'requests',
    select: {
      requests: count(),
      p40: quantile('durationUs', 0.4),
      p60: quantile('durationUs', 0.6),
      p95: quantile('durationUs', 0.95),
    },
    where,
  });
  const at = (name: string): number => numbersOf(table, name)[0] ?? 0;
  return {
    requests: at('requests'),
    typical: { column: 'durationUs', from: at('p40'), to: at('p60') },
    slow: { column: 'durationUs', from: at('p95') },
  };
}
