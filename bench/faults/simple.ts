// How well two simple ways to look do on the same recordings (spans.ts). In: faults, operations of both sides. Out: the figures of each way.

import { isAt, type AppFault } from './app-truth.ts';
import { fixedLimits, longestInAll, type Reported, type Span, type WayName } from './spans.ts';

export interface Simple {
  readonly found: number;
  readonly atLine: number;
  readonly reported: number;
  readonly ndcg: number;
}

type Order = readonly (AppFault | undefined)[];

export function simplyJudged(
  faults: readonly AppFault[],
  [seeded, clean]: readonly [readonly Span[], readonly Span[]],
  ndcgOf: (order: Order) => number,
): Readonly<Record<WayName, Simple>> {
  const judged = (reports: readonly Reported[], onClean: number): Simple => {
    const order = reports.map((report) => faults.find((fault) => fits(fault, report)));
    const found = faults.filter((fault) => order.includes(fault));
    const isAtLine = (fault: AppFault) =>
      reports.some((each, index) => order[index] === fault && isAt(fault, each.callSite));
    return {
      found: found.length,
      atLine: found.filter(isAtLine).length,
      reported: reports.length + onClean,
      ndcg: ndcgOf(order),
    };
  };
  return {
    longestInAll: judged(longestInAll(seeded, faults.length), 0),
    fixedLimits: judged(fixedLimits(seeded), fixedLimits(clean).length),
  };
}

function fits({ endpoint, kinds }: AppFault, { kind, endpoint: reported }: Reported): boolean {
  return endpoint === reported && (kind === undefined || kinds.includes(kind));
}
