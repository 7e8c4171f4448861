// `npm run bench:faults [-- --rounds 2 --seconds 45 --rate 30 --recordings FOLDER --json FILE --quick --write]`: does wiretime find what is
// wrong with the shop, where it is, and is the predicted saving what fixing it brings? In: the built product, the example backend with
// each of its faults alone, side by side with the same backend without it. Out: a table; with --json the figures; with --write also in docs/accuracy.md.
// Exit 1 when nothing was recorded. Recordings are kept in --recordings, and used again when they are there.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { falseFindings, judge } from './judge.ts';
import { record, runsOf, sidesOf, type Run, type Side } from './record.ts';
import { readRecording, type Recorded } from './recording.ts';
import { linesOf, sumsOf, tableOf, type Result } from './table.ts';
import { FAULTS } from './truth.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '45' },
    rate: { type: 'string', default: '30' },
    recordings: { type: 'string' },
    json: { type: 'string' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

const rounds = values.quick ? 1 : Number(values.rounds);
const load = { seconds: Number(values.seconds), rate: Number(values.rate) };
const folder = values.recordings ?? mkdtempSync(join(tmpdir(), 'wiretime-faults-'));

/** One run: the same customers at the same time, with the fault and without it. */
interface Pair {
  readonly run: Run;
  readonly sides: readonly (Side & { readonly recorded: Recorded })[];
}

async function main(): Promise<void> {
  const runs = runsOf(rounds);
  await record(runs, folder, load);
  const pairs: Pair[] = [];
  for (const run of runs) pairs.push({ run, sides: await readSides(run) });
  const result = resultOf(pairs);
  if (result.requests === 0) throw new Error('nothing was recorded');
  console.log(`${tableOf(result)}\n\n${linesOf(result)}`);
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(jsonOf(result), undefined, 2));
  if (values.write) writeDocument(result);
}

async function readSides(run: Run): Promise<Pair['sides']> {
  const sides: (Side & { recorded: Recorded })[] = [];
  for (const side of sidesOf(run, folder))
    sides.push({ ...side, recorded: await readRecording(side.folder) });
  return sides;
}

function resultOf(pairs: readonly Pair[]): Result {
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

function jsonOf(result: Result) {
  const perDetector = result.verdicts.map(({ fault, ...verdict }) => ({
    fault: fault.name,
    kinds: fault.kinds,
    ...verdict,
  }));
  return { apps: ['shop'], faults: FAULTS.length, ...sumsOf(result), perDetector };
}

const MARKS = { from: '<!-- bench:faults -->', to: '<!-- /bench:faults -->' } as const;

function writeDocument(result: Result): void {
  const file = 'docs/accuracy.md';
  const text = readFileSync(file, 'utf8');
  const from = text.indexOf(MARKS.from) + MARKS.from.length;
  const to = text.indexOf(MARKS.to);
  const busy = loadavg()[0]?.toFixed(1) ?? '';
  const conditions = `${rounds} rounds of ${load.seconds} s at twice ${load.rate} requests a second, Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}, load average ${busy} at the end.`;
  writeFileSync(
    file,
    `${text.slice(0, from)}\n${conditions}\n\n${tableOf(result)}\n\n${linesOf(result)}\n${text.slice(to)}`,
  );
}

try {
  await main();
} finally {
  if (values.recordings === undefined) rmSync(folder, { recursive: true, force: true });
}
