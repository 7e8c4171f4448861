// Where in the application's code a call comes from. In: the stack of the moment, sampled within a budget. Out: ids, and one `callSite`
// record for each id. Not here: which frames are the application's (user-code.ts), source maps on disk (the collector has them).

import { fileURLToPath } from 'node:url';
import { BoundedMap } from '../../base/bounded.ts';
import { Budget } from '../cost/budget.ts';
import { carriedSite } from './carried-site.ts';
import { idleNs, now } from '../clock.ts';
import { wantsCallSites } from '../cost/frugality.ts';
import { epoch, recorder } from '../recorder.ts';
import { applicationFrames } from './user-code.ts';

/** Reach the application for pg and ioredis; knex, sequelize and fetch need 25-32. */
const SHALLOW_DEPTH = 10;
const DEEP_DEPTH = 32;
/** So many of the application in a row are perhaps a bundle, with its packages: the collector has its source map, and needs more of them. */
const BUNDLE_FRAMES = 6;
/** A capture costs 10-180 µs (Node 20.20, busy machine; the first ones of a function most): 20 a second are at most 0.4 % of a core. */
const CAPTURES_PER_SECOND = 15;
/**
 * The others. Where values are part of the text (Sequelize's SELECT) new statements never end, and would take all: of an INSERT that two functions
 * share, only the first one's line would ever be seen.
 */
const CAPTURES_AGAIN_PER_SECOND = 5;
/** Of a second at most: what is seen again is wanted from different times. */
const AGAIN_LIMIT = CAPTURES_AGAIN_PER_SECOND;
/** Saved up in quiet times, so that the first requests after a start are seen completely. */
const BUDGET_LIMIT = 400;
/** The last half of the budget is kept for statements that were seen less often than this. */
const FIRST_CAPTURES = 8;
/** Nothing of the application was ever on the stack: it is not going to be. */
const MISSES_LIMIT = 16;
/** Statements and call sites beyond these are not told apart: memory is bounded. */
const STATEMENT_LIMIT = 2000;
const CALL_SITE_LIMIT = 10_000;

/** How often the stack was captured for one statement (or library, or target). */
class Sampling {
  captures = 0;
  hits = 0;
  depth = SHALLOW_DEPTH;
}

interface CallSite {
  readonly id: number;
  readonly text: string;
  /** In which a collector was told what it is. */
  epoch: number;
}

const samplings = new BoundedMap<string, Sampling>(STATEMENT_LIMIT);
const callSites = new Map<string, CallSite>();
/** By id, from 1. */
const numbered: CallSite[] = [];
const budget = new Budget(BUDGET_LIMIT, CAPTURES_PER_SECOND);
const budgetAgain = new Budget(AGAIN_LIMIT, CAPTURES_AGAIN_PER_SECOND);
let lastKey = '';
let lastSampling = new Sampling();

/** The call site of the code that is running, or 0: not sampled, or no code of the application on the stack. `time` in ns. */
export function callSiteOf(statement: string, time: number): number {
  if (recorder === undefined || !wantsCallSites) return 0;
  const sampling = samplingOf(statement);
  // Where the stack leads nowhere, the library may have brought one.
  if (!mayCapture(sampling, time)) return sampling.hits === 0 ? carriedSite() : 0;
  sampling.captures++;
  const frames = capture(sampling);
  if (frames.length === 0) return carriedSite();
  sampling.hits++;
  return idOf(frames, time);
}

/** Statements with their values in the text come but once: those that lie too deep are looked at again at once. */
function capture(sampling: Sampling): readonly NodeJS.CallSite[] {
  const frames = framesWithin(sampling.depth);
  if (sampling.depth === DEEP_DEPTH || (frames.length > 0 && frames.length < BUNDLE_FRAMES)) return frames;
  sampling.depth = DEEP_DEPTH;
  return framesWithin(DEEP_DEPTH);
}

function framesWithin(depth: number): readonly NodeJS.CallSite[] {
  const stack = captureStack(depth);
  return applicationFrames(stack, stack[0]?.getFileName(), depth === DEEP_DEPTH);
}

function samplingOf(statement: string): Sampling {
  if (statement === lastKey) return lastSampling;
  let sampling = samplings.get(statement);
  if (sampling === undefined) samplings.set(statement, (sampling = new Sampling()));
  lastKey = statement;
  lastSampling = sampling;
  return sampling;
}

function mayCapture(sampling: Sampling, time: number): boolean {
  if (sampling.hits === 0 && sampling.captures >= MISSES_LIMIT) return false;
  if (sampling.captures < FIRST_CAPTURES) return budget.take(time);
  return budget.take(time, BUDGET_LIMIT / 2) || budgetAgain.take(time);
}

/**
 * The raw frames, whatever formatter the application has installed; it is put back before anyone can see. Assigned, not deleted,
 * as everybody does (depd in Express, for one): deleting would turn `Error` into a slow object.
 */
function captureStack(depth: number): readonly NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  // An application may have frozen `Error`: no frames then.
  if (!Reflect.set(Error, 'prepareStackTrace', keepFrames)) return [];
  try {
    Reflect.set(Error, 'stackTraceLimit', depth);
    // The frames from our caller on: the wrapper is the first.
    Error.captureStackTrace(holder, callSiteOf);
    const { stack } = holder;
    return Array.isArray(stack) && stack.every(isFrame) ? stack : [];
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
    Reflect.set(Error, 'prepareStackTrace', prepareStackTrace);
  }
}

/** Somebody may have put something between V8 and the formatter, or another `captureStackTrace`. */
function isFrame(value: unknown): value is NodeJS.CallSite {
  return typeof value === 'object' && value !== null && 'getFileName' in value;
}

function keepFrames(_error: unknown, frames: readonly NodeJS.CallSite[]): readonly NodeJS.CallSite[] {
  return frames;
}

function idOf(frames: readonly NodeJS.CallSite[], time: number): number {
  const key = frames.map(positionOf).join('\n');
  const known = callSites.get(key) ?? newCallSite(key, frames);
  if (known === undefined) return 0;
  if (known.epoch !== epoch) tell(known, time);
  return known.id;
}

function newCallSite(key: string, frames: readonly NodeJS.CallSite[]): CallSite | undefined {
  if (callSites.size >= CALL_SITE_LIMIT) return undefined;
  const callSite = { id: callSites.size + 1, text: frames.map(textOf).join('\n'), epoch: -1 };
  callSites.set(key, callSite);
  numbered.push(callSite);
  return callSite;
}

function tell(callSite: CallSite, time: number): void {
  callSite.epoch = epoch;
  recorder?.callSite(time, idleNs(), callSite.id, callSite.text);
}

/** What is going to be said names this call site: the collector should know it. */
export function tellCallSite(id: number): void {
  const callSite = numbered[id - 1];
  if (callSite !== undefined && callSite.epoch !== epoch) tell(callSite, now());
}

function positionOf(frame: NodeJS.CallSite): string {
  return `${frame.getFileName()}:${frame.getLineNumber()}:${frame.getColumnNumber()}`;
}

/** `file:line:column function`, mapped when only this process has the source map (tsx, --enable-source-maps, ts-node). */
function textOf(frame: NodeJS.CallSite): string {
  const file = frame.getFileName() ?? '';
  const line = frame.getLineNumber() ?? 0;
  const column = frame.getColumnNumber() ?? 0;
  const name = frame.getFunctionName() ?? '';
  const original = originalPosition(file, line, column) ?? positionForReaders(frame, file);
  return `${original ?? `${pathOf(file)}:${line}:${column}`} ${name}`.trimEnd();
}

export function originalPosition(file: string, line: number, column: number): string | undefined {
  if (!hasSourceMaps()) return undefined;
  const { findSourceMap } = process.getBuiltinModule('node:module');
  const entry = findSourceMap(file)?.findEntry(line - 1, column - 1);
  if (entry === undefined || !('originalSource' in entry)) return undefined;
  return `${pathOf(entry.originalSource)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}

/** Node keeps none unless it was told to; to ask for one loads 0.3-2 ms of code that nothing else needs (Node 20.20, 2026-11). */
function hasSourceMaps(): boolean {
  const { sourceMapsEnabled } = process as { readonly sourceMapsEnabled?: boolean };
  return sourceMapsEnabled !== false || process.env['NODE_V8_COVERAGE'] !== undefined;
}

const IN_MEMORY = /\.[cm]?tsx?$/;
const SHOWN = /\(?((?:file:\/\/)?\/[^()]*:\d+:\d+)\)?$/;
const SOME_ERROR = new Error();

/**
 * Files that are compiled in memory (ts-node, babel-register and the like): only the formatter of stacks that came with the compiler knows
 * the lines. It is asked as any reader of `error.stack` asks it.
 */
function positionForReaders(frame: NodeJS.CallSite, file: string): string | undefined {
  const { prepareStackTrace } = Error;
  if (!IN_MEMORY.test(file) || typeof prepareStackTrace !== 'function') return undefined;
  try {
    const shown = SHOWN.exec(String(prepareStackTrace(SOME_ERROR, [frame])))?.[1];
    return shown === undefined ? undefined : pathOf(shown);
  } catch {
    return undefined;
  }
}

export function pathOf(file: string): string {
  if (!file.startsWith('file:')) return file;
  const query = file.indexOf('?');
  return fileURLToPath(query < 0 ? file : file.slice(0, query));
}
