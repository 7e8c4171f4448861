// Which operations of an endpoint do not wait for which. In: its recorded requests. Out: of two operations, whether they were seen under
// way at once: then neither is what the other waits for, also in a request in which one happens to end before the other begins.
// M. Chow et al., The Mystery Machine, OSDI 2014, §3.2: one counter-example is enough. Here it takes three, because an operation is known by
// its statement and its turn only, and two branches that ask the same may change turns.

import { statementKey } from './occurrences.ts';
import { endOf, type RequestNode } from './request-tree.ts';

const ENOUGH = 3;
/** Names of operations that are told apart in an endpoint; those beyond wait for everything, as if nothing were known. */
const NAMES = 128;
/** Of a request with thousands at once the first ones are enough. */
const LOOKED_AT = 2 * NAMES;

export class Overlaps {
  readonly #names = new Map<string, number>();
  readonly #seen = new Uint8Array(NAMES * NAMES);
  #pairs = 0;

  constructor(siblings: readonly RequestNode[]) {
    for (const node of siblings) if (hasOverlap(node)) this.#note(node);
  }

  /** No two of them were seen to be apart. */
  get isEmpty(): boolean {
    return this.#pairs === 0;
  }

  /** Of each operation its name, by place, to be asked about with `areApart`; -1: it has none. */
  namesOf(node: RequestNode): readonly number[] {
    return turnsOf(node).map((turn) => this.#names.get(turn) ?? -1);
  }

  areApart(one: number, other: number): boolean {
    return one >= 0 && other >= 0 && (this.#seen[one * NAMES + other] ?? 0) >= ENOUGH;
  }

  #note(node: RequestNode): void {
    for (const turn of turnsOf(node))
      if (this.#names.size < NAMES && !this.#names.has(turn)) this.#names.set(turn, this.#names.size);
    const names = this.namesOf(node);
    const operations = node.operations.slice(0, LOOKED_AT);
    for (const [place, operation] of operations.entries()) {
      const endUs = endOf(operation);
      for (let later = place + 1; (operations[later]?.atUs ?? endUs) < endUs; later++)
        this.#notePair(names[place] ?? -1, names[later] ?? -1);
    }
  }

  #notePair(one: number, other: number): void {
    if (one < 0 || other < 0 || one === other) return;
    const seen = (this.#seen[one * NAMES + other] ?? 0) + 1;
    if (seen > ENOUGH) return;
    if (seen === ENOUGH) this.#pairs++;
    this.#seen[one * NAMES + other] = seen;
    this.#seen[other * NAMES + one] = seen;
  }
}

/** The first, second … time that a request asks a statement. */
function turnsOf({ operations }: RequestNode): string[] {
  const turns = new Map<string, number>();
  return operations.map((operation) => {
    const statement = statementKey(operation);
    const turn = (turns.get(statement) ?? 0) + 1;
    turns.set(statement, turn);
    return `${statement}\n${turn}`;
  });
}

/** Operations are by start. */
function hasOverlap({ operations }: RequestNode): boolean {
  let endUs = 0;
  for (const operation of operations) {
    if (operation.atUs < endUs) return true;
    endUs = endOf(operation);
  }
  return false;
}

const known = new WeakMap<readonly RequestNode[], Overlaps>();

/** Of the endpoint of a request; worked out once for each sample. */
export function overlapsOf({ siblings }: RequestNode): Overlaps {
  const found = known.get(siblings) ?? new Overlaps(siblings);
  known.set(siblings, found);
  return found;
}
