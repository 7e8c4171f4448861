// The head of an HTTP/2 request as an application gives it: an object, or since Node 24 a list of names and values. In: headers.
// Out: what records need, and the same headers with a trace. Not here: whether there should be one (propagation.ts).

import { forbids } from './propagation.ts';

const GRPC = 'application/grpc';

export class StreamHead {
  method = 'GET';
  target = '/';
  authority = '';
  isGrpc = false;
  /** Of gRPC: `100m` and the like. */
  timeout = '';
  /** As it will be sent: the application's, or ours. */
  traceparent = '';
  b3 = '';
  /** The application traces or signs by itself. */
  isTaken = false;
  /** The trace is to be added. */
  isOurs = false;

  /** `undefined` when it is none, or cannot be read: then Node shall say so. */
  static of(headers: unknown): StreamHead | undefined {
    const head = new StreamHead();
    if (headers === undefined) return head;
    if (typeof headers !== 'object' || headers === null) return undefined;
    try {
      if (Array.isArray(headers))
        for (let index = 0; index + 1 < headers.length; index += 2)
          head.#note(headers[index], headers[index + 1]);
      else for (const name of Object.keys(headers)) head.#note(name, Reflect.get(headers, name));
    } catch {
      return undefined;
    }
    return head;
  }

  /** What the application gave stays as it is. */
  withTrace(headers: unknown): unknown {
    if (!this.isOurs) return headers;
    const { traceparent, b3 } = this;
    if (Array.isArray(headers))
      return [...(headers as unknown[]), 'traceparent', traceparent, ...(b3 === '' ? [] : ['b3', b3])];
    return { ...(headers as object | undefined), traceparent, ...(b3 === '' ? {} : { b3 }) };
  }

  #note(name: unknown, value: unknown): void {
    if (typeof name !== 'string') return;
    if (name.startsWith(':')) return this.#notePseudo(name, textOf(value));
    const lower = name.toLowerCase();
    if (lower === 'content-type') this.isGrpc = textOf(value).startsWith(GRPC);
    else if (lower === 'grpc-timeout') this.timeout = textOf(value);
    else if (lower === 'host') this.authority ||= textOf(value);
    else if (forbids(lower, value)) this.#take(lower, textOf(value));
  }

  #notePseudo(name: string, text: string): void {
    if (name === ':method') this.method = text;
    else if (name === ':path') this.target = text;
    else if (name === ':authority') this.authority = text;
  }

  #take(name: string, text: string): void {
    this.isTaken = true;
    if (name === 'traceparent') this.traceparent = text;
  }
}

function textOf(value: unknown): string {
  return String(Array.isArray(value) ? value[0] : (value ?? ''));
}
