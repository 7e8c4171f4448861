// What a server still has to answer, oldest first. In: a kind and an operation for each expected answer. Out: the oldest.
// A ring of numbers and operations, so that waiting for an answer costs no object. Not here: what the answers mean.

import type { Operation } from '../model/operation.ts';

/** No client has so many answers outstanding; beyond it the oldest is forgotten. */
const LIMIT = 1 << 16;
const FIRST_SIZE = 16;

export class AnswerQueue {
  #kinds: number[] = Array.from({ length: FIRST_SIZE }, () => 0);
  #operations: (Operation | undefined)[] = Array.from({ length: FIRST_SIZE }, () => undefined);
  #first = 0;
  count = 0;

  /** Kind of the oldest; 0 when none is waited for. */
  get kind(): number {
    return this.kindAt(0);
  }

  set kind(kind: number) {
    if (this.count > 0) this.#kinds[this.#first] = kind;
  }

  get operation(): Operation | undefined {
    return this.operationAt(0);
  }

  kindAt(index: number): number {
    return index < this.count ? (this.#kinds[this.#slot(index)] ?? 0) : 0;
  }

  operationAt(index: number): Operation | undefined {
    return index < this.count ? this.#operations[this.#slot(index)] : undefined;
  }

  push(kind: number, operation: Operation | undefined): void {
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

  /** Forgets from the oldest on what is over: it has no operation or one that has ended. */
  popEnded(): void {
    while (this.count > 0 && isOver(this.operation)) this.pop();
  }

  #slot(index: number): number {
    return (this.#first + index) & (this.#kinds.length - 1);
  }

  #grow(): void {
    const size = this.count * 2;
    const kinds = Array.from({ length: size }, (_, index) => this.kindAt(index));
    const operations = Array.from({ length: size }, (_, index) => this.operationAt(index));
    this.#kinds = kinds;
    this.#operations = operations;
    this.#first = 0;
  }
}

/** The driver has ended it, or there was none. */
export function isOver(operation: Operation | undefined): boolean {
  return operation === undefined || operation.end >= 0;
}
