// D14: the same question again and again, by request after request, with the same answer.
// Evidence: how long ago the same was asked, values included (salted hashes, collector); sizes of the answers.
// Thresholds: nine of ten questions were asked in the 30 s before, by another request; 50 of them were looked at; 99 % of answers have the
// size of the one before; it is half of the endpoint's time (an answer to why it is slow, not a list of all that repeats), and a query takes three
// times as long as the usual one; of a table of settings two of its rows in each request are enough, or always the same one. Caches themselves are left out, and so is
// what must be fresh.
// Cannot tell: how old an answer may be. So it is a question to the reader, and confidence is low.

import { CategoryIndex } from '../../model/category.ts';
import { formatWholeShare } from '../../base/numbers.ts';
import { emptyChange, NO_PHASES, withPhases, wireUs } from '../replay/change.ts';
import { lineOf, occurrencesOf, usualCallSite, type Occurrence } from '../sample/occurrences.ts';
import { peerOf } from '../sample/peers.ts';
import type { RequestNode, SampledOperation } from '../sample/request-tree.ts';
import { areKnown, groupsOf, mostAsked } from '../sample/same-question.ts';
import type { Sample } from '../sample/sample.ts';
import { isControl, isRead, names, shortStatement } from '../sample/statement-facts.ts';
import { medianOf } from '../statistics/chances.ts';
import { byEndpoint, type Detector, type Suspicion } from './detector.ts';
import { cacheFix } from './fixes.ts';

const KEEP_US = 30e6;
const LEAST_HITS = 0.9;
const LEAST_QUESTIONS = 50;
const LEAST_EQUAL_ANSWERS = 0.99;
const LEAST_SHARE_OF_ENDPOINT = 0.5;
const TIMES_THE_USUAL = 3;
const LEAST_SETTINGS = 2;
const CONSTANT_SHARE = 0.95;
/** What somebody changes once in a while. */
const SETTINGS = new Set('setting config configuration option preference feature flag parameter'.split(' '));
const MUST_BE_FRESH = new Set(
  'sess session auth oauth token jwt permission role lock balance stock inventory payment cart order queue job task random now'.split(
    ' ',
  ),
);

export const cacheable: Detector = {
  kind: 'cacheable',
  detect: (sample) =>
    byEndpoint(sample, (nodes) =>
      [...occurrencesOf(nodes).values()].flatMap(
        (occurrences) => repeatedOf(sample, nodes, occurrences) ?? [],
      ),
    ),
};

function repeatedOf(
  sample: Sample,
  nodes: readonly RequestNode[],
  occurrences: readonly Occurrence[],
): Suspicion | undefined {
  const at = occurrences[0]?.operations[0];
  const endpoint = nodes[0]?.request;
  if (at === undefined || endpoint === undefined || !mayBeKept(at)) return undefined;
  const questions = occurrences.flatMap(({ operations }) => questionsOf(sample, at, operations));
  const areSettings = ofSettings(at) && areRead(sample, questions, occurrences);
  const hits = questions.filter(({ repeatAgeUs = -1 }) => repeatAgeUs >= 0 && repeatAgeUs <= KEEP_US);
  if (questions.length < LEAST_QUESTIONS || hits.length < LEAST_HITS * questions.length) return undefined;
  const takesUs = questions.reduce((sum, { exclusiveUs }) => sum + exclusiveUs, 0);
  // A loop that somebody else keeps busy is none of the endpoint's.
  const allUs = nodes.reduce((sum, { request }) => sum + request.durationUs - loopUs(request), 0);
  if (takesUs < LEAST_SHARE_OF_ENDPOINT * allUs || !(areSettings || isDear(sample, questions, at)))
    return undefined;
  if (!areEqual(sample, questions)) return undefined;
  const isHit = new Set(hits);
  const change = emptyChange();
  const least = emptyChange();
  const roundTripUs = peerOf(sample, at).roundTripUs;
  for (const { id, phases } of hits) {
    change.phases.set(id, NO_PHASES);
    // A cache that several processes share is a round trip away.
    least.phases.set(
      id,
      withPhases(phases, { send: 0, wait: Math.min(roundTripUs, wireUs(phases)), receive: 0 }),
    );
  }
  return {
    kind: 'cacheable',
    title: `${shortStatement(at)}: ${formatWholeShare(hits.length / questions.length)} were asked with the same values in the 30 s before`,
    endpoint,
    at,
    callSite: lineOf(usualCallSite(questions)),
    requests: occurrences
      .filter(({ operations }) => operations.some((operation) => isHit.has(operation)))
      .map(({ node }) => node),
    lookedAt: nodes.length,
    change,
    // Settings are read once, by each process.
    least: areSettings ? change : least,
    confidence: 'low',
    fix: cacheFix(at),
  };
}

function ofSettings({ category, statement }: SampledOperation): boolean {
  return category === 'db' && names(statement, SETTINGS);
}

/** Several in each request, or always the same one: the only row of a tenant is asked for by all of its requests, and differs from tenant to tenant. */
function areRead(
  sample: Sample,
  questions: readonly SampledOperation[],
  occurrences: readonly Occurrence[],
): boolean {
  if (questions.length >= LEAST_SETTINGS * occurrences.length) return true;
  const groups = groupsOf(sample);
  const same = areKnown(groups, questions) ? mostAsked(groups, questions) : [];
  return same.length >= CONSTANT_SHARE * questions.length;
}

/** The same one again within a request is another finding (duplicate-call.ts); only of settings several are looked at. */
function questionsOf(
  sample: Sample,
  at: SampledOperation,
  operations: readonly SampledOperation[],
): readonly SampledOperation[] {
  if (!ofSettings(at)) return operations.slice(0, 1);
  const groups = groupsOf(sample);
  const seen = new Set<number | undefined>();
  return operations.filter((operation) => {
    const group = groups.get(operation);
    return !seen.has(group) && seen.add(group);
  });
}

function loopUs({ ownCategories }: RequestNode['request']): number {
  return ownCategories[CategoryIndex.loop] ?? 0;
}

function mayBeKept(operation: SampledOperation): boolean {
  const { category, statement, callSite } = operation;
  if (category === 'cache' || !isRead(operation) || isControl(operation)) return false;
  const file = callSite.split('/').at(-1)?.split('.')[0] ?? '';
  return !names(statement, MUST_BE_FRESH) && !names(file, MUST_BE_FRESH);
}

/** A database is there to be asked: only what takes longer than usual is worth keeping. A call to another service always is. */
function isDear(sample: Sample, questions: readonly SampledOperation[], at: SampledOperation): boolean {
  if (at.protocol === 'http') return true;
  const medianUs = medianOf(questions.map(({ phases }) => wireUs(phases)));
  return medianUs >= TIMES_THE_USUAL * peerOf(sample, at).usualUs;
}

/** Answers to the same question have the size of the one before. */
function areEqual(sample: Sample, questions: readonly SampledOperation[]): boolean {
  const groups = groupsOf(sample);
  const last = new Map<number, SampledOperation>();
  let pairs = 0;
  let equal = 0;
  for (const question of questions.toSorted((a, b) => a.atUs - b.atUs)) {
    const group = groups.get(question) ?? -1;
    const before = last.get(group);
    last.set(group, question);
    if (before === undefined || group < 0) continue;
    pairs++;
    if (before.bytesIn === question.bytesIn && before.rows === question.rows) equal++;
  }
  return pairs > 0 && equal >= LEAST_EQUAL_ANSWERS * pairs;
}
