// One case on one Node: run it, judge it, and check that the run itself is sound. In: a case and its surroundings. Out: a row of the table.

import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { run } from './application.ts';
import { WORKLOADS, type Workload } from './app/workloads.mjs';
import type { Case } from './case.ts';
import { installDriver } from './drivers.ts';
import { writeEntry } from './entry.ts';
import { judge, type Verdict } from './judge.ts';
import { Recording } from './recording.ts';

export interface Row extends Verdict {
  readonly driver: string;
  readonly workload: string;
  readonly node: string;
  /** Of the call sites that were sampled, those that are the line of the call; `undefined`: not checked in this workload. */
  readonly sites: { readonly right: number; readonly wrong: number } | undefined;
  /** Why this row fails; empty when all is well. */
  readonly problems: readonly string[];
}

export interface Surroundings {
  readonly node: string;
  /** As shown. */
  readonly version: string;
  readonly agent: string;
  readonly requests: number;
  readonly servers: object;
}

const CONCURRENCY = 50;
/** A pool of 1 is busy for 20 ms with each operation: whoever waits for another waits at least this long. */
const LEAST_WAIT_NS = 15e6;
/** Slow operations: fewer of them. */
const WAITING_REQUESTS = 25;

/** Runs and judges. A backend that does not start or end makes a row with that problem. */
export async function measure(one: Case & { readonly workload: string }, around: Surroundings): Promise<Row> {
  try {
    return await measured(one, around);
  } catch (error) {
    return notMeasured(one, around.version, error instanceof Error ? error.message : String(error));
  }
}

/** A row that says why it is empty. */
export function notMeasured(
  { driver, workload }: Case & { readonly workload: string },
  node: string,
  problem: string,
): Row {
  return { ...judge(new Recording()), sites: undefined, driver, workload, node, problems: [problem] };
}

async function measured(one: Case & { readonly workload: string }, around: Surroundings): Promise<Row> {
  const workload = workloadOf(one.workload);
  const { markers, waits = false } = workload;
  const requests = waits ? WAITING_REQUESTS : around.requests;
  const entry = writeEntry(installDriver(one.packages), one.modules, one.workload, one.style);
  const { recording, failures } = await run({
    ...around,
    agent: resolve(around.agent),
    entry,
    requests,
    concurrency: CONCURRENCY,
  });
  const verdict = judge(recording);
  const sites = sitesOf(workload, verdict);
  const problems = [
    ...recording.losses,
    ...failures.slice(0, 1).map((body) => `${failures.length} requests failed: ${body.slice(0, 300)}`),
    ...countProblems(workload, verdict, requests * markers),
    ...verdict.mistakes,
    ...hiddenProblems(workload, verdict),
    ...(waits ? waitProblems(verdict) : []),
    ...callSiteProblems(one, sites, verdict),
  ];
  return { ...verdict, sites, driver: one.driver, workload: one.workload, node: around.version, problems };
}

function workloadOf(name: string): Workload {
  const found = WORKLOADS[name];
  if (found === undefined) throw new Error(`no workload is called ${name}`);
  return found;
}

/** Of the operations of a run with cut connections, this share must have been written. */
const LEAST_SHARE = 0.8;

function countProblems(
  { isDisturbed = false }: Workload,
  { markers }: Verdict,
  expected: number,
): readonly string[] {
  const isSound = isDisturbed ? markers >= LEAST_SHARE * expected : markers === expected;
  return isSound ? [] : [`${markers} operations seen instead of ${expected}`];
}

function hiddenProblems({ hiddenShare = 0 }: Workload, verdict: Verdict): readonly string[] {
  return verdict.hidden <= hiddenShare * verdict.markers ? [] : [`${verdict.hidden} operations are hidden`];
}

/** On a busy machine requests may come one by one: then they wait for nobody. */
const LEAST_WAITING_SHARE = 0.8;

/** All but those who came first waited for somebody. */
function waitProblems(verdict: Verdict): readonly string[] {
  const waited = verdict.waits.filter((wait) => wait >= LEAST_WAIT_NS).length;
  return waited >= LEAST_WAITING_SHARE * verdict.markers
    ? []
    : [`only ${waited} of ${verdict.markers} operations waited for the pool`];
}

const APPLICATION = resolve(import.meta.dirname, 'app');

/** By file of the application: its lines. */
const LINES = new Map(
  readdirSync(APPLICATION).map((name) => {
    const file = join(APPLICATION, name);
    return [file, readFileSync(file, 'utf8').split('\n')] as const;
  }),
);

/** The call sites of the workloads that mark their calls. */
function sitesOf({ setup }: Workload, verdict: Verdict): Row['sites'] {
  if (!String(setup).includes('/* call */')) return undefined;
  const sites = { right: 0, wrong: 0 };
  for (const [frame, count] of verdict.frames) sites[isMarked(frame) ? 'right' : 'wrong'] += count;
  return sites;
}

/** Every call site that was sampled is a line marked as a call; some must have been. */
function callSiteProblems(
  { losesCallSites = false }: Case,
  sites: Row['sites'],
  verdict: Verdict,
): readonly string[] {
  if (sites === undefined) return [];
  if (sites.right + sites.wrong === 0 && !losesCallSites)
    return [`no call site among ${verdict.called} calls`];
  return [...verdict.frames.keys()]
    .filter((frame) => !isMarked(frame))
    .map((frame) => `call site ${frame} is not a call of the application`);
}

function isMarked(frame: string): boolean {
  const [, file, line] = /^(.*?):(\d+):\d+/.exec(frame) ?? [];
  return (LINES.get(file ?? '')?.[Number(line) - 1] ?? '').includes('/* call */');
}
