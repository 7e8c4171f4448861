// A message that is sent carries the trace of the request that sends it. In: the request's context, the broker. Out: the header, '' when
// there is none to be sent; the collector hears of the trace by a record, for it does not look into messages.
// Brokers of our own and listed hosts only, as with HTTP (propagation.ts). Not here: how libraries keep headers.

import { idleNs, now } from '../clock.ts';
import type { Context } from '../requests/context.ts';
import { active, fail } from '../guard.ts';
import { mayTell } from '../requests/propagation.ts';
import { recorder } from '../recorder.ts';
import { traceOf } from '../requests/trace.ts';

/** The name of the header, with all of them. */
export const TRACEPARENT = 'traceparent';

/** `broker`: its host, with or without port. Every message has a span id of its own. */
export function traceparentFor(context: Context, broker: string): string {
  if (!active || recorder === undefined) return '';
  try {
    if (!mayTell(context, broker)) return '';
    const isFirst = context.requestContext.trace === undefined;
    const { traceparent } = traceOf(context).headers();
    if (isFirst) recorder.requestTrace(now(), idleNs(), context.request, traceparent);
    return traceparent;
  } catch (error) {
    fail(error);
    return '';
  }
}
