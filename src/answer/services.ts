// Which services were asked for something. In: a range. Out: one row each: its runtime, how many processes, how many requests.

import { columns, count, mapRows } from '../store/query.ts';
import type { AskStore } from '../store/store.ts';
import type { Range, ServiceInfo } from './api.ts';
import { timeCondition } from './range.ts';

/** The one with most requests first. Processes are those of the whole recording; requests those of the range. */
export async function servicesOf(store: AskStore, range: Range): Promise<ServiceInfo[]> {
  const [requests, processes] = await Promise.all([
    store.ask({
      from: 'requests',
      select: { ...columns('service'), requests: count() },
      where: [timeCondition(range)],
    }),
    store.ask({
      from: 'processes',
      select: columns('id', 'service', 'runtime', 'version'),
      orderBy: [{ by: 'id' }],
    }),
  ]);
  const services = new Map<string, ServiceInfo>();
  mapRows(processes, (row) => {
    const known = services.get(row.text('service'));
    services.set(row.text('service'), {
      name: row.text('service'),
      runtime: row.text('runtime'),
      version: row.text('version'),
      instances: (known?.instances ?? 0) + 1,
      requests: 0,
    });
  });
  mapRows(requests, (row) => {
    const name = row.text('service');
    const known = services.get(name) ?? { name, runtime: '', version: '', instances: 0, requests: 0 };
    services.set(name, { ...known, requests: row.number('requests') });
  });
  // A process that was asked for nothing (a start script, a worker) is in `status`, not among the services.
  const asked = [...services.values()].filter(({ requests }) => requests > 0);
  return asked.toSorted((a, b) => b.requests - a.requests || (a.name < b.name ? -1 : 1));
}
