// The shop with each of its faults alone, side by side with the shop without it: is what is wrong found, where it is, and is the predicted
// saving what fixing it brings? In: how long. Out: verdicts, and the table for docs/accuracy.md. Recordings that are there are used again.

import { relative } from 'node:path';
import { falseFindings, judge } from './judge.ts';
import { record, runsOf, sidesOf, type Load, type Run, type Side } from './record.ts';
import { readRecording, type Recorded } from './recording.ts';
import type { Result } from './table.ts';
import { FAULTS } from './truth.ts';

/** One run: the same customers at the same time, with the fault and without it. */
interface Pair {
  readonly run: Run;
  readonly sides: readonly (Side & { readonly recorded: Recorded })[];
}

export interface ShopEffort {
  readonly rounds: number;
  readonly load: Load;
}

/** @throws when nothing was recorded. */
export async function judgeShop(folder: string, { rounds, load }: ShopEffort): Promise<Result> {
  const runs = runsOf(rounds);
  await record(runs, folder, load);
  const pairs: Pair[] = [];
  for (const run of runs) pairs.push({ run, sides: await readSides(run, folder) });
  const result = resultOf(pairs, folder);
  if (result.requests === 0) throw new Error('nothing was recorded');
  return result;
}

async function readSides(run: Run, folder: string): Promise<Pair['sides']> {
  const sides: (Side & { recorded: Recorded })[] = [];
  for (const side of sidesOf(run, folder))
    sides.push({ ...side, recorded: await readRecording(side.folder) });
  return sides;
}

function resultOf(pairs: readonly Pair[], folder: string): Result {
  const sides = pairs.flatMap((pair) => pair.sides);
  return {
    verdicts: FAULTS.map((fault) => {
      const ofFault = pairs.filter(({ run }) => run.fault.name === fault.name);
      const side = (place: number): Recorded[] =>
        ofFault.flatMap((pair) => pair.sides[place]?.recorded ?? []);
      return judge(fault, side(0), side(1));
    }),
    falseOnes: sides.flatMap((side) =>
      falseFindings(side.recorded, side.faults).map((finding) => ({
        run: relative(folder, side.folder),
        finding,
      })),
    ),
    reported: sides.reduce((sum, { recorded }) => sum + recorded.findings.length, 0),
    requests: sides.reduce((sum, { recorded }) => sum + recorded.requests, 0),
    recordings: sides.length,
  };
}
