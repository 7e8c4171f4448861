// Right or wrong, for the apps of apps/. In: a cell's two recordings, asked in turn. Out: for each fault whether it was found, where, and how good
// the prediction was; for each finding what it names; how well the order fits what mending really saves.

import type { Finding } from '../../src/model/finding.ts';
import { foldersOf, nameOf, turnsOf, type Cell } from './app-record.ts';
import { isAt, levelOf, type AppFault, type Level } from './app-truth.ts';
import { isThere, measuredOf, readPairs, withoutOthers, type Difference, type Measured } from './measured.ts';
import { readRecording, type Recorded } from './recording.ts';
import { samplesOf, verdictsOf } from './sides.ts';
import { simplyJudged, type Simple } from './simple.ts';
import { readSpans, type WayName } from './spans.ts';

const RANKED = 5;

export interface Outcome {
  readonly fault: AppFault;
  readonly level: Level;
  /** A second finding of the same kind and endpoint is none. */
  readonly finding: Finding | undefined;
  readonly isAtLine: boolean;
  /** What it makes a request of its endpoint slower by; of the medians or the means of both sides. */
  readonly measured: Difference;
  /** Of the same; undefined where nothing was found. */
  readonly predictedMs: number | undefined;
  readonly mean: Difference;
  /** What `wiretime diff` says of its endpoint, from the recording with it to the one without it. */
  readonly diff: string;
}

export interface Misfit {
  readonly finding: Finding;
  readonly recording: string;
  /** It names a fault that another finding named already. */
  readonly isRepeated: boolean;
}

export interface Judged {
  readonly cell: Cell;
  readonly name: string;
  readonly outcomes: readonly Outcome[];
  readonly misfits: readonly Misfit[];
  readonly reported: readonly Finding[];
  /** Of both sides. */
  readonly requests: number;
  readonly ndcg: number;
  /** What `wiretime diff` says of endpoints without a fault. */
  readonly decoyDiffs: readonly string[];
  readonly simple: Readonly<Record<WayName, Simple>>;
}

export async function judgeCell(cell: Cell, recordings: string): Promise<Judged> {
  const folders = foldersOf(cell, recordings);
  const ofBoth = <T>(read: (folder: string) => Promise<T>) =>
    Promise.all([read(folders[0]), read(folders[1])] as const);
  const [seeded, clean] = await ofBoth((folder) => readSide(cell, folder));
  const pairs = await readPairs(folders, turnsOf(cell, recordings));
  const differences = new Map([...pairs].map(([endpoint, each]) => [endpoint, measuredOf(each)]));
  const unchanged = [...differences].flatMap(([endpoint, each]) => (isDecoy(endpoint) ? [each] : []));
  const measured = new Map(
    [...differences].map(([endpoint, each]) => [endpoint, withoutOthers(each, unchanged)] as const),
  );
  const named = seeded.findings.map((finding) => cell.faults.find((fault) => isMatch(fault, finding)));
  const gains = new Map(cell.faults.map((fault) => [fault, gainOf(fault, seeded, measured)]));
  const spans = await ofBoth(readSpans);
  const diffs = verdictsOf(...(await ofBoth(samplesOf)));
  return {
    cell,
    name: nameOf(cell),
    outcomes: cell.faults.map((fault) => outcomeOf(cell, fault, seeded, measured, diffs)),
    misfits: [
      ...seeded.findings.flatMap((finding, index) => misfitOf(finding, named, index)),
      ...clean.findings.map((finding) => ({ finding, recording: 'without', isRepeated: false })),
    ],
    reported: [...seeded.findings, ...clean.findings],
    requests: seeded.requests + clean.requests,
    ndcg: ndcgOf(named, gains),
    decoyDiffs: [...diffs].flatMap(([endpoint, diff]) => (isDecoy(endpoint) ? [diff] : [])),
    simple: simplyJudged(cell.faults, spans, (order) => ndcgOf(order, gains)),
  };
}

function isDecoy(endpoint: string): boolean {
  return endpoint.includes('/decoys/');
}

async function readSide({ faults }: Cell, folder: string): Promise<Recorded> {
  const side = await readRecording(folder);
  const isSeeded = folder.endsWith('with');
  const isWanted = (finding: Finding) =>
    !faults.some((fault) => isTrueToo(fault, finding)) ||
    (isSeeded && faults.some((fault) => isMatch(fault, finding)));
  return { ...side, findings: side.findings.filter(isWanted) };
}

function isMatch(fault: AppFault, { kind, endpoint }: Finding): boolean {
  return fault.kinds.includes(kind) && `${endpoint.method} ${endpoint.route}` === fault.endpoint;
}

/** True of the endpoint whether it has the fault or not. */
export function isTrueToo({ trueToo, endpoint: faulty }: AppFault, { kind, endpoint }: Finding): boolean {
  return trueToo.includes(kind) && `${endpoint.method} ${endpoint.route}` === faulty;
}

function misfitOf(finding: Finding, named: readonly (AppFault | undefined)[], index: number): Misfit[] {
  const fault = named[index];
  const isRepeated = fault !== undefined;
  return isRepeated && named.indexOf(fault) === index ? [] : [{ finding, recording: 'with', isRepeated }];
}

const NOT_MEASURED: Difference = { ms: Number.NaN, errorMs: Number.NaN };

function outcomeOf(
  { turn }: Cell,
  fault: AppFault,
  seeded: Recorded,
  measured: ReadonlyMap<string, Measured>,
  diffs: ReadonlyMap<string, string>,
): Outcome {
  const matches = seeded.findings.filter((finding) => isMatch(fault, finding));
  const [finding] = matches;
  const effect = finding && mainEffect(fault, finding);
  const truth = measured.get(effect === undefined ? fault.endpoint : `${effect.method} ${effect.route}`);
  const predictedUs =
    fault.slows === 'mean' ? effect?.meanUs : effect && effect.p50.nowUs - effect.p50.afterUs;
  return {
    fault,
    level: levelOf(fault, turn),
    finding,
    isAtLine: matches.some(({ callSite }) => isAt(fault, callSite)),
    measured: truth?.[fault.slows] ?? NOT_MEASURED,
    predictedMs: predictedUs === undefined ? undefined : predictedUs / 1000,
    mean: truth?.mean ?? NOT_MEASURED,
    diff: diffs.get(fault.endpoint) ?? 'cannot-tell',
  };
}

/** Code that blocks is bad luck for others: what gains most. Everything else: its own endpoint. */
function mainEffect(
  { group, endpoint }: AppFault,
  { effects }: Finding,
): Finding['effects'][number] | undefined {
  return group === 'loop'
    ? effects[0]
    : effects.find(({ method, route }) => `${method} ${route}` === endpoint);
}

/** What mending it saves all requests, ms; what may be chance does not count. */
function gainOf(fault: AppFault, { endpoints }: Recorded, measured: ReadonlyMap<string, Measured>): number {
  const rows = [...endpoints.values()].filter(
    ({ method, route }) => fault.group === 'loop' || `${method} ${route}` === fault.endpoint,
  );
  return rows.reduce((sum, { method, route, requests }) => {
    const mean = measured.get(`${method} ${route}`)?.mean;
    return mean !== undefined && isThere(mean) ? sum + mean.ms * requests : sum;
  }, 0);
}

/** Normalized discounted gain of the first five: 1 is the order of what really saves most. A fault counts once. */
export function ndcgOf(
  order: readonly (AppFault | undefined)[],
  gains: ReadonlyMap<AppFault, number>,
): number {
  const got = order.map((fault, index) =>
    fault === undefined || order.indexOf(fault) !== index ? 0 : (gains.get(fault) ?? 0),
  );
  const best = [...gains.values()].toSorted((a, b) => b - a);
  const all = discounted(best);
  return all === 0 ? Number.NaN : discounted(got) / all;
}

function discounted(gains: readonly number[]): number {
  return gains.slice(0, RANKED).reduce((sum, gain, index) => sum + gain / Math.log2(index + 2), 0);
}
