// Calls of the application into a library that may queue. In: the moment of the call, and of the pool's grant. Out: `call` and `grant`
// records, and the context that ties the later bytes to the call. Not here: which methods are such calls (hints/).

import { callSiteOf } from './call-site.ts';
import { idleNs, now } from '../clock.ts';
import { Context, currentContext } from '../requests/context.ts';
import { active, fail } from '../guard.ts';
import { recorder } from '../recorder.ts';

let lastCall = 0;

/**
 * The application calls a library now. Answers the context for the operation: this request, this call.
 * `statement` lets call sites be sampled per statement instead of per library.
 */
export function newCall(library: string, statement: string = library): Context {
  const context = currentContext();
  if (recorder === undefined || !active) return context;
  try {
    const time = now();
    return recordCall(context, time, callSiteOf(statement, time));
  } catch (error) {
    fail(error);
    return context;
  }
}

/** The application asks a pool that does not know for what: the call site is found by `placeCall`. */
export function newUnplacedCall(): Context {
  const context = currentContext();
  if (recorder === undefined || !active) return context;
  try {
    const called = recordCall(context, now(), 0);
    called.isUnplaced = true;
    return called;
  } catch (error) {
    fail(error);
    return context;
  }
}

/** What an unplaced call was for is known now, and the stack still leads to the application. */
export function placeCall(context: Context, statement: string): void {
  if (recorder === undefined || !active) return;
  context.isUnplaced = false;
  try {
    placeCallAt(context, siteOfNow(statement));
  } catch (error) {
    fail(error);
  }
}

/** The call site of the code that is running, 0 when it is not sampled, for calls that begin later. */
export function siteOfNow(statement: string): number {
  return recorder === undefined ? 0 : callSiteOf(statement, now());
}

/** Where a call came from is known from before. */
export function placeCallAt({ call, request }: Context, callSite: number): void {
  if (call !== 0 && callSite !== 0) recorder?.call(now(), idleNs(), call, request, callSite);
}

/**
 * For writes of drivers without hints: the same context, or, when this write is among the sampled ones and code of the application is on
 * the stack, the context of a new call.
 */
export function sampledCall(context: Context, target: string): Context {
  const time = now();
  const callSite = callSiteOf(target, time);
  return callSite === 0 ? context : recordCall(context, time, callSite);
}

/** The pool hands a connection over to the call, now. */
export function grant(context: Context): void {
  if (context.call === 0 || recorder === undefined || !active) return;
  try {
    recorder.grant(now(), idleNs(), context.call);
  } catch (error) {
    fail(error);
  }
}

function recordCall(context: Context, time: number, callSite: number): Context {
  const call = ++lastCall;
  recorder?.call(time, idleNs(), call, context.request, callSite);
  return new Context(context.request, call, context.requestContext);
}
