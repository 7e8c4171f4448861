// The first request that each process answered of each endpoint, as far as the sample shows that it was the first: everything since the start of
// the process is there. In: nodes, starts of processes. Out: a set. Each stands for itself alone; the others of a sample stand for many.

import { endpointKey, type RequestNode } from './request-tree.ts';

/** Process → when it was started, µs since 1970. */
export type Starts = ReadonlyMap<number, number>;

export function firstRequests(nodes: readonly RequestNode[], starts: Starts): ReadonlySet<RequestNode> {
  const fromUs = startsOfBlocks(nodes);
  const firsts = new Map<string, RequestNode>();
  for (const node of nodes) {
    const { process, atUs } = node.request;
    const startedUs = starts.get(process);
    if (startedUs === undefined || node.isAlone || !isAllThere(node, startedUs, fromUs)) continue;
    const key = `${process}\n${endpointKey(node.request)}`;
    const known = firsts.get(key);
    if (known === undefined || atUs < known.request.atUs) firsts.set(key, node);
  }
  return new Set(firsts.values());
}

/** Its process was started after its block began, or in the first block, which begins with the recording. */
function isAllThere({ block }: RequestNode, startedUs: number, fromUs: ReadonlyMap<number, number>): boolean {
  return block === 0 || startedUs >= (fromUs.get(block) ?? Number.POSITIVE_INFINITY);
}

function startsOfBlocks(nodes: readonly RequestNode[]): ReadonlyMap<number, number> {
  const fromUs = new Map<number, number>();
  for (const { block, isAlone, request } of nodes)
    if (!isAlone) fromUs.set(block, Math.min(request.atUs, fromUs.get(block) ?? Number.POSITIVE_INFINITY));
  return fromUs;
}
