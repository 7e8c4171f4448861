// A/A: what is said where nothing has changed. In: both sides of recordings without any fault. Out: how many comparisons of an endpoint call it
// slower or faster, and how many findings there are. Three kinds of comparison: the two sides, asked in turn; the first half of a side
// against its second; and turns dealt to two sides anew, at random, which shows rare alarms in one recording.

import type { EndpointSample } from '../../src/analysis/comparison/sample.ts';
import type { Finding } from '../../src/model/finding.ts';
import { isTrueToo } from './app-judge.ts';
import { seededRandom } from '../../src/analysis/statistics/chances.ts';
import { foldersOf, nameOf, turnsOf, type Cell } from './app-record.ts';
import type { Turn } from './app-load.ts';
import { readRecording } from './recording.ts';
import { samplesOf, verdictsOf, type Samples } from './sides.ts';

interface Alarms {
  readonly compared: number;
  readonly alarms: number;
  readonly cannotTell: number;
}

export interface Same {
  readonly name: string;
  readonly requests: number;
  readonly findings: readonly string[];
  readonly sides: Alarms;
  readonly halves: Alarms;
  readonly dealt: Alarms;
}

const DEALS = 50;

export async function judgeSame(cell: Cell, recordings: string): Promise<Same> {
  const folders = foldersOf(cell, recordings);
  const recorded = [await readRecording(folders[0]), await readRecording(folders[1])];
  const sides = [await samplesOf(folders[0]), await samplesOf(folders[1])] as const;
  const turns = turnsOf(cell, recordings);
  return {
    name: nameOf(cell),
    requests: recorded.reduce((sum, { requests }) => sum + requests, 0),
    findings: recorded.flatMap(({ findings }) =>
      findings.filter((finding) => !cell.faults.some((fault) => isTrueToo(fault, finding))).map(told),
    ),
    sides: alarmsOf([sides]),
    halves: alarmsOf(sides.map((side) => halvesOf(side, turns))),
    dealt: alarmsOf(Array.from({ length: DEALS }, (_, deal) => dealt(sides, turns, deal + 1))),
  };
}

function told({ kind, title, callSite, confidence }: Finding): string {
  return `“${title}” at ${callSite} (${kind}, confidence ${confidence})`;
}

function alarmsOf(comparisons: readonly (readonly [Samples, Samples])[]): Alarms {
  const verdicts = comparisons.flatMap(([a, b]) => [...verdictsOf(a, b).values()]);
  const counted = (...wanted: readonly string[]) => verdicts.filter((each) => wanted.includes(each)).length;
  const cannotTell = counted('cannot-tell');
  return { compared: verdicts.length - cannotTell, alarms: counted('slower', 'faster'), cannotTell };
}

function halvesOf(side: Samples, turns: readonly Turn[]): readonly [Samples, Samples] {
  const middleUs = (((turns[0]?.from ?? 0) + (turns.at(-1)?.to ?? 0)) / 2) * 1000;
  return [partOf(side, (at) => at < middleUs), partOf(side, (at) => at >= middleUs)];
}

/** Of each pair of turns one goes to the one, the other to the other: by a coin. */
function dealt(
  [one, other]: readonly [Samples, Samples],
  turns: readonly Turn[],
  seed: number,
): readonly [Samples, Samples] {
  const random = seededRandom(seed);
  const isSwapped = new Map(turns.map(({ pair }) => [pair, random() < 0.5]));
  const turnAt = (at: number) => turns.find(({ from, to }) => at >= from * 1000 && at <= to * 1000);
  const isOf = (side: Samples, wanted: boolean) =>
    partOf(side, (at) => (isSwapped.get(turnAt(at)?.pair ?? 0) ?? false) === wanted);
  return [joined(isOf(one, false), isOf(other, true)), joined(isOf(one, true), isOf(other, false))];
}

function partOf(side: Samples, isWanted: (at: number) => boolean): Samples {
  return new Map(
    [...side].map(([endpoint, sample]) => [
      endpoint,
      picked(
        sample,
        sample.at.flatMap((at, index) => (isWanted(at) ? [index] : [])),
      ),
    ]),
  );
}

function joined(one: Samples, other: Samples): Samples {
  return new Map(
    [...one].map(([endpoint, a]) => {
      const b = other.get(endpoint);
      if (b === undefined) return [endpoint, a];
      const both = {
        at: [...a.at, ...b.at],
        durationsUs: [...a.durationsUs, ...b.durationsUs],
      };
      const order = both.at
        .map((_, index) => index)
        .toSorted((x, y) => (both.at[x] ?? 0) - (both.at[y] ?? 0));
      return [endpoint, picked(both, order)];
    }),
  );
}

/** Times alone: they are all that is compared. */
function picked(
  { at, durationsUs }: Pick<EndpointSample, 'at' | 'durationsUs'>,
  indexes: readonly number[],
): EndpointSample {
  const of = (values: readonly number[]) => indexes.map((index) => values[index] ?? 0);
  return { at: of(at), durationsUs: of(durationsUs), categories: [], signatures: [] };
}

export function sameLines(results: readonly Same[]): string {
  const sum = (of: (each: Same) => Alarms): Alarms =>
    results.map(of).reduce((all, each) => ({
      compared: all.compared + each.compared,
      alarms: all.alarms + each.alarms,
      cannotTell: all.cannotTell + each.cannotTell,
    }));
  const line = (what: string, { compared, alarms, cannotTell }: Alarms): string =>
    `- ${what}: ${alarms} alarms in ${compared} comparisons of an endpoint (${(alarms / Math.max(1, compared)).toFixed(4)}); ${cannotTell} times too little to tell.`;
  const findings = results.flatMap(({ name, findings: own }) =>
    own.map((each) => `- Found in ${name}: ${each}.`),
  );
  const requests = results.reduce((all, each) => all + each.requests, 0);
  return [
    line(
      'Sides asked in turn',
      sum(({ sides }) => sides),
    ),
    line(
      'First half and second half of a side',
      sum(({ halves }) => halves),
    ),
    line(
      `Turns dealt anew, ${DEALS} times`,
      sum(({ dealt: each }) => each),
    ),
    `- Findings: ${findings.length} in ${requests} requests.`,
    ...findings,
  ].join('\n');
}
