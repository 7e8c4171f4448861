// The trace that a request belongs to, and the headers that carry it on. In: trace headers that the request came with. Out: headers for
// what it asks of others, each with a span id of its own. Not here: to whom they may be sent (propagation.ts).
// W3C Trace Context: https://www.w3.org/TR/trace-context/ · b3: https://github.com/openzipkin/b3-propagation

import type { Context } from './context.ts';

const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})/;
const B3 = /^((?:[0-9a-f]{16}){1,2})-[0-9a-f]{16}(?:-([01d]))?/i;
const SAMPLED = 1;

/** The headers of one operation; '' means: do not send. */
export interface TraceHeaders {
  readonly traceparent: string;
  readonly b3: string;
}

/** Begins a trace of its own when there is no valid header. */
export class Trace {
  readonly #id: string;
  readonly #isSampled: boolean;
  /** The trace id as b3 wrote it, where b3 alone came in: whoever sent it may know no other. */
  readonly #b3Id: string;

  constructor(traceparent: string, b3: string) {
    const parent = TRACEPARENT.exec(traceparent);
    const single = parent === null ? B3.exec(b3) : null;
    this.#b3Id = single?.[1]?.toLowerCase() ?? '';
    this.#id = parent?.[1] ?? (this.#b3Id === '' ? randomHex(4) : this.#b3Id.padStart(32, '0'));
    this.#isSampled = isSampled(parent?.[2], single?.[2]);
  }

  /** For one operation. */
  headers(): TraceHeaders {
    const span = randomHex(2);
    const traceparent = `00-${this.#id}-${span}-${this.#isSampled ? '01' : '00'}`;
    const b3 = this.#b3Id === '' ? '' : `${this.#b3Id}-${span}-${this.#isSampled ? '1' : '0'}`;
    return { traceparent, b3 };
  }
}

/** Who began the trace has decided; we take it for wanted when nobody has. */
function isSampled(flags: string | undefined, b3: string | undefined): boolean {
  if (flags !== undefined) return (Number.parseInt(flags, 16) & SAMPLED) !== 0;
  return b3 !== '0';
}

/** The trace of the request that `context` belongs to; begun now when nobody has asked before. */
export function traceOf(context: Context): Trace {
  return (context.requestContext.trace ??= new Trace('', ''));
}

/** Names, not secrets: `Math.random` is seeded per process and thread. Never all zeros, which the specification forbids. */
function randomHex(words: number): string {
  let text = '';
  for (let index = 0; index < words; index++)
    text += (((Math.random() * 0xffffffff) >>> 0) + 1).toString(16).padStart(8, '0');
  return text;
}
