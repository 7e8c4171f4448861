// Where in the code a call comes from, for the many calls whose stack was not looked at. In: calls with their call site or
// without. Out: the call site, when only one was ever seen for such a call: a guess would name the wrong line.

import { BoundedMap } from '../base/bounded.ts';
import type { Operation } from '../model/operation.ts';

const KEY_LIMIT = 20_000;
const SEVERAL = '';

export class KnownCallSites {
  readonly #sites = new BoundedMap<string, string>(KEY_LIMIT);

  /** The call site of a call: its own if it has one, else the only one known for `key`, else ''. */
  siteOf(key: string, callSite: string): string {
    const known = this.#sites.get(key);
    if (callSite === '') return known ?? '';
    if (known === undefined) this.#sites.set(key, callSite);
    else if (known !== callSite) this.#sites.set(key, SEVERAL);
    return callSite;
  }
}

/** What tells calls apart, coarsest first: the statement; the statement within a route; which one of them within a request. */
export class CallSites {
  readonly #byStatement = new KnownCallSites();
  readonly #byRoute = new KnownCallSites();
  readonly #byTurn = new KnownCallSites();

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
