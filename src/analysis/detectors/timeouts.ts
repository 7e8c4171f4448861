// D21: requests wait until a call is given up, at a time limit that is far beyond what answers take.
// Evidence: calls that failed or never ended, all after the same round time, beside others that were answered.
// Thresholds: 2 % of the requests of the endpoint, and with less than 5 % they have to be most of the slow ones (gates.ts); the limit is five times as long as 99 of 100 answers take (a shorter one would fail calls
// that are only slow).
// Cannot tell: why there is no answer. The prediction is a limit just above the slowest usual answer.

import { formatDuration, formatWholeShare } from '../../base/numbers.ts';
import { emptyChange, wireUs, withPhases } from '../replay/change.ts';
import { lineOf, occurrencesOf, usualCallSite, type Occurrence } from '../sample/occurrences.ts';
import type { RequestNode, SampledOperation } from '../sample/request-tree.ts';
import { shortStatement } from '../sample/statement-facts.ts';
import { quantileOf } from '../statistics/chances.ts';
import { byEndpoint, type Detector, type Suspicion } from './detector.ts';
import { timeoutFix } from './fixes.ts';

const LEAST_SHARE_OF_REQUESTS = 0.02;
const TIMES_AN_ANSWER = 5;
const LEAST_ANSWERS = 20;
/** What people write into configurations, ms. */
const LIMITS_MS = [
  100, 200, 250, 300, 400, 500, 600, 750, 800, 1000, 1500, 2000, 2500, 3000, 4000, 5000, 6000, 8000, 10_000,
  15_000, 20_000, 30_000, 60_000,
];
/** Timers fire late, never early: the first of them hardly, the others of a busy loop by as much as it is blocked. */
const LATE_SHARE = 0.02;
const LATE_US = 30_000;
const LATEST_SHARE = 0.5;

export const timeouts: Detector = {
  kind: 'timeouts',
  detect: (sample) =>
    byEndpoint(sample, (nodes) =>
      [...occurrencesOf(nodes).values()].flatMap((occurrences) => timeoutsOf(nodes, occurrences) ?? []),
    ),
};

function timeoutsOf(
  nodes: readonly RequestNode[],
  occurrences: readonly Occurrence[],
): Suspicion | undefined {
  const operations = occurrences.flatMap((each) => each.operations);
  const answered = operations.filter(({ outcome }) => outcome === 'ok');
  if (answered.length < LEAST_ANSWERS) return undefined;
  const answerUs = quantileOf(
    answered.map(({ phases }) => wireUs(phases)),
    0.99,
  );
  const limitUs = LIMITS_MS.map((ms) => ms * 1000)
    .filter((us) => us >= TIMES_AN_ANSWER * answerUs)
    .find((us) => isLimit(nodes, occurrences, us));
  if (limitUs === undefined) return undefined;
  const shown = occurrences.filter((each) => givenUp(each, limitUs).length > 0);
  const late = shown.flatMap((each) => givenUp(each, limitUs));
  const [at] = late;
  const endpoint = nodes[0]?.request;
  if (at === undefined || endpoint === undefined) return undefined;
  const change = emptyChange();
  for (const { id, phases } of late)
    change.phases.set(id, withPhases(phases, { send: 0, wait: Math.round(answerUs), receive: 0 }));
  return {
    kind: 'timeouts',
    title: `${shortStatement(at)} is given up after ${formatDuration(limitUs)} in ${formatWholeShare(shown.length / nodes.length)} of requests`,
    endpoint,
    at,
    callSite: lineOf(usualCallSite(late)),
    requests: shown.map(({ node }) => node),
    lookedAt: nodes.length,
    change,
    confidence: 'medium',
    fix: timeoutFix(at, answerUs),
  };
}

function isLimit(nodes: readonly RequestNode[], occurrences: readonly Occurrence[], us: number): boolean {
  const shown = occurrences.map((each) => givenUp(each, us)).filter(({ length }) => length > 0);
  const firstUs = Math.min(...shown.flat().map(({ phases }) => wireUs(phases)));
  return (
    shown.length > 0 &&
    shown.length >= LEAST_SHARE_OF_REQUESTS * nodes.length &&
    firstUs <= us * (1 + LATE_SHARE) + LATE_US
  );
}

function givenUp({ operations }: Occurrence, limitUs: number): SampledOperation[] {
  return operations.filter(({ outcome, phases }) => {
    const us = wireUs(phases);
    return outcome !== 'ok' && us >= limitUs && us <= limitUs * (1 + LATEST_SHARE);
  });
}
