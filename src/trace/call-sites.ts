// Where in the code a call comes from, for the many calls whose stack was not looked at. In: calls with their call site or
// without. Out: the call site, when only one was ever seen for such a call: a guess would name the wrong line.

import { BoundedMap } from '../base/bounded.ts';
import type { Operation } from '../model/operation.ts';
import { HelperLines } from './helper-lines.ts';

const KEY_LIMIT = 20_000;
const SEVERAL = '';

export class KnownCallSites {
  readonly #sites = new BoundedMap<string, string>(KEY_LIMIT);
  readonly #helpers: HelperLines;

  constructor(helpers = new HelperLines()) {
    this.#helpers = helpers;
  }

  /** The call site of a call: its own if it has one, else the only one known for `key`, else ''. */
  siteOf(key: string, callSite: string): string {
    const last = this.#sites.get(key);
    // What was taken for the caller has turned out to make calls for everybody.
    const known = last !== undefined && this.#helpers.has(last) ? undefined : last;
    if (callSite === '') return known ?? '';
    if (known === undefined) this.#sites.set(key, callSite);
    else if (known !== callSite) this.#sites.set(key, SEVERAL);
    return callSite;
  }
}

/** What tells calls apart, coarsest first: the statement; the statement within a route; which one of them within a request. */
export class CallSites {
  readonly #byStatement: KnownCallSites;
  readonly #byRoute: KnownCallSites;
  readonly #byTurn: KnownCallSites;

  constructor(helpers = new HelperLines()) {
    this.#byStatement = new KnownCallSites(helpers);
    this.#byRoute = new KnownCallSites(helpers);
    this.#byTurn = new KnownCallSites(helpers);
  }

  /** An operation that no request caused. */
  completeOne(operation: Operation): void {
    const key = `${operation.dependency}\n${operation.statement}`;
    operation.callSite = this.#byStatement.siteOf(key, operation.callSite);
  }

  /** The operations of one request in order. `endpoint`: method and route as one text. */
  complete(operations: readonly Operation[], endpoint: string): void {
    const turns = new Map<string, number>();
    for (const operation of operations) {
      const statement = `${operation.dependency}\n${operation.statement}`;
      const turn = (turns.get(statement) ?? 0) + 1;
      turns.set(statement, turn);
      const seen = operation.callSite;
      const inRoute = `${endpoint}\n${statement}`;
      operation.callSite = [
        this.#byStatement.siteOf(statement, seen),
        this.#byRoute.siteOf(inRoute, seen),
        this.#byTurn.siteOf(`${inRoute}\n${turn}`, seen),
      ].reduce((found, site) => (found === '' ? site : found));
    }
  }
}
