// Which findings are about calls of a trace, and which calls paused for 40 ms. In: a trace, the findings of the recording. Out: some of
// them; marks by index of an operation. Pure.

import type { Finding } from '../../model/finding.ts';
import { PHASES } from '../../model/row.ts';
import { mayBeStall } from '../../model/stall.ts';
import { isAbout } from './finding-words.ts';
import type { TraceData } from './trace-data.ts';

/** Places in the code of all operations, each once. */
function placesOf({ operations }: TraceData) {
  const places = new Map<number, number>();
  for (let index = 0; index < operations.length; index++) {
    const place = operations.placeOf(index);
    if (!places.has(place)) places.set(place, index);
  }
  return [...places].map(([place, index]) => ({
    place,
    statement: operations.text('statement', index),
    dependency: operations.text('dependency', index),
    callSite: operations.text('callSite', index),
  }));
}

/** In their order. Of one that is about no call: that its endpoint is part of the trace. */
export function findingsIn(answer: TraceData, findings: readonly Finding[]): readonly Finding[] {
  const places = placesOf(answer);
  const hasEndpoint = ({ endpoint }: Finding): boolean =>
    answer.requests.some(
      ({ service, method, route }) =>
        service === endpoint.service && method === endpoint.method && route === endpoint.route,
    );
  return findings.filter(
    (finding) =>
      hasEndpoint(finding) &&
      (finding.kind === 'blocked-loop' || places.some((place) => isAbout(finding, place))),
  );
}

/** undefined: no finding is about pauses. */
export function stallsIn(answer: TraceData, findings: readonly Finding[]): Uint8Array | undefined {
  const stalls = findings.filter(({ kind }) => kind === 'stall-40-ms');
  if (stalls.length === 0) return undefined;
  const meant = new Set(
    placesOf(answer)
      .filter((place) => stalls.some((finding) => isAbout(finding, place)))
      .map(({ place }) => place),
  );
  const inCallee = new Map(
    answer.requests.map(({ parentOperation, durationUs }) => [parentOperation, durationUs]),
  );
  const { operations } = answer;
  return Uint8Array.from({ length: operations.length }, (_, index) => {
    if (!meant.has(operations.placeOf(index))) return 0;
    const phases = operations.phasesUs.subarray(index * PHASES.length, (index + 1) * PHASES.length);
    return mayBeStall(phases, inCallee.get(operations.numbers.id[index] ?? 0) ?? 0) ? 1 : 0;
  });
}
