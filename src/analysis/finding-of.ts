// A finding as everyone sees it. In: a judged suspicion. Out: the model's Finding, with an id that stays the same.

import type { Finding } from '../model/finding.ts';
import type { Suspicion } from './detectors/detector.ts';
import { confidenceOf } from './gates.ts';
import type { Judged } from './judged.ts';
import { rootOf, type RequestNode } from './sample/request-tree.ts';

const MOST_EXAMPLES = 20;

export function findingOf(judged: Judged, marginalShare: number): Finding {
  const { suspicion, effects, interval, share } = judged;
  const { kind, title, endpoint, at, callSite, requests, lookedAt, isCeiling = false, fix } = suspicion;
  const [main] = effects;
  const { service, method, route } = endpoint;
  return {
    id: idOf(suspicion),
    kind,
    title,
    service,
    endpoint: { service, method, route },
    statement: at.statement,
    dependency: at.dependency,
    protocol: at.protocol,
    callSite,
    evidence: { requests: requests.length, lookedAt, traceIds: examplesOf(requests) },
    saving: {
      p50Us: main === undefined ? 0 : main.p50.nowUs - main.p50.afterUs,
      p95Us: main === undefined ? 0 : main.p95.nowUs - main.p95.afterUs,
      meanUs: Math.round(main?.meanUs ?? 0),
      lowUs: Math.round(Math.min(interval[0], main?.meanUs ?? 0)),
      highUs: Math.round(Math.max(interval[1], main?.meanUs ?? 0)),
    },
    share,
    marginalShare,
    effects,
    confidence: confidenceOf(suspicion),
    isCeiling,
    fix,
  };
}

/** No line numbers, no values and no address: an edit above the place, other data, or a database that has moved does not make it another finding. */
export function idOf({ kind, endpoint, at }: Suspicion): string {
  const { service, method, route } = endpoint;
  return `${kind}-${fnv1a([service, method, route, productOf(at.dependency), at.statement].join('\n'))}`;
}

/** `Redis` of `Redis 10.0.0.7:6379`. */
function productOf(dependency: string): string {
  return dependency.split(' ', 1)[0] ?? '';
}

/** FNV-1a over UTF-16 code units: 32 bits tell the findings of one backend apart. */
function fnv1a(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}

/** Evenly from the fastest to the slowest. */
function examplesOf(requests: readonly RequestNode[]): string[] {
  const roots = [...new Set(requests.map(rootOf))].toSorted(
    (a, b) => a.request.durationUs - b.request.durationUs,
  );
  const step = Math.max(1, (roots.length - 1) / (MOST_EXAMPLES - 1));
  const picked = new Set<string>();
  for (let index = 0; index < roots.length && picked.size < MOST_EXAMPLES; index += step) {
    const traceId = roots[Math.round(index)]?.request.traceId;
    if (traceId !== undefined) picked.add(traceId);
  }
  return [...picked];
}
