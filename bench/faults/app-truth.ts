// What is wrong with the apps of apps/, as their source says. In: the apps' files, in which "has NAME" stands above the route that has a fault, and
// "fault NAME" behind the lines that would have to change. Out: for each fault the kinds of finding that name it, its endpoint, its lines, its strength.
// Nothing here knows how a fault is found.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FindingKind } from '../../src/model/finding.ts';
import { APP_NAMES, appOf, FOLDER, type AppName } from './app-list.ts';

export const LEVELS = ['low', 'medium', 'high'] as const;
export type Level = (typeof LEVELS)[number];

/** Faults that disturb each other's measurement are switched apart. */
export const GROUPS = ['calls', 'loop'] as const;
export type Group = (typeof GROUPS)[number];

/** What is the same wherever a fault is. */
interface Shape {
  readonly kinds: readonly FindingKind[];
  /** What is true of its endpoint, too, with the fault and without it: said or not, it counts neither way. */
  readonly trueToo: readonly FindingKind[];
  /** What it makes slower: the typical request, or some that have bad luck and with them only the mean. */
  readonly slows: 'median' | 'mean';
  /** Which aim its saving is held against: structural fixes are measured time that goes; a ceiling is no prediction. */
  readonly fix: 'structural' | 'connection' | 'ceiling';
  readonly group: Group;
}

export interface AppFault extends Shape {
  readonly name: string;
  readonly app: AppName;
  /** As in findings: "GET /accounts/:id/entries". */
  readonly endpoint: string;
  readonly places: readonly { readonly file: string; readonly line: number }[];
  /** Its place among all faults and apps: what strength it has in which turn. */
  readonly place: number;
}

function shape(kinds: readonly FindingKind[], fix: Shape['fix'], slows: Shape['slows'] = 'median'): Shape {
  // Pools are too small for queries that take their time, and for bursts also when connections are given back at once.
  const trueToo: readonly FindingKind[] = kinds.includes('pool-starvation')
    ? ['slow-operation', 'pool-starvation']
    : [];
  return { kinds, trueToo, fix, slows, group: kinds.includes('blocked-loop') ? 'loop' : 'calls' };
}

const SHAPES: Readonly<Record<string, Shape>> = {
  'query-loop': shape(['n-plus-one'], 'structural'),
  'call-loop': shape(['n-plus-one-calls'], 'structural'),
  'two-calls-loop': shape(['loop-of-calls'], 'structural'),
  'asked-again': shape(['duplicate-call'], 'structural'),
  'one-by-one': shape(['sequential-calls'], 'structural'),
  'connection-per-call': shape(['new-connections'], 'connection', 'mean'),
  'name-per-call': shape(['dns-per-call', 'new-connections'], 'connection'),
  'small-pool': shape(['pool-starvation'], 'structural', 'mean'),
  'kept-connection': shape(['held-connection', 'pool-starvation'], 'connection', 'mean'),
  'extra-statements': shape(['control-statements'], 'structural'),
  'slow-query': shape(['slow-operation'], 'ceiling'),
  'never-kept': shape(['cacheable', 'slow-operation'], 'ceiling'),
  'whole-documents': shape(['large-answer'], 'ceiling'),
  'two-writes': shape(['stall-40-ms'], 'structural', 'mean'),
  'tried-again': shape(['retries'], 'structural', 'mean'),
  'long-limit': shape(['timeouts'], 'ceiling', 'mean'),
  'log-awaited': shape(['deferrable'], 'structural'),
  'busy-code': shape(['blocked-loop'], 'connection', 'mean'),
  'look-up-chain': shape(['pointer-chase'], 'structural'),
  'asked-in-vain': shape(['polling'], 'structural'),
  'asked-at-once': shape(['wide-fan-out'], 'structural'),
  'sent-plain': shape(['missing-compression'], 'structural'),
  'loaded-late': shape(['cold-start'], 'connection', 'mean'),
  'hot-row': shape(['row-lock'], 'connection', 'mean'),
};
const NAMES = Object.keys(SHAPES);

/** "route('get', '/accounts/:id'" or "@app.get('/accounts/{id}'" → "GET /accounts/:id" */
const ROUTE = /(?:route\(['"](\w+)['"], |@\w+\.(get|post)\()['"]([^'"]+)['"]/;

/** Each app has the faults that its source marks. */
export const APP_FAULTS: readonly AppFault[] = APP_NAMES.flatMap((app, index) => faultsOf(app, index));

function faultsOf(app: AppName, appIndex: number): AppFault[] {
  const lines = linesOf(app);
  return lines.flatMap(({ text }, at) => {
    const [, name = ''] = /^(?:\/\/|#) has ([\w-]+)$/.exec(text) ?? [];
    const known = SHAPES[name];
    if (name !== '' && known === undefined) throw new Error(`${app} has an unknown fault: ${name}`);
    if (known === undefined) return [];
    const places = lines.filter((line) => line.text.endsWith(`fault ${name}`));
    if (places.length === 0) throw new Error(`${app} has no line marked "fault ${name}"`);
    const endpoint = endpointIn(lines[at + 1]?.text ?? '');
    return [{ ...known, name, app, endpoint, places, place: NAMES.indexOf(name) + appIndex }];
  });
}

function linesOf(app: AppName): { file: string; line: number; text: string }[] {
  const { files, runtime } = appOf(app);
  // Where what they share does its work.
  const shared = runtime === 'node' ? 'flags.js' : 'flags.py';
  return [...files, shared].flatMap((file) =>
    readFileSync(join(FOLDER, file), 'utf8')
      .split('\n')
      .map((text, index) => ({ file, line: index + 1, text })),
  );
}

function endpointIn(text: string): string {
  const [, method, decorator = '', path = ''] = ROUTE.exec(text) ?? [];
  return `${(method ?? decorator).toUpperCase()} ${path}`;
}

/** In three turns each fault has each strength, and in each turn an app has about as many of each. */
export function levelOf({ place }: AppFault, turn: number): Level {
  return LEVELS[(place + turn) % LEVELS.length] ?? 'high';
}

/** A call is part of a statement of several lines. */
const LINES = 3;

/** "ledger.js:54:12" or a longer path. */
export function isAt({ places }: AppFault, callSite: string): boolean {
  const [, name, at] = /([^/:]+):(\d+)(?::\d+)?$/.exec(callSite) ?? [];
  return places.some(({ file, line }) => file === name && Math.abs(line - Number(at)) <= LINES);
}

/** Endpoints of look-alikes: "GET /decoys/forty/:id". */
export function decoysOf(app: AppName): string[] {
  const source = readFileSync(join(FOLDER, appOf(app).decoys), 'utf8');
  return [...source.matchAll(new RegExp(ROUTE, 'g'))].map(([text]) => endpointIn(text));
}
