// Which operations of a sample asked the same thing: one statement with equal values. In: a sample. Out: groups. Each operation tells how
// long before it the same was asked (collector), and so names the one before it. Values are not known here, only that they were equal.

import { statementKey } from './occurrences.ts';
import { groupBy, type SampledOperation } from './request-tree.ts';
import type { Sample } from './sample.ts';

/** Operation → group. Operations whose values were not seen have none. */
type Groups = ReadonlyMap<SampledOperation, number>;

/** Of one statement: start → group, undefined where several began. */
type Starts = Map<number, number | undefined>;

/** Times are rounded on both sides. */
const ROUNDING_US = 2;

/** All that is looked at of an operation. */
export type Asked = Pick<SampledOperation, 'statement' | 'dependency' | 'atUs' | 'repeatAgeUs'>;

const known = new WeakMap<Sample, Groups>();

export function groupsOf(sample: Sample): Groups {
  const groups = known.get(sample) ?? makeGroups(sample);
  known.set(sample, groups);
  return groups;
}

/** All of their values were seen. */
export function areKnown(groups: Groups, operations: readonly SampledOperation[]): boolean {
  return operations.every((operation) => groups.has(operation));
}

/** Of calls of one statement in one request: those with the values that were asked most often. */
export function mostAsked(
  groups: Groups,
  operations: readonly SampledOperation[],
): readonly SampledOperation[] {
  const same = groupBy(operations, (operation) => String(groups.get(operation)));
  return [...same.values()].toSorted((a, b) => b.length - a.length)[0] ?? [];
}

/** One question is half of them and more: it is asked again. Fewer are a list in which some are the same. */
export function areMostlyTheSame(groups: Groups, operations: readonly SampledOperation[]): boolean {
  return mostAsked(groups, operations).length * 2 >= operations.length;
}

function makeGroups(sample: Sample): Groups {
  return groupQuestions(sample.nodes.flatMap((node) => node.operations)).groups;
}

export interface QuestionGroups<T> {
  readonly groups: ReadonlyMap<T, number>;
  /** They asked what another one asked, and nobody can tell which: each has a group of its own. */
  readonly unclear: ReadonlySet<T>;
}

export function groupQuestions<T extends Asked>(operations: readonly T[]): QuestionGroups<T> {
  const groups = new Map<T, number>();
  const unclear = new Set<T>();
  const starts = new Map<string, Starts>();
  const asked = operations
    .filter(({ repeatAgeUs = -1 }) => repeatAgeUs !== -1)
    .toSorted((a, b) => a.atUs - b.atUs || (a.repeatAgeUs ?? 0) - (b.repeatAgeUs ?? 0));
  let last = 0;
  for (const operation of asked) {
    const key = statementKey(operation);
    const same = starts.get(key) ?? new Map<number, number | undefined>();
    starts.set(key, same);
    const earlier = before(same, operation);
    if (earlier === 'several') unclear.add(operation);
    const group = typeof earlier === 'number' ? earlier : ++last;
    groups.set(operation, group);
    same.set(
      operation.atUs,
      same.has(operation.atUs) && same.get(operation.atUs) !== group ? undefined : group,
    );
  }
  return { groups, unclear };
}

/** What is asked at once (`Promise.all` over a list) begins within the rounding: then nobody knows which one it was. */
function before(same: Starts, { atUs, repeatAgeUs = -1 }: Asked): number | 'several' | undefined {
  if (repeatAgeUs < 0) return undefined;
  const at = atUs - repeatAgeUs;
  let found: number | undefined;
  for (let start = at - ROUNDING_US; start <= at + ROUNDING_US; start++) {
    if (!same.has(start)) continue;
    const group = same.get(start);
    if (group === undefined || (found !== undefined && found !== group)) return 'several';
    found = group;
  }
  return found;
}
