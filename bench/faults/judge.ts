// Right or wrong. In: recordings with a fault and without it. Out: was it found, at its place, and how good was the prediction.
// What a fault really costs is measured: requests with it against requests without it, each side over all rounds.

import { endpointKey } from '../../src/analysis/sample/request-tree.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Recorded } from './recording.ts';
import { FAULTS, type Fault } from './truth.ts';

/** A finding a few lines away is at the right place: the call is part of a statement of several lines. */
const LINES = 3;

export interface Verdict {
  readonly fault: Fault;
  /** Recordings with the fault, and those in which it was found. */
  readonly recordings: number;
  readonly found: number;
  readonly atFile: number;
  readonly atLine: number;
  /** Saved per request of the endpoint that gains most, in ms: of its median or mean; undefined when it was never found. */
  readonly saving: SavingVerdict | undefined;
  /** What the fault costs of all request time, measured. */
  readonly trueShare: number;
}

export interface SavingVerdict {
  readonly endpoint: string;
  readonly predictedMs: number;
  /** Interval of the first recording. */
  readonly lowMs: number;
  readonly highMs: number;
  readonly measuredMs: number;
  /** (predicted − measured) / measured. */
  readonly error: number;
}

export function judge(fault: Fault, withIt: readonly Recorded[], withoutIt: readonly Recorded[]): Verdict {
  const matches = withIt.map(({ findings }) => findings.filter((finding) => isMatch(fault, finding)));
  const found = matches.filter((each) => each.length > 0);
  return {
    fault,
    recordings: withIt.length,
    found: found.length,
    atFile: found.filter((each) => each.some((finding) => isAt(fault, finding, Infinity))).length,
    atLine: found.filter((each) => each.some((finding) => isAt(fault, finding, LINES))).length,
    saving: savingOf(fault, matches, withIt, withoutIt),
    trueShare: shareSaved(withIt, withoutIt),
  };
}

export function isMatch(fault: Fault, { kind, callSite }: Finding): boolean {
  if (!fault.kinds.includes(kind)) return false;
  // Kinds that two faults of the shop share are told apart by the service.
  return fault.places.some(({ file }) => serviceOf(callSite, file));
}

function serviceOf(callSite: string, file: string): boolean {
  const [service = ''] = file.split('/');
  return callSite.includes(`${service}/`) || (service === 'pricing' && callSite.includes('app.py'));
}

function isAt({ places }: Fault, { callSite }: Finding, lines: number): boolean {
  const [, path = '', line = '0'] = /^(.*?):(\d+)/.exec(callSite) ?? [];
  return places.some((place) => ends(path, place.file) && Math.abs(Number(line) - place.line) <= lines);
}

/** Call sites are relative to the folder of their process. */
function ends(path: string, file: string): boolean {
  return path.endsWith(file) || file.endsWith(path);
}

function savingOf(
  fault: Fault,
  matches: readonly (readonly Finding[])[],
  withIt: readonly Recorded[],
  withoutIt: readonly Recorded[],
): SavingVerdict | undefined {
  const [finding] = matches.flatMap((each) => each[0] ?? []);
  const [effect] = finding?.effects ?? [];
  if (finding === undefined || effect === undefined) return undefined;
  const key = endpointKey(effect);
  const recordings = matches.filter((each) => each.length > 0).length;
  const predicted = matches.flatMap((each) => each.map((one) => predictedUs(fault, one, key)));
  const predictedMs = predicted.reduce((sum, us) => sum + us, 0) / recordings / 1000;
  const measuredMs = (takesUs(fault, withIt, key) - takesUs(fault, withoutIt, key)) / 1000;
  return {
    endpoint: `${effect.method} ${effect.route}`,
    predictedMs,
    lowMs: finding.saving.lowUs / 1000,
    highMs: finding.saving.highUs / 1000,
    measuredMs,
    error: (predictedMs - measuredMs) / measuredMs,
  };
}

function predictedUs({ slows }: Fault, { effects }: Finding, key: string): number {
  const effect = effects.find((other) => endpointKey(other) === key);
  if (effect === undefined) return 0;
  return slows === 'mean' ? effect.meanUs : effect.p50.nowUs - effect.p50.afterUs;
}

/** The mean over all rounds, of means or of medians: a median is what a busy machine spoils least. */
function takesUs({ slows }: Fault, recordings: readonly Recorded[], key: string): number {
  if (slows === 'mean') return meanUs(recordings, key);
  const medians = recordings.flatMap(({ endpoints }) => endpoints.get(key)?.duration.p50Us ?? []);
  return medians.reduce((sum, us) => sum + us, 0) / Math.max(1, medians.length);
}

/** Over all requests of all rounds. */
function meanUs(recordings: readonly Recorded[], key: string): number {
  const rows = recordings.flatMap(({ endpoints }) => endpoints.get(key) ?? []);
  const requests = rows.reduce((sum, row) => sum + row.requests, 0);
  return requests === 0 ? 0 : rows.reduce((sum, row) => sum + row.totalUs, 0) / requests;
}

function shareSaved(withIt: readonly Recorded[], withoutIt: readonly Recorded[]): number {
  const keys = new Set(withIt.flatMap(({ endpoints }) => [...endpoints.keys()]));
  let saved = 0;
  let total = 0;
  for (const key of keys) {
    const requests = withIt.reduce((sum, { endpoints }) => sum + (endpoints.get(key)?.requests ?? 0), 0);
    const now = meanUs(withIt, key);
    total += requests * now;
    saved += requests * (now - meanUs(withoutIt, key));
  }
  return total === 0 ? 0 : saved / total;
}

/** Findings that name none of the faults that the shop had. */
export function falseFindings({ findings }: Recorded, faults: readonly string[]): Finding[] {
  const present = FAULTS.filter(({ name }) => faults.includes(name));
  return findings.filter((finding) => !present.some((fault) => isMatch(fault, finding)));
}
