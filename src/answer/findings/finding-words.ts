// What findings say in a sentence, and as rows. In: findings. Out: words and rows. Fixed templates, as everywhere.

import { formatWholeShare } from '../../base/numbers.ts';
import type { Findings } from '../../analysis/engine.ts';
import type { CategoryKey } from '../../model/category.ts';
import type { Finding, FindingKind } from '../../model/finding.ts';
import { factsOf } from '../../model/protocol.ts';
import type { CategoryTotal, FindingRow, FindingRows, Words } from '../api.ts';

/** Less is not worth a sentence. */
const LEAST_GAIN = 0.005;
/** "More than half of that." */
const CAUSE_SHARE = 0.5;

/** What a sentence calls it, before "in cart". */
const CAUSES: Readonly<Record<FindingKind, string>> = {
  'pointer-chase': 'one chain of look-ups',
  'loop-of-calls': 'one loop',
  'n-plus-one': 'one loop',
  'n-plus-one-calls': 'one loop',
  polling: 'one call that is asked again and again',
  'wide-fan-out': 'one call that is made many times at once',
  'duplicate-call': 'one repeated call',
  'shared-fetch': 'one repeated call',
  timeouts: 'one time limit',
  retries: 'one call that fails',
  'stall-40-ms': 'one stall',
  'dns-per-call': 'one client without keep-alive',
  'tls-per-call': 'one client without keep-alive',
  'new-connections': 'one client without keep-alive',
  'held-connection': 'one held connection',
  'pool-starvation': 'one small pool',
  'row-lock': 'one lock',
  'blocked-loop': 'one piece of code',
  'head-of-line': 'one slow command',
  'cold-start': 'the first requests after a start',
  'control-statements': 'one way to use connections',
  'far-dependency': 'the way there and back',
  'sequential-calls': 'one sequence of calls',
  deferrable: 'one call that could wait',
  'missing-compression': 'one answer that is not compressed',
  'large-answer': 'one large answer',
  'slow-operation': 'one slow query',
  cacheable: 'one call that is always the same',
};

/** `, and one loop in cart causes more than half of that.`; nothing when no finding does. */
export function causeWords(findings: readonly FindingRow[], { key, share }: CategoryTotal): Words[] {
  const cause = findings.find(
    (finding) => categoryOf(finding) === key && finding.share > CAUSE_SHARE * share,
  );
  if (cause === undefined || cause.isCeiling) return [];
  return [{ text: `, and ${CAUSES[cause.kind]} in ${cause.service} causes more than half of that.` }];
}

/** The kind of time that goes. */
export function categoryOf({ kind, protocol }: Pick<Finding, 'kind' | 'protocol'>): CategoryKey {
  if (kind === 'pool-starvation' || kind === 'held-connection') return 'pool';
  if (kind === 'blocked-loop') return 'loop';
  if (kind === 'cold-start') return 'own';
  if (kind === 'dns-per-call' || kind === 'tls-per-call' || kind === 'new-connections') return 'conn';
  return factsOf(protocol).category;
}

/** The second line of the home page begins with what can be gained. */
export function gainWords(findings: FindingRows | undefined): Words[] {
  const count = Math.min(3, findings?.rows.length ?? 0);
  if (findings === undefined || count === 0 || findings.firstThreeShare < LEAST_GAIN) return [];
  // What is new has a share of the time since, not of all time.
  if (findings.rows.slice(0, count).some(({ newSince }) => newSince !== undefined)) return [];
  const which = ['', 'this finding', 'these two findings', 'the first three findings'][count] ?? '';
  return [
    { text: `Fixing ${which} would cut all request time by ` },
    { text: formatWholeShare(findings.firstThreeShare), isStrong: true },
    { text: '. ' },
  ];
}

export function findingRows({ findings, firstThreeShare, togetherShare }: Findings): FindingRows {
  return { rows: findings.flatMap(findingRow), firstThreeShare, togetherShare };
}

/** A finding that helps nobody has no row. */
export function findingRow({ evidence, effects, ...finding }: Finding): FindingRow[] {
  const [effect] = effects;
  if (effect === undefined) return [];
  const exampleTrace = evidence.traceIds[Math.floor(evidence.traceIds.length / 2)] ?? '';
  return [{ ...finding, requests: evidence.requests, effect, exampleTrace }];
}
