// Lines that make calls for others: `get(path)`, `run(sql)`. In: the line of each call, and what it asked. Out: whether the line says
// nothing, because whatever the program asks comes from there: then the line that called it is the one to look at.
// A function of one statement that is called from many places is none: there the statement is.

import { BoundedMap } from '../base/bounded.ts';

/** An if and its else, or a query and the count of its rows, are two. */
const STATEMENTS_OF_A_HELPER = 3;
/** Part of a path or of a key that is likely a value: patterns are learnt only after many calls, and a line is judged by its first. */
const PERHAPS_VALUE = /[^/:\s]*\d[^/:\s]*/g;
/** As many lines as programs have that make calls. */
const LINE_LIMIT = 5000;

export class HelperLines {
  readonly #statements = new BoundedMap<string, Set<string>>(LINE_LIMIT);

  /** Call for every call whose line is known. */
  note(line: string, statement: string): void {
    const known = this.#statements.get(line);
    if (known === undefined) this.#statements.set(line, new Set([kindOf(statement)]));
    else if (known.size < STATEMENTS_OF_A_HELPER && !known.has(statement)) known.add(kindOf(statement));
  }

  has(line: string): boolean {
    return (this.#statements.get(line)?.size ?? 0) >= STATEMENTS_OF_A_HELPER;
  }
}

function kindOf(statement: string): string {
  return statement.replace(PERHAPS_VALUE, '?');
}
