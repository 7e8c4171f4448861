// Which request is running, and for which call of the application. In: request starts (the server patch) and what hints know better.
// Out: the context that the next written bytes belong to. Not here: sockets, records.

import { AsyncLocalStorage } from 'node:async_hooks';
import { HIDDEN_REQUEST, NO_REQUEST } from '../../record/layout.ts';
import type { Trace } from './trace.ts';

/** A request and, when a library queues, the call of the application that bytes belong to. */
export class Context {
  readonly request: number;
  /** 0: no call was seen. */
  readonly call: number;
  /** The same request without a call: what code of the application runs in. */
  readonly requestContext: Context;
  /** Only a promise waits for the call: its answer runs no code of the application, and need not enter the request for that. */
  isAwaited = false;
  /** Its call site is still to be found, where the statement is known: a pool does not hear what its connections are for. */
  isUnplaced = false;
  /** Of a `requestContext`: the trace its request belongs to, once somebody has asked. */
  trace: Trace | undefined = undefined;

  constructor(request: number, call: number, requestContext?: Context) {
    this.request = request;
    this.call = call;
    this.requestContext = requestContext ?? this;
  }
}

/** No request was running. */
export const NO_CONTEXT = new Context(NO_REQUEST, 0);
/** A request may have caused it, but nobody can know which. */
export const HIDDEN_CONTEXT = new Context(HIDDEN_REQUEST, 0);

/** One context, or the contexts of the operations in one write, in order. */
export type WriteContext = Context | readonly Context[];

const storage = new AsyncLocalStorage<Context>();

// `storage.run` costs 170-270 ns on Node 24, a variable 1 ns: what hints know holds during one synchronous call only.
let override: Context | undefined;
let ordered: readonly Context[] | undefined;

/** The context of the code that is running now. */
export function currentContext(): Context {
  return override ?? storage.getStore() ?? NO_CONTEXT;
}

/**
 * What the bytes of a `socket.write` that starts now belong to. An ordered list is used up by the first write.
 */
export function takeWriteContext(): WriteContext {
  if (ordered === undefined) return currentContext();
  const contexts = ordered;
  ordered = undefined;
  return contexts;
}

/**
 * Sets the context of what happens until the next call of this function; answers what was set before.
 * `const previous = replaceCurrent(c); try { return f.call(…); } finally { replaceCurrent(previous); }`
 */
export function replaceCurrent(context: Context | undefined): Context | undefined {
  const previous = override;
  override = context;
  return previous;
}

/** The i-th operation in the next write has the i-th context. Answers what was set before, to be put back as above. */
export function replaceOrdered(contexts: readonly Context[] | undefined): readonly Context[] | undefined {
  const previous = ordered;
  ordered = contexts;
  return previous;
}

/** Runs `fn`, and everything asynchronous it starts, as part of a request. */
export function runInContext(
  context: Context,
  fn: (...args: never[]) => unknown,
  self: unknown,
  args: ArrayLike<unknown>,
): unknown {
  const previous = replaceCurrent(undefined);
  try {
    if (storage.getStore() === context.requestContext) return Reflect.apply(fn, self, args);
    return storage.run(context.requestContext, Reflect.apply, fn, self, args);
  } finally {
    override = previous;
  }
}

/** What the running function does from here on, and everything asynchronous that it starts, is part of a request. */
export function enterContext(context: Context): void {
  storage.enterWith(context.requestContext);
}

/** `fn`, run in the request of `context` whoever calls it: for callbacks that a library keeps in a queue. */
export function bindCallback<F>(fn: F, context: Context): F {
  if (typeof fn !== 'function') return fn;
  const callback = fn as (...args: never[]) => unknown;
  const bound = function (this: unknown, ...args: unknown[]): unknown {
    return runInContext(context, callback, this, args);
  };
  return bound as F;
}
