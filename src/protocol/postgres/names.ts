// Prepared statements and portals of one connection. In: names and statements as they are made. Out: the statement behind a name.
// Without a name there is one of each, which the next one replaces.

import { BoundedMap } from '../../base/bounded.ts';

/** Drivers' own caches hold 100 to 256 statements a connection. */
const NAMES_LIMIT = 1024;
/** It was prepared before the recording began. */
const UNSEEN = 'prepared statement (text not seen)';

/** Statements by name. */
class Names {
  readonly #named = new BoundedMap<string, string>(NAMES_LIMIT);
  #unnamed = UNSEEN;

  set(name: string, statement: string): void {
    if (name === '') this.#unnamed = statement;
    else this.#named.set(name, statement);
  }

  get(name: string): string {
    return name === '' ? this.#unnamed : (this.#named.get(name) ?? UNSEEN);
  }
}

export class PostgresNames {
  readonly prepared = new Names();
  readonly portals = new Names();

  /** A portal is made of a prepared statement. Returns the statement. */
  bind(portal: string, name: string): string {
    const statement = this.prepared.get(name);
    this.portals.set(portal, statement);
    return statement;
  }

  /** What an Execute of a portal asks for. More rows of a cursor, whose portal was bound before, are no query of their own. */
  executed(portal: string, isBound: boolean): string {
    const statement = this.portals.get(portal);
    return isBound || statement === UNSEEN ? statement : `FETCH ${statement}`;
  }
}
