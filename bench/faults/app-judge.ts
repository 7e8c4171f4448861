// Right or wrong, for the apps of apps/. In: a cell's two recordings, asked in turn. Out: for each fault whether it was found, where, and how good
// the prediction was; for each finding what it names; how well the order fits what mending really saves.

import { endpointKey } from '../../src/analysis/request-tree.ts';
import type { Finding, FindingKind } from '../../src/model/finding.ts';
import { foldersOf, type Cell } from './app-record.ts';
import type { AppFault, Level } from './app-truth.ts';
import { readRecording, type Recorded } from './recording.ts';
import { fixedLimits, longestInAll, readSpans, type Reported } from './spans.ts';

/** A call is part of a statement of several lines. */
const LINES = 3;
const RANKED = 5;

export interface Outcome {
  readonly fault: AppFault;
  readonly level: Level;
  readonly isFound: boolean;
  readonly isAtLine: boolean;
  /** What it makes a request of its endpoint slower by; of the medians or the means of both sides. */
  readonly measuredMs: number;
  readonly predictedMs: number | undefined;
  /** Whether the measured mean is in the predicted interval. */
  readonly isCovered: boolean | undefined;
}

export interface Misfit {
  readonly finding: Finding;
  readonly recording: string;
  /** It names a fault that another finding named already. */
  readonly isRepeated: boolean;
}

/** The same question of a simple way to look. */
export interface Simple {
  readonly found: number;
  readonly atLine: number;
  readonly reported: number;
  readonly ndcg: number;
}

export interface Judged {
  readonly cell: Cell;
  readonly outcomes: readonly Outcome[];
  readonly misfits: readonly Misfit[];
  readonly reported: readonly Finding[];
  readonly requests: number;
  readonly ndcg: number;
  readonly simple: { readonly longestInAll: Simple; readonly fixedLimits: Simple };
}

export async function judgeCell(cell: Cell, recordings: string): Promise<Judged> {
  const [withFolder, withoutFolder] = foldersOf(cell, recordings);
  const [seeded, clean] = [await readRecording(withFolder), await readRecording(withoutFolder)];
  const named = seeded.findings.map((finding) => cell.faults.find((fault) => isMatch(fault, finding)));
  const misfits = [
    ...seeded.findings.flatMap((finding, index) => misfitOf(finding, named, index, 'with')),
    ...clean.findings.map((finding) => ({ finding, recording: 'without', isRepeated: false })),
  ];
  const gains = new Map(cell.faults.map((fault) => [fault, gainOf(fault, seeded, clean)]));
  const [spans, cleanSpans] = [await readSpans(withFolder), await readSpans(withoutFolder)];
  const simple = (reports: readonly Reported[], more: number): Simple =>
    simplyJudged(cell, reports, more, gains);
  return {
    cell,
    outcomes: cell.faults.map((fault) => outcomeOf(cell, fault, seeded, clean)),
    misfits,
    reported: [...seeded.findings, ...clean.findings],
    requests: seeded.requests + clean.requests,
    ndcg: ndcgOf(named, gains),
    simple: {
      longestInAll: simple(longestInAll(spans, cell.faults.length), 0),
      fixedLimits: simple(fixedLimits(spans), fixedLimits(cleanSpans).length),
    },
  };
}

function isMatch(fault: AppFault, { kind, endpoint }: Finding): boolean {
  return fault.kinds.includes(kind) && `${endpoint.method} ${endpoint.route}` === fault.endpoint;
}

function misfitOf(
  finding: Finding,
  named: readonly (AppFault | undefined)[],
  index: number,
  recording: string,
): Misfit[] {
  const fault = named[index];
  if (fault === undefined) return [{ finding, recording, isRepeated: false }];
  return named.indexOf(fault) === index ? [] : [{ finding, recording, isRepeated: true }];
}

function outcomeOf({ level }: Cell, fault: AppFault, seeded: Recorded, clean: Recorded): Outcome {
  const matches = seeded.findings.filter((finding) => isMatch(fault, finding));
  const [finding] = matches;
  const effect = mainEffect(fault, finding);
  const key = effect === undefined ? keyOf(fault, seeded) : endpointKey(effect);
  const meanMs = (meanUs(seeded, key) - meanUs(clean, key)) / 1000;
  const predicted = fault.slows === 'mean' ? effect?.meanUs : effect && effect.p50.nowUs - effect.p50.afterUs;
  return {
    fault,
    level,
    isFound: finding !== undefined,
    isAtLine: matches.some(({ callSite }) => isAt(fault, callSite)),
    measuredMs: fault.slows === 'mean' ? meanMs : (medianUs(seeded, key) - medianUs(clean, key)) / 1000,
    predictedMs: predicted === undefined ? undefined : predicted / 1000,
    isCovered: finding && meanMs * 1000 >= finding.saving.lowUs && meanMs * 1000 <= finding.saving.highUs,
  };
}

/** Code that blocks is bad luck for others: what gains most. Everything else: its own endpoint. */
function mainEffect(
  { group, endpoint }: AppFault,
  finding: Finding | undefined,
): Finding['effects'][number] | undefined {
  if (group === 'loop') return finding?.effects[0];
  return finding?.effects.find(({ method, route }) => `${method} ${route}` === endpoint);
}

function keyOf({ endpoint }: AppFault, { endpoints }: Recorded): string {
  return [...endpoints].find(([, { method, route }]) => `${method} ${route}` === endpoint)?.[0] ?? '';
}

function meanUs({ endpoints }: Recorded, key: string): number {
  const row = endpoints.get(key);
  return row === undefined ? 0 : row.totalUs / Math.max(1, row.requests);
}

function medianUs({ endpoints }: Recorded, key: string): number {
  return (
    endpoints.get(key)?.duration.p50Us ?? meanUs({ endpoints, findings: [], requests: 0, totalUs: 0 }, key)
  );
}

/** "ledger.js:54:12" or a longer path. */
function isAt({ app, lines }: AppFault, callSite: string): boolean {
  const [, file, line] = /([^/:]+):(\d+)(?::\d+)?$/.exec(callSite) ?? [];
  return file === `${app}.js` && lines.some((each) => Math.abs(each - Number(line)) <= LINES);
}

/** What mending it saves all requests of its endpoint, µs; noise does not count. */
function gainOf(fault: AppFault, seeded: Recorded, clean: Recorded): number {
  const keys = fault.group === 'loop' ? [...seeded.endpoints.keys()] : [keyOf(fault, seeded)];
  const gains = keys.map(
    (key) => (meanUs(seeded, key) - meanUs(clean, key)) * (seeded.endpoints.get(key)?.requests ?? 0),
  );
  return Math.max(
    0,
    gains.reduce((sum, us) => sum + us, 0),
  );
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

function simplyJudged(
  { faults }: Cell,
  reports: readonly Reported[],
  more: number,
  gains: ReadonlyMap<AppFault, number>,
): Simple {
  const order = reports.map((report) => faults.find((fault) => fits(fault, report.kind, report.endpoint)));
  const found = faults.filter((fault) => order.includes(fault));
  const atLine = found.filter((fault) =>
    reports.some((each, index) => order[index] === fault && isAt(fault, each.callSite)),
  );
  return {
    found: found.length,
    atLine: atLine.length,
    reported: reports.length + more,
    ndcg: ndcgOf(order, gains),
  };
}

function fits(fault: AppFault, kind: FindingKind | undefined, endpoint: string): boolean {
  return fault.endpoint === endpoint && (kind === undefined || fault.kinds.includes(kind));
}
