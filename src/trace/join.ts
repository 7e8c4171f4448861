// Joins the two sides of a call between two traced processes. Without any header: the n-th HTTP operation on a connection, as the client
// sees it, is the n-th request on the same four addresses, as the server sees it. By header, where something stands between them: the
// span id that an operation carried is the one its callee names as its parent. In: both sides, in any order. Out: caller and callee
// linked. Bounded: pairs that never meet are forgotten, oldest first.

import { BoundedMap } from '../base/bounded.ts';
import { operationStart, type Operation } from '../model/operation.ts';
import type { ParentLink } from '../model/request.ts';
import type { LiveRequest } from './live-request.ts';

const PAIR_LIMIT = 100_000;
const CONNECTION_LIMIT = 100_000;

interface Pair {
  caller: LiveRequest | undefined;
  operation: Operation | undefined;
  callee: LiveRequest | undefined;
  /** Of spans: the connection of the operation, '' unknown. */
  tuple: string;
  /** Of spans: more than one operation carried it, so that it names none of them. */
  isShared: boolean;
}

export class Joins {
  readonly #pairs = new BoundedMap<string, Pair>(PAIR_LIMIT);
  readonly #spans = new BoundedMap<string, Pair>(PAIR_LIMIT);
  readonly #clientTuples = new BoundedMap<string, true>(CONNECTION_LIMIT);
  joined = 0;

  /** A traced process has opened this connection: whoever receives a request on it has a traced caller. */
  clientConnected(tuple: string): void {
    if (tuple !== '') this.#clientTuples.set(tuple, true);
  }

  clientClosed(tuple: string): void {
    this.#clientTuples.delete(tuple);
  }

  /** The client side: `operation` ended; `caller` is undefined when no request caused it. `link`: what it told of itself. */
  operationEnded(
    tuple: string,
    operation: Operation,
    caller: LiveRequest | undefined,
    link?: ParentLink,
  ): void {
    if (tuple !== '') {
      const pair = pairIn(this.#pairs, `${tuple}#${operation.nthOnConnection}`);
      pair.operation = operation;
      pair.caller = caller;
      if (this.#link(pair)) return;
    }
    if (link !== undefined) this.#spanEnded(pairIn(this.#spans, spanKey(link)), tuple, operation, caller);
  }

  /** The server side: `callee` began as the n-th request on the connection. */
  requestStarted(tuple: string, nth: number, callee: LiveRequest): void {
    const { parent } = callee.request;
    if (tuple !== '') {
      callee.joinKey = `${tuple}#${nth}`;
      const pair = pairIn(this.#pairs, callee.joinKey);
      pair.callee = callee;
      this.#link(pair);
    }
    if (parent === undefined) return;
    const span = pairIn(this.#spans, spanKey(parent));
    if (span.callee !== undefined && span.callee.request.start <= callee.request.start) return;
    // The first one was asked; others had the header passed on to them unchanged.
    unlink(span);
    span.callee = callee;
    this.#linkSpan(span);
  }

  /** Its caller is traced, but the operation that asked for it has not ended yet as far as records tell. */
  isCallerAwaited(callee: LiveRequest): boolean {
    if (callee.joinKey === '' || callee.callerOperation !== undefined) return false;
    return this.#clientTuples.has(callee.joinKey.slice(0, callee.joinKey.lastIndexOf('#')));
  }

  forget(callee: LiveRequest): void {
    const { parent } = callee.request;
    if (callee.joinKey !== '') this.#pairs.delete(callee.joinKey);
    if (parent !== undefined) this.#spans.delete(spanKey(parent));
  }

  #spanEnded(span: Pair, tuple: string, operation: Operation, caller: LiveRequest | undefined): void {
    span.isShared ||= span.operation !== undefined;
    span.tuple = tuple;
    span.operation = operation;
    span.caller = caller;
    this.#linkSpan(span);
  }

  /** True when both sides are there. What the addresses say overrules what a header said. */
  #link(pair: Pair): boolean {
    const { caller, operation, callee } = pair;
    if (operation === undefined || callee === undefined) return false;
    if (callee.callerOperation === operation) return true;
    if (callee.callerOperation !== undefined) callee.caller?.callees.delete(callee.callerOperation);
    this.joined++;
    callee.callerOperation = operation;
    callee.caller = caller;
    caller?.callees.set(operation, callee);
    return true;
  }

  /** Not while another connection may still say better, and not when the callee was there before the call. */
  #linkSpan(span: Pair): void {
    const { operation, callee, caller, isShared, tuple } = span;
    if (operation === undefined || callee === undefined || isShared || callee === caller) return;
    if (callee.callerOperation !== undefined || callee.categories !== undefined) return;
    const isElsewhere = tuple === '' || !callee.joinKey.startsWith(`${tuple}#`);
    if (isElsewhere && this.isCallerAwaited(callee)) return;
    if (callee.request.start < operationStart(operation)) return;
    this.#link(span);
  }
}

function unlink({ callee, caller, operation }: Pair): void {
  if (callee === undefined || operation === undefined || callee.callerOperation !== operation) return;
  caller?.callees.delete(operation);
  callee.callerOperation = undefined;
  callee.caller = undefined;
}

function pairIn(pairs: BoundedMap<string, Pair>, key: string): Pair {
  let pair = pairs.get(key);
  if (pair === undefined) {
    pair = { caller: undefined, operation: undefined, callee: undefined, tuple: '', isShared: false };
    pairs.set(key, pair);
  }
  return pair;
}

function spanKey({ traceId, spanId }: ParentLink): string {
  return `${traceId}-${spanId}`;
}
