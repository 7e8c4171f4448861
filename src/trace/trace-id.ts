// Trace ids from a request's own headers. In: header texts. Out: the trace and the caller's span, or undefined.
// W3C Trace Context: https://www.w3.org/TR/trace-context/ · b3: https://github.com/openzipkin/b3-propagation

import type { ParentLink } from '../model/request.ts';

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/;
const B3_SINGLE = /^([0-9a-f]{16}|[0-9a-f]{32})-([0-9a-f]{16})/i;
const ALL_ZERO = /^0+$/;

/** The first of the two headers that is valid; ids are lower-case hex, the trace id padded to 32 digits. */
export function parentLink(traceparent: string, b3: string): ParentLink | undefined {
  const match = TRACEPARENT.exec(traceparent) ?? B3_SINGLE.exec(b3);
  const traceId = match?.[1]?.toLowerCase().padStart(32, '0') ?? '';
  const spanId = match?.[2]?.toLowerCase() ?? '';
  return traceId === '' || ALL_ZERO.test(traceId) || ALL_ZERO.test(spanId) ? undefined : { traceId, spanId };
}
