// What the agents of each service told of its CPU. In: the counters of its processes. Out: totals of the whole recording.

import type { ToldCpu } from '../model/told-cpu.ts';
import type { AskStore } from '../store/store.ts';
import { serviceCounters } from './service-counters.ts';

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
  const told = new Map<string, Record<Field, number>>();
  for (const { service, name, value } of await serviceCounters(store, Object.keys(FIELDS))) {
    const field = FIELDS[name];
    if (field === undefined) continue;
    const known = told.get(service) ?? { ...NOTHING };
    known[field] += value;
    told.set(service, known);
  }
  return [...told].map(([service, totals]) => ({ service, ...totals }));
}
