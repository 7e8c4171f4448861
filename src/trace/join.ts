// Joins the two sides of a call between two traced processes without any header: the n-th HTTP operation on a connection, as
// the client sees it, is the n-th request on the same four addresses, as the server sees it. In: both sides, in any order.
// Out: caller and callee linked. Bounded: pairs that never meet are forgotten, oldest first.

import { BoundedMap } from '../base/bounded.ts';
import type { Operation } from '../model/operation.ts';
import type { LiveRequest } from './live-request.ts';

const PAIR_LIMIT = 100_000;
const CONNECTION_LIMIT = 100_000;

interface Pair {
  caller: LiveRequest | undefined;
  operation: Operation | undefined;
  callee: LiveRequest | undefined;
}

export class Joins {
  readonly #pairs = new BoundedMap<string, Pair>(PAIR_LIMIT);
  readonly #clientTuples = new BoundedMap<string, true>(CONNECTION_LIMIT);
  joined = 0;

  /** A traced process has opened this connection: whoever receives a request on it has a traced caller. */
  clientConnected(tuple: string): void {
    if (tuple !== '') this.#clientTuples.set(tuple, true);
  }

  clientClosed(tuple: string): void {
    this.#clientTuples.delete(tuple);
  }

  /** The client side: `operation` ended; `caller` is undefined when no request caused it. */
  operationEnded(tuple: string, operation: Operation, caller: LiveRequest | undefined): void {
    if (tuple === '') return;
    const pair = this.#pair(`${tuple}#${operation.nthOnConnection}`);
    pair.operation = operation;
    pair.caller = caller;
    this.#link(pair);
  }

  /** The server side: `callee` began as the n-th request on the connection. */
  requestStarted(tuple: string, nth: number, callee: LiveRequest): void {
    if (tuple === '') return;
    callee.joinKey = `${tuple}#${nth}`;
    const pair = this.#pair(callee.joinKey);
    pair.callee = callee;
    this.#link(pair);
  }

  /** Its caller is traced, but the operation that asked for it has not ended yet as far as records tell. */
  isCallerAwaited(callee: LiveRequest): boolean {
    if (callee.joinKey === '' || callee.callerOperation !== undefined) return false;
    return this.#clientTuples.has(callee.joinKey.slice(0, callee.joinKey.lastIndexOf('#')));
  }

  forget(callee: LiveRequest): void {
    if (callee.joinKey !== '') this.#pairs.delete(callee.joinKey);
  }

  #pair(key: string): Pair {
    let pair = this.#pairs.get(key);
    if (pair === undefined) {
      pair = { caller: undefined, operation: undefined, callee: undefined };
      this.#pairs.set(key, pair);
    }
    return pair;
  }

  #link(pair: Pair): void {
    const { caller, operation, callee } = pair;
    if (operation === undefined || callee === undefined) return;
    this.joined++;
    callee.callerOperation = operation;
    callee.caller = caller;
    caller?.callees.set(operation, callee);
  }
}
