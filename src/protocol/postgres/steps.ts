// What the server still has to answer, oldest first. In: one step for each client message that has an answer of its own.
// Out: the oldest step. A ring of numbers and operations, so that a step costs no object. Not here: what the answers mean.

import type { Operation } from '../../model/operation.ts';

export const Step = {
  none: 0,
  parse: 1,
  bind: 2,
  describe: 3,
  close: 4,
  execute: 5,
  /** Answered by ReadyForQuery, like the three below it. */
  sync: 6,
  query: 7,
  functionCall: 8,
  connect: 9,
  encryption: 10,
} as const;
export type Step = (typeof Step)[keyof typeof Step];

/** No client has so much in flight; beyond it the oldest is forgotten. */
const LIMIT = 1 << 16;

export class Steps {
  #kinds: Step[] = Array.from({ length: 16 }, () => Step.none);
  #operations: (Operation | undefined)[] = Array.from({ length: 16 }, () => undefined);
  #first = 0;
  count = 0;

  /** Kind of the oldest step. */
  get kind(): Step {
    return this.kindAt(0);
  }

  get operation(): Operation | undefined {
    return this.operationAt(0);
  }

  kindAt(index: number): Step {
    return index < this.count ? (this.#kinds[this.#slot(index)] ?? Step.none) : Step.none;
  }

  operationAt(index: number): Operation | undefined {
    return index < this.count ? this.#operations[this.#slot(index)] : undefined;
  }

  push(kind: Step, operation: Operation | undefined): void {
    if (this.count === LIMIT) this.pop();
    if (this.count === this.#kinds.length) this.#grow();
    const slot = this.#slot(this.count++);
    this.#kinds[slot] = kind;
    this.#operations[slot] = operation;
  }

  pop(): void {
    if (this.count === 0) return;
    this.#operations[this.#first] = undefined;
    this.#first = (this.#first + 1) & (this.#kinds.length - 1);
    this.count--;
  }

  clear(): void {
    while (this.count > 0) this.pop();
  }

  #slot(index: number): number {
    return (this.#first + index) & (this.#kinds.length - 1);
  }

  #grow(): void {
    const { count } = this;
    const kinds = Array.from({ length: count * 2 }, (_, index) => this.kindAt(index));
    const operations = Array.from({ length: count * 2 }, (_, index) => this.operationAt(index));
    this.#kinds = kinds;
    this.#operations = operations;
    this.#first = 0;
  }
}
