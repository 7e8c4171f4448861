// Lines that make calls for others: `get(path)`, `run(sql)`. In: the line of each call, the line that called it, and what it asked. Out: whether
// the line says nothing, because whatever the program asks comes from there: then the line that called it is the one to look at.
// A function of one statement that is called from many places is none: there the statement is. Nor is one of many statements that only one line
// calls, unless that line is itself a helper: a key such as `rates:de` is a statement of its own until its pattern is learnt.

import { BoundedMap } from '../base/bounded.ts';

/** An if and its else, or a query and the count of its rows, are two. */
const STATEMENTS_OF_A_HELPER = 3;
const CALLERS_OF_A_HELPER = 2;
/** Part of a path or of a key that is likely a value: patterns are learnt only after many calls, and a line is judged by its first. */
const PERHAPS_VALUE = /[^/:\s]*\d[^/:\s]*/g;
/** As many lines as programs have that make calls. */
const LINE_LIMIT = 5000;
/** A helper may call a helper; a function may call itself. */
const HELPERS_IN_A_ROW = 4;

interface Line {
  readonly statements: Set<string>;
  readonly callers: Set<string>;
}

export class HelperLines {
  readonly #lines = new BoundedMap<string, Line>(LINE_LIMIT);

  /** Call for every call whose line is known. `caller`: the line that called it, '' when it was not seen. */
  note(line: string, caller: string, statement: string): void {
    let known = this.#lines.get(line);
    if (known === undefined) this.#lines.set(line, (known = { statements: new Set(), callers: new Set() }));
    if (caller !== '' && known.callers.size < CALLERS_OF_A_HELPER) known.callers.add(caller);
    if (known.statements.size < STATEMENTS_OF_A_HELPER && !known.statements.has(statement))
      known.statements.add(kindOf(statement));
  }

  has(line: string, atMost = HELPERS_IN_A_ROW): boolean {
    const known = this.#lines.get(line);
    if (known === undefined || known.statements.size < STATEMENTS_OF_A_HELPER) return false;
    if (known.callers.size >= CALLERS_OF_A_HELPER) return true;
    const [caller] = known.callers;
    return caller !== undefined && atMost > 1 && this.has(caller, atMost - 1);
  }
}

function kindOf(statement: string): string {
  return statement.replace(PERHAPS_VALUE, '?');
}
