// Where in the code a statement comes from, for the many calls whose stack was not looked at. In: statements with their call
// site or without. Out: the call site, when only one was ever seen for that statement. Two places with the same statement are
// told apart only where the stack was looked at: a guess would name the wrong line.

import { BoundedMap } from '../base/bounded.ts';

const STATEMENT_LIMIT = 10_000;
const SEVERAL = '';

export class KnownCallSites {
  readonly #sites = new BoundedMap<string, string>(STATEMENT_LIMIT);

  /** The call site of an operation: its own if it has one, else the only one known for `statement`, else ''. */
  siteOf(statement: string, callSite: string): string {
    const known = this.#sites.get(statement);
    if (callSite === '') return known ?? '';
    if (known === undefined) this.#sites.set(statement, callSite);
    else if (known !== callSite) this.#sites.set(statement, SEVERAL);
    return callSite;
  }
}
