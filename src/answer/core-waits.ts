// How long each service waited for a processor core. In: the counters of its processes. Out: totals of the whole recording.

import type { CoreWait } from '../model/core-wait.ts';
import type { AskStore } from '../store/store.ts';
import { serviceCounters } from './service-counters.ts';

const FIELDS: Readonly<Record<string, 'ranUs' | 'waitedUs' | 'throttledUs'>> = {
  'cores.ranUs': 'ranUs',
  'cores.waitedUs': 'waitedUs',
  'cores.throttledUs': 'throttledUs',
};

/** None on systems whose kernel does not tell. The limit of a container holds for all processes in it, so the longest of them counts. */
export async function coreWaitsOf(store: AskStore): Promise<CoreWait[]> {
  const waits = new Map<string, { ranUs: number; waitedUs: number; throttledUs: number }>();
  for (const { service, name, value } of await serviceCounters(store, Object.keys(FIELDS))) {
    const field = FIELDS[name];
    if (field === undefined) continue;
    const known = waits.get(service) ?? { ranUs: 0, waitedUs: 0, throttledUs: 0 };
    known[field] = field === 'throttledUs' ? Math.max(known[field], value) : known[field] + value;
    waits.set(service, known);
  }
  return [...waits].map(([service, wait]) => ({ service, ...wait }));
}

/** Of the time in which each service wanted a core, the part in which it had one. */
export async function coreSharesOf(store: AskStore): Promise<ReadonlyMap<string, number>> {
  const waits = await coreWaitsOf(store);
  return new Map(
    waits.flatMap(({ service, ranUs, waitedUs }) =>
      ranUs > 0 ? [[service, ranUs / (ranUs + waitedUs)] as const] : [],
    ),
  );
}
