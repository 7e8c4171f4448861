// The call that a library has begun, and whose HTTP/2 stream it opens later, somewhere in what it started: gRPC waits for its channel.
// In: a call. Out: a context to start it in, and the call again when the stream is opened there. Not here: libraries, streams.

import { Context } from '../requests/context.ts';
import { sideTable } from '../hints/side-table.ts';
import { traceOf } from '../requests/trace.ts';

const calls = sideTable<Context>();

/** A context of the same request, for code that will open one stream for `call`. For all else it is as the request's own. */
export function contextForStream(call: Context): Context {
  const context = new Context(call.request, 0);
  if (call.request !== 0) context.trace = traceOf(call);
  calls.set(context, call);
  return context;
}

/** The call whose stream is opened in `context`, if it was begun for one: once, because callbacks of the application may run there, too. */
export function takeCallOfStream(context: Context): Context | undefined {
  const call = calls.get(context);
  if (call !== undefined) calls.set(context, undefined);
  return call;
}
