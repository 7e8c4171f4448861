// What the agents of each service told of its CPU. In: the counters of its processes. Out: totals of the whole recording.

import type { ToldCpu } from '../model/told-cpu.ts';
import { columns, mapRows } from '../store/query.ts';
import type { AskStore } from '../store/store.ts';

type Field = Exclude<keyof ToldCpu, 'service'>;

const FIELDS: Readonly<Record<string, Field>> = {
  'gc.count': 'gcCount',
  'gc.pausedUs': 'gcPausedUs',
  'gc.busyUs': 'gcBusyUs',
  'agent.ownUs': 'agentUs',
  'agent.cpuUs': 'processUs',
};
const NOTHING: Readonly<Record<Field, number>> = {
  gcCount: 0,
  gcPausedUs: 0,
  gcBusyUs: 0,
  agentUs: 0,
  processUs: 0,
};

export async function toldCpuOf(store: AskStore): Promise<ToldCpu[]> {
  const [counters, processes] = await Promise.all([
    store.ask({
      from: 'counters',
      select: columns('process', 'name', 'value'),
      where: [{ column: 'name', isIn: Object.keys(FIELDS) }],
    }),
    store.ask({ from: 'processes', select: columns('id', 'service') }),
  ]);
  const services = new Map(mapRows(processes, (row) => [row.number('id'), row.text('service')]));
  const told = new Map<string, Record<Field, number>>();
  mapRows(counters, (row) => {
    const service = services.get(row.number('process'));
    const field = FIELDS[row.text('name')];
    if (service === undefined || field === undefined) return;
    const known = told.get(service) ?? { ...NOTHING };
    known[field] += row.number('value');
    told.set(service, known);
  });
  return [...told].map(([service, totals]) => ({ service, ...totals }));
}
