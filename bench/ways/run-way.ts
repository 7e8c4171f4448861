// One way to start a program, without and with the agent. In: a way, its folder, the database. Out: a row of the matrix: every request seen
// once, every operation given to its request, the same exit code, the application's processes and no others.

import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { load, request } from '../attribution/application.ts';
import { judge, type Verdict } from '../attribution/judge.ts';
import type { Row } from '../attribution/measure.ts';
import { Recording } from '../attribution/recording.ts';
import { Observer } from './observer.ts';
import type { Way } from './ways.ts';

export interface Surroundings {
  readonly node: string;
  /** As shown. */
  readonly version: string;
  readonly agent: string;
  readonly database: string;
  readonly folder: string;
}

const REQUESTS = 40;
const CONCURRENCY = 20;
const MARKERS = 4;
const LIMIT_MS = 40_000;
const POLL_MS = 20;

/** Runs and judges. What does not start or end makes a row with that problem. */
export async function measureWay(way: Way, around: Surroundings): Promise<Row> {
  const place = { driver: 'run as', workload: way.name, node: around.version };
  try {
    way.prepare?.(around.folder);
    const bare = await runWay(way, around, undefined);
    const observer = new Observer();
    const traced = await runWay(way, around, observer);
    const verdict = merge(observer.recordings.map((recording) => judge(recording)));
    const sites = sitesOf(around.folder, verdict);
    const problems = [
      ...traced.failures.slice(0, 1),
      ...observer.recordings.flatMap(({ losses }) => losses),
      ...differences(bare, traced),
      ...countProblems(way, observer, verdict),
      ...siteProblems(sites, verdict),
    ];
    return { ...verdict, ...place, sites, problems };
  } catch (error) {
    const problems = [error instanceof Error ? error.message : String(error)];
    return { ...judge(new Recording()), ...place, sites: undefined, problems };
  }
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly failures: readonly string[];
}

/** From the start of the command to the end of all that it has started. */
async function runWay(way: Way, around: Surroundings, observer: Observer | undefined): Promise<Ended> {
  const place = mkdtempSync(join(tmpdir(), 'wiretime-way-'));
  const socket = join(place, 'collector.sock');
  const ports = join(place, 'ports');
  await observer?.listen(socket);
  const agent =
    observer === undefined ? {} : { NODE_OPTIONS: `--require ${around.agent}`, WIRETIME_SOCKET: socket };
  const env = { ...environment(around), ...agent, WAYS_PORTS: ports };
  const child = start(way.command, around, env);
  try {
    return await drive(way, around, { child, ports, env, observer });
  } finally {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    observer?.close();
    rmSync(place, { recursive: true, force: true });
  }
}

interface Driven {
  readonly child: ChildProcess;
  readonly ports: string;
  readonly env: NodeJS.ProcessEnv;
  readonly observer: Observer | undefined;
}

async function drive(
  way: Way,
  around: Surroundings,
  { child, ports, env, observer }: Driven,
): Promise<Ended> {
  const output = outputOf(child);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await until(
    `a port:\n${output.text}`,
    () => existsSync(ports) && readFileSync(ports, 'utf8').endsWith('\n'),
  );
  const port = Number(readFileSync(ports, 'utf8').split('\n')[0]);
  const failures = await load(port, REQUESTS, CONCURRENCY);
  await request(port, '/stop').catch(() => undefined);
  if (way.stop === 'SIGTERM') child.kill('SIGTERM');
  else if (way.stop !== undefined) await ended(start(way.stop, around, env));
  await Promise.race([exited, deadline(`an end:\n${output.text}`)]);
  await until('the ends of the streams', () => observer?.isQuiet ?? true);
  return { code: child.exitCode, signal: child.signalCode, failures };
}

/** The Node under test comes first, for `#!/usr/bin/env node`. Nothing of the shell that runs the matrix. */
function environment({ node, database }: Surroundings): NodeJS.ProcessEnv {
  const { HOME, PATH = '' } = process.env;
  return { HOME, PATH: `${dirname(node)}${delimiter}${PATH}`, WAYS_DATABASE: database, CI: '1' };
}

/** A group of its own, so that all of it can be ended. */
function start(
  command: readonly string[],
  { node, folder }: Surroundings,
  env: NodeJS.ProcessEnv,
): ChildProcess {
  const [program = '', ...args] = command;
  return spawn(program === 'node' ? node : program, args, {
    cwd: folder,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function outputOf(child: ChildProcess): { text: string } {
  const output = { text: '' };
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output.text = (output.text + String(chunk)).slice(-2000)));
  return output;
}

function ended(child: ChildProcess): Promise<void> {
  outputOf(child);
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const limit = performance.now() + LIMIT_MS;
  while (!condition()) {
    if (performance.now() > limit) throw new Error(`within ${LIMIT_MS} ms there was not ${what}`);
    await delay(POLL_MS);
  }
}

async function deadline(what: string): Promise<never> {
  await delay(LIMIT_MS, undefined, { ref: false });
  throw new Error(`within ${LIMIT_MS} ms there was not ${what}`);
}

function merge(verdicts: readonly Verdict[]): Verdict {
  const merged = judge(new Recording());
  for (const verdict of verdicts) {
    for (const key of ['markers', 'right', 'hidden', 'wrong', 'called', 'granted'] as const)
      merged[key] += verdict[key];
    merged.mistakes.push(...verdict.mistakes);
    for (const [frame, count] of verdict.frames)
      merged.frames.set(frame, (merged.frames.get(frame) ?? 0) + count);
  }
  return merged;
}

function differences(bare: Ended, traced: Ended): readonly string[] {
  return bare.code === traced.code && bare.signal === traced.signal
    ? []
    : [`ends with ${traced.code ?? traced.signal} instead of ${bare.code ?? bare.signal}`];
}

function countProblems({ processes }: Way, { recordings }: Observer, verdict: Verdict): readonly string[] {
  const problems: string[] = [];
  if (recordings.length !== processes)
    problems.push(`${recordings.length} processes instead of ${processes}: ${namesOf(recordings)}`);
  if (verdict.markers !== REQUESTS * MARKERS)
    problems.push(`${verdict.markers} operations seen instead of ${REQUESTS * MARKERS}`);
  if (verdict.right !== verdict.markers)
    problems.push(
      `${verdict.wrong} operations are wrong, ${verdict.hidden} hidden`,
      ...verdict.mistakes.slice(0, 2),
    );
  return [...problems, ...requestProblems(recordings)];
}

function namesOf(recordings: readonly Recording[]): string {
  return recordings.map(({ argv }) => argv.join(' ')).join('; ');
}

/** Every request was seen, and no request twice. */
function requestProblems(recordings: readonly Recording[]): readonly string[] {
  const seen = recordings.flatMap(({ targets }) => [...targets.values()]);
  const numbers = seen.filter((target) => target.startsWith('/request/'));
  return numbers.length === REQUESTS && new Set(numbers).size === REQUESTS
    ? []
    : [`${numbers.length} requests seen, ${new Set(numbers).size} different ones, of ${REQUESTS}`];
}

/** Call sites are lines of the source that are marked, whatever was made of it. */
function sitesOf(folder: string, { frames }: Verdict): NonNullable<Row['sites']> {
  const sites = { right: 0, wrong: 0 };
  for (const [frame, count] of frames) sites[isMarked(folder, frame) ? 'right' : 'wrong'] += count;
  return sites;
}

function isMarked(folder: string, frame: string): boolean {
  const [, file = '', line] = /^(.*?):(\d+):\d+/.exec(frame) ?? [];
  if (!file.startsWith(`${folder}/app.`) || !existsSync(file)) return false;
  return (readFileSync(file, 'utf8').split('\n')[Number(line) - 1] ?? '').includes('/* call */');
}

function siteProblems(sites: NonNullable<Row['sites']>, { frames, called }: Verdict): readonly string[] {
  if (sites.right + sites.wrong === 0) return [`no call site among ${called} calls`];
  return sites.wrong === 0
    ? []
    : [`call sites that are not the line of the call: ${[...frames.keys()].join(', ')}`];
}
