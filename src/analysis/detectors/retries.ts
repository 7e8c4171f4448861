// D20: calls fail and are made again, and the request waits for both.
// Evidence: an operation that failed, and the same statement asked again in the same request after it.
// Thresholds: in 2 % of the requests of the endpoint, and with less than 5 % they have to be most of the slow ones (gates.ts); fewer are the weather.
// Cannot tell: why they fail (the finding names the most frequent word for it where the protocol has one), and whether a retry is right. The
// prediction is that calls succeed at once: the failed attempts and the pauses after them go.

import { formatWholeShare } from '../../base/numbers.ts';
import { emptyChange, NO_PHASES } from '../replay/change.ts';
import { lineOf, occurrencesOf, usualCallSite, type Occurrence } from '../sample/occurrences.ts';
import type { RequestNode, SampledOperation } from '../sample/request-tree.ts';
import { isControl, shortStatement } from '../sample/statement-facts.ts';
import { medianOf } from '../statistics/chances.ts';
import { byEndpoint, type Detector, type Suspicion } from './detector.ts';
import { retryFix } from './fixes.ts';

const LEAST_SHARE_OF_REQUESTS = 0.02;

export const retries: Detector = {
  kind: 'retries',
  detect: (sample) =>
    byEndpoint(sample, (nodes) =>
      [...occurrencesOf(nodes).values()].flatMap((occurrences) => retriesOf(nodes, occurrences) ?? []),
    ),
};

/** A failed call and the one that was made instead. */
interface Attempt {
  readonly node: RequestNode;
  readonly failed: SampledOperation;
  readonly pauseUs: number;
}

function retriesOf(nodes: readonly RequestNode[], occurrences: readonly Occurrence[]): Suspicion | undefined {
  const attempts = occurrences.flatMap(attemptsOf);
  const [first] = attempts;
  const endpoint = nodes[0]?.request;
  if (first === undefined || endpoint === undefined || isControl(first.failed)) return undefined;
  const requests = [...new Set(attempts.map(({ node }) => node))];
  if (requests.length < LEAST_SHARE_OF_REQUESTS * nodes.length) return undefined;
  const change = emptyChange();
  for (const { node, failed, pauseUs } of attempts) {
    change.phases.set(failed.id, NO_PHASES);
    change.gapsUs.set(node.request.id, (change.gapsUs.get(node.request.id) ?? 0) + pauseUs);
  }
  const at = first.failed;
  return {
    kind: 'retries',
    title: `${shortStatement(at)} fails and is tried again in ${formatWholeShare(requests.length / nodes.length)} of requests`,
    endpoint,
    at,
    callSite: lineOf(usualCallSite(attempts.map(({ failed }) => failed))),
    requests,
    lookedAt: nodes.length,
    change,
    confidence: 'medium',
    fix: retryFix(at, givenUpUs(attempts)),
  };
}

/** Of the failed attempts, those that ended without an answer. */
const GIVEN_UP_SHARE = 0.9;

/** How long they waited, where nearly all of them were given up. */
function givenUpUs(attempts: readonly Attempt[]): number | undefined {
  const givenUp = attempts.filter(({ failed }) => failed.outcome === 'unfinished');
  return givenUp.length >= GIVEN_UP_SHARE * attempts.length
    ? medianOf(givenUp.map(({ failed }) => failed.durationUs))
    : undefined;
}

function attemptsOf({ node, operations }: Occurrence): Attempt[] {
  return operations.flatMap((failed, index): Attempt[] => {
    const next = operations[index + 1];
    const endUs = failed.atUs + failed.durationUs;
    if (failed.outcome === 'ok' || next === undefined || next.atUs < endUs) return [];
    return [{ node, failed, pauseUs: next.atUs - endUs }];
  });
}
