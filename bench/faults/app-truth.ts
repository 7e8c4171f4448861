// What is wrong with the apps of apps/, as their source says. In: the apps' files. Out: for each fault the kinds of finding that name it, its
// endpoint, the lines that would have to change, and how much of the load goes where. Nothing here knows how a fault is found.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FindingKind } from '../../src/model/finding.ts';

export const FOLDER = 'bench/faults/apps';

export const APPS = ['ledger', 'board'] as const;
export type AppName = (typeof APPS)[number];

export const LEVELS = ['low', 'medium', 'high'] as const;
export type Level = (typeof LEVELS)[number];

/** Faults that disturb each other's measurement are switched apart. */
export const GROUPS = ['calls', 'loop'] as const;
export type Group = (typeof GROUPS)[number];

export interface AppFault {
  readonly name: string;
  readonly app: AppName;
  readonly group: Group;
  readonly kinds: readonly FindingKind[];
  /** As in findings: "GET /accounts/:id/entries". */
  readonly endpoint: string;
  readonly lines: readonly number[];
  /** What it makes slower: the typical request, or some that have bad luck and with them only the mean. */
  readonly slows: 'median' | 'mean';
  /** Which aim its saving is held against: structural fixes are measured time that goes. */
  readonly fix: 'structural' | 'connection' | 'ceiling';
}

interface Shape {
  readonly name: string;
  readonly kinds: readonly FindingKind[];
  readonly endpoints: Readonly<Record<AppName, string>>;
  readonly slows?: 'mean';
  readonly fix: AppFault['fix'];
  readonly group?: Group;
}

const SHAPES: readonly Shape[] = [
  {
    name: 'query-loop',
    kinds: ['n-plus-one'],
    endpoints: { ledger: 'GET /accounts/:id/entries', board: 'GET /threads/:id' },
    fix: 'structural',
  },
  {
    name: 'call-loop',
    kinds: ['n-plus-one-calls'],
    endpoints: { ledger: 'GET /invoices/:id', board: 'GET /badges/:id' },
    fix: 'structural',
  },
  {
    name: 'two-calls-loop',
    kinds: ['loop-of-calls'],
    endpoints: { ledger: 'GET /statements/:id', board: 'GET /feeds/:id' },
    fix: 'structural',
  },
  {
    name: 'asked-again',
    kinds: ['duplicate-call'],
    endpoints: { ledger: 'GET /profiles/:id', board: 'GET /sessions/:id' },
    fix: 'structural',
  },
  {
    name: 'one-by-one',
    kinds: ['sequential-calls'],
    endpoints: { ledger: 'GET /dashboards/:id', board: 'GET /overviews/:id' },
    fix: 'structural',
  },
  {
    name: 'connection-per-call',
    kinds: ['new-connections'],
    endpoints: { ledger: 'GET /payouts/:id', board: 'GET /counts/:id' },
    slows: 'mean',
    fix: 'connection',
  },
  {
    name: 'name-per-call',
    kinds: ['dns-per-call', 'new-connections'],
    endpoints: { ledger: 'GET /quotes/:id', board: 'GET /links/:id' },
    fix: 'connection',
  },
  {
    name: 'small-pool',
    kinds: ['pool-starvation'],
    endpoints: { ledger: 'GET /reports/:id', board: 'GET /reports/:id' },
    slows: 'mean',
    fix: 'structural',
  },
  {
    name: 'kept-connection',
    kinds: ['held-connection', 'pool-starvation'],
    endpoints: { ledger: 'POST /transfers/:id', board: 'POST /moves/:id' },
    slows: 'mean',
    fix: 'connection',
  },
  {
    name: 'extra-statements',
    kinds: ['control-statements'],
    endpoints: { ledger: 'GET /settings/:id', board: 'GET /titles/:id' },
    fix: 'structural',
  },
  {
    name: 'slow-query',
    kinds: ['slow-operation'],
    endpoints: { ledger: 'GET /search/:id', board: 'GET /searches/:id' },
    fix: 'ceiling',
  },
  {
    name: 'never-kept',
    kinds: ['cacheable', 'slow-operation'],
    endpoints: { ledger: 'GET /currencies/:id', board: 'GET /boards/:id' },
    fix: 'ceiling',
  },
  {
    name: 'whole-documents',
    kinds: ['large-answer'],
    endpoints: { ledger: 'GET /exports/:id', board: 'GET /streams/:id' },
    fix: 'ceiling',
  },
  {
    name: 'two-writes',
    kinds: ['stall-40-ms'],
    endpoints: { ledger: 'POST /notes/:id', board: 'POST /drafts/:id' },
    slows: 'mean',
    fix: 'structural',
  },
  {
    name: 'tried-again',
    kinds: ['retries'],
    endpoints: { ledger: 'GET /fx/:id', board: 'GET /translations/:id' },
    slows: 'mean',
    fix: 'structural',
  },
  {
    name: 'long-limit',
    kinds: ['timeouts'],
    endpoints: { ledger: 'GET /risks/:id', board: 'GET /avatars/:id' },
    slows: 'mean',
    fix: 'ceiling',
  },
  {
    name: 'log-awaited',
    kinds: ['deferrable'],
    endpoints: { ledger: 'POST /orders/:id', board: 'POST /replies/:id' },
    fix: 'structural',
  },
  {
    name: 'busy-code',
    kinds: ['blocked-loop'],
    endpoints: { ledger: 'GET /digests/:id', board: 'GET /renderings/:id' },
    slows: 'mean',
    fix: 'connection',
    group: 'loop',
  },
];

export const APP_FAULTS: readonly AppFault[] = APPS.flatMap((app) =>
  SHAPES.map((shape) => faultOf(app, shape)),
);

function faultOf(app: AppName, { name, kinds, endpoints, slows, fix, group }: Shape): AppFault {
  return {
    name,
    app,
    group: group ?? 'calls',
    kinds,
    endpoint: endpoints[app],
    lines: linesOf(app, name),
    slows: slows ?? 'median',
    fix,
  };
}

function linesOf(app: AppName, name: string): number[] {
  const source = readFileSync(join(FOLDER, `${app}.js`), 'utf8').split('\n');
  const lines = source.flatMap((line, index) => (line.endsWith(`// fault ${name}`) ? [index + 1] : []));
  if (lines.length === 0) throw new Error(`${app}.js has no line marked "fault ${name}"`);
  return lines;
}

/** Endpoints of look-alikes: "GET /decoys/forty/:id". */
export function decoysOf(app: AppName): string[] {
  const source = readFileSync(join(FOLDER, `${app}-decoys.js`), 'utf8');
  return [...source.matchAll(/route\('(\w+)', '([^']+)'/g)].map(
    ([, method = '', path = '']) => `${method.toUpperCase()} ${path}`,
  );
}
