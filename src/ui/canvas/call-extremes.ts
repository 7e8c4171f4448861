// The shortest and the longest call of each kind in a trace. In: a trace in columns. Out: by service, statement, peer and place. Pure.

import type { TimeByOperation } from '../../answer/api.ts';
import type { TraceData } from '../state/trace-data.ts';

export interface Extremes {
  readonly leastUs: number;
  readonly mostUs: number;
}

type Kind = Pick<TimeByOperation, 'service' | 'statement' | 'dependency' | 'callSite'>;

export function kindKey({ service, statement, dependency, callSite }: Kind): string {
  return [service, statement, dependency, callSite].join('\n');
}

export function extremesOf({ operations, requests }: TraceData): ReadonlyMap<string, Extremes> {
  const serviceOf = new Map(requests.map(({ id, service }) => [id, service]));
  const byPlace = new Map<string, { first: number; leastUs: number; mostUs: number }>();
  const { request, durationUs } = operations.numbers;
  for (let index = 0; index < operations.length; index++) {
    // Numbers of places, not their texts: of 100 000 calls few are different.
    const key = `${serviceOf.get(request[index] ?? 0)} ${operations.placeOf(index)}`;
    const us = durationUs[index] ?? 0;
    const known = byPlace.get(key);
    if (known === undefined) byPlace.set(key, { first: index, leastUs: us, mostUs: us });
    else {
      known.leastUs = Math.min(known.leastUs, us);
      known.mostUs = Math.max(known.mostUs, us);
    }
  }
  return new Map(
    Array.from(byPlace.values(), ({ first, leastUs, mostUs }) => [
      kindKey({
        service: serviceOf.get(request[first] ?? 0) ?? '',
        statement: operations.text('statement', first),
        dependency: operations.text('dependency', first),
        callSite: operations.text('callSite', first),
      }),
      { leastUs, mostUs },
    ]),
  );
}
