// D14: a cache that is asked first and never has the answer, so that what it should spare is done each time.
// Evidence: a look into a cache that finds nothing, work, and a write of the same pattern of key, in this order, in nearly every request; and
// the same work was done for another request less than 30 s before, so that the answer was known.
// Thresholds: 95 % of the looks find nothing; nine of ten of them are followed by the write; half of the work was asked with the same values.
// Left out: keys that are new on purpose (who asks whether something was done already repeats no work), and work that changes something.
// Cannot tell: how old an answer may be, so what is shown is the most: all of the work and the write gone where it was done before.

import { formatWholeShare } from '../../base/numbers.ts';
import { REPEAT_NEVER } from '../../model/repeat.ts';
import { addTo, emptyChange, NO_PHASES } from '../replay/change.ts';
import { lineOf, occurrencesOf, usualCallSite, type Occurrence } from '../sample/occurrences.ts';
import { endOf, groupBy, type RequestNode, type SampledOperation } from '../sample/request-tree.ts';
import { isControl, isRead, shortStatement, targetOf } from '../sample/statement-facts.ts';
import { byEndpoint, type Detector, type Suspicion } from './detector.ts';
import { vainCacheFix } from './fixes.ts';

const VAIN_SHARE = 0.95;
const KEPT_SHARE = 0.9;
const KNOWN_SHARE = 0.5;
const LEAST_LOOKS = 20;
const KEEP_US = 30e6;
/** Of the looks: nobody has asked for that key before. */
const NEW_SHARE = 0.9;

export const vainCache: Detector = {
  kind: 'cacheable',
  detect: (sample) =>
    byEndpoint(sample, (nodes) => {
      const vain = [...occurrencesOf(nodes).values()].flatMap(
        (occurrences) => vainOf(nodes, occurrences) ?? [],
      );
      return [...groupBy(vain, ({ callSite, title }) => callSite || title).values()].flatMap(together);
    }),
};

/** Keys that differ in a word are several statements of one line: one thing to mend. */
function together(same: readonly Suspicion[]): Suspicion[] {
  const [first, ...others] = same.toSorted((a, b) => b.requests.length - a.requests.length);
  if (first === undefined || others.length === 0) return [...same];
  const change = emptyChange();
  for (const each of same) addTo(change, each.change);
  const more = others.length === 1 ? 'one other' : `${others.length} others`;
  return [
    {
      ...first,
      title: first.title.replace(' finds nothing', `, like ${more} of its line, finds nothing`),
      requests: [...new Set(same.flatMap(({ requests }) => requests))],
      change,
    },
  ];
}

/** A look in vain, and what was done until its answer was kept. */
interface Miss {
  readonly node: RequestNode;
  readonly look: SampledOperation;
  readonly work: readonly SampledOperation[];
  readonly write: SampledOperation;
}

function vainOf(nodes: readonly RequestNode[], occurrences: readonly Occurrence[]): Suspicion | undefined {
  const looks = occurrences.flatMap(({ operations }) => operations);
  const [at] = looks;
  const endpoint = nodes[0]?.request;
  if (at === undefined || endpoint === undefined || looks.length < LEAST_LOOKS) return undefined;
  if (at.category !== 'cache' || !isRead(at) || isControl(at)) return undefined;
  const vain = looks.filter(({ rows }) => rows === 0).length;
  const misses = occurrences.flatMap((each) => missOf(each) ?? []);
  if (vain < VAIN_SHARE * looks.length || misses.length < KEPT_SHARE * occurrences.length) return undefined;
  const known = misses.filter(({ work }) => work.some(wasAskedBefore));
  if (known.length < KNOWN_SHARE * misses.length) return undefined;
  const change = emptyChange();
  for (const { work, write } of known)
    for (const { id } of [...work, write]) change.phases.set(id, NO_PHASES);
  const isNew =
    looks.filter(({ repeatAgeUs }) => repeatAgeUs === REPEAT_NEVER).length >= NEW_SHARE * looks.length;
  return {
    kind: 'cacheable',
    title: `${shortStatement(at)} finds nothing in ${formatWholeShare(vain / looks.length)} of looks: ${isNew ? 'each asks for another key' : 'what was kept is gone'}`,
    endpoint,
    at,
    callSite: lineOf(usualCallSite(looks)),
    requests: known.map(({ node }) => node),
    lookedAt: nodes.length,
    change,
    confidence: 'medium',
    isCeiling: true,
    fix: vainCacheFix(isNew),
  };
}

function missOf({ node, operations: [look] }: Occurrence): Miss | undefined {
  const write = look && node.operations.find((each) => keeps(each, look));
  if (look === undefined || write === undefined || look.rows !== 0) return undefined;
  const work = node.operations.filter(
    (each) =>
      each.atUs >= endOf(look) && endOf(each) <= write.atUs && each.role === 'work' && !isControl(each),
  );
  return work.length > 0 && work.every(isRead) ? { node, look, work, write } : undefined;
}

function keeps(operation: SampledOperation, look: SampledOperation): boolean {
  const isLater = operation.atUs >= endOf(look) && operation.dependency === look.dependency;
  return isLater && !isRead(operation) && !isControl(operation) && targetOf(operation) === targetOf(look);
}

function wasAskedBefore({ repeatAgeUs = -1 }: SampledOperation): boolean {
  return repeatAgeUs >= 0 && repeatAgeUs <= KEEP_US;
}
