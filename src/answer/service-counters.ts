// What processes have counted, by the services that they are of. In: names of counters. Out: each value, one after the other.

import { columns, mapRows } from '../store/query.ts';
import type { AskStore } from '../store/store.ts';

interface ServiceCounter {
  readonly service: string;
  readonly name: string;
  readonly value: number;
}

/** One for each process that has counted it. */
export async function serviceCounters(store: AskStore, names: readonly string[]): Promise<ServiceCounter[]> {
  const [counters, processes] = await Promise.all([
    store.ask({
      from: 'counters',
      select: columns('process', 'name', 'value'),
      where: [{ column: 'name', isIn: names }],
    }),
    store.ask({ from: 'processes', select: columns('id', 'service') }),
  ]);
  const services = new Map(mapRows(processes, (row) => [row.number('id'), row.text('service')]));
  return mapRows(counters, (row) => {
    const service = services.get(row.number('process'));
    return service === undefined ? [] : [{ service, name: row.text('name'), value: row.number('value') }];
  }).flat();
}
