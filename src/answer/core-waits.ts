// How long each service waited for a processor core. In: the counters of its processes. Out: totals of the whole recording.

import type { CoreWait } from '../model/core-wait.ts';
import { columns, mapRows } from '../store/query.ts';
import type { AskStore } from '../store/store.ts';

const FIELDS: Readonly<Record<string, 'ranUs' | 'waitedUs' | 'throttledUs'>> = {
  'cores.ranUs': 'ranUs',
  'cores.waitedUs': 'waitedUs',
  'cores.throttledUs': 'throttledUs',
};

/** None on systems whose kernel does not tell. The limit of a container holds for all processes in it, so the longest of them counts. */
export async function coreWaitsOf(store: AskStore): Promise<CoreWait[]> {
  const [counters, processes] = await Promise.all([
    store.ask({
      from: 'counters',
      select: columns('process', 'name', 'value'),
      where: [{ column: 'name', isIn: Object.keys(FIELDS) }],
    }),
    store.ask({ from: 'processes', select: columns('id', 'service') }),
  ]);
  const services = new Map(mapRows(processes, (row) => [row.number('id'), row.text('service')]));
  const waits = new Map<string, { ranUs: number; waitedUs: number; throttledUs: number }>();
  mapRows(counters, (row) => {
    const service = services.get(row.number('process'));
    const field = FIELDS[row.text('name')];
    if (service === undefined || field === undefined) return;
    const known = waits.get(service) ?? { ranUs: 0, waitedUs: 0, throttledUs: 0 };
    const value = row.number('value');
    known[field] = field === 'throttledUs' ? Math.max(known[field], value) : known[field] + value;
    waits.set(service, known);
  });
  return [...waits].map(([service, wait]) => ({ service, ...wait }));
}
