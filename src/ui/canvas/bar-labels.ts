// The text beside each bar. Made and measured when a bar is first seen, kept for the next frames.

import type { TraceData } from '../state/trace-data.ts';
import { counted, formatCount, formatDuration, formatSignedDuration } from '../../base/numbers.ts';
import { isFold, lengthUs, membersOf, NodeKind, type TraceTree } from './rows.ts';
import type { TypicalTimes } from './typical.ts';

/** What labels say beyond the trace. */
export interface LabelMarks {
  /** It has not ended: the bar reaches up to now. */
  isSoFar(node: number): boolean;
  /** Of an index of an operation: it paused for 40 ms, as a finding says. */
  isStalled(operation: number): boolean;
}

export class BarLabels {
  readonly #answer: TraceData;
  readonly #tree: TraceTree;
  readonly #isOnPath: Uint8Array;
  readonly #marks: LabelMarks;
  readonly #texts: (string | undefined)[];
  readonly #widths: Float32Array;
  readonly #shorts: (string | undefined)[];
  #typical: TypicalTimes | undefined = undefined;

  constructor(answer: TraceData, tree: TraceTree, isOnPath: Uint8Array, marks: LabelMarks) {
    this.#answer = answer;
    this.#tree = tree;
    this.#isOnPath = isOnPath;
    this.#marks = marks;
    this.#texts = Array.from({ length: tree.count });
    this.#shorts = Array.from({ length: tree.count * 2 });
    this.#widths = new Float32Array(tree.count).fill(-1);
  }

  /** `139 ms, 5.60 ms each`, `3.34 ms, in parallel`, `✕ 3.34 ms`. */
  text(node: number): string {
    return (this.#texts[node] ??= this.#compose(node));
  }

  /** In pixels, with the font that `context` has now. */
  width(node: number, context: CanvasRenderingContext2D): number {
    const known = this.#widths[node] ?? -1;
    if (known >= 0) return known;
    const width = context.measureText(this.text(node)).width;
    this.#widths[node] = width;
    return width;
  }

  /** With the difference to the typical request, or without. */
  compare(typical: TypicalTimes | undefined): void {
    if (typical === this.#typical) return;
    this.#typical = typical;
    this.forget();
  }

  /** Findings have come: what is marked is another. */
  forget(): void {
    this.#texts.fill(undefined);
    this.forgetWidths();
  }

  /** Fonts have loaded: measure again. */
  forgetWidths(): void {
    this.#widths.fill(-1);
  }

  /** `‹ 365 µs` at the left edge, `1.32 ms ›` at the right one. */
  outside(node: number, isLeft: boolean): string {
    const index = node * 2 + (isLeft ? 0 : 1);
    return (this.#shorts[index] ??= this.#composeOutside(node, isLeft));
  }

  #composeOutside(node: number, isLeft: boolean): string {
    const duration = formatDuration(lengthUs(this.#tree, node));
    return isLeft ? `‹ ${duration}` : `${duration} ›`;
  }

  #compose(node: number): string {
    const parts = [formatDuration(lengthUs(this.#tree, node)) + (this.#marks.isSoFar(node) ? ' so far' : '')];
    if (isFold(this.#tree.kind[node])) parts.push(`${formatDuration(this.#meanUs(node))} each`);
    const difference = this.#difference(node);
    if (difference !== undefined) parts.push(difference);
    if (this.#isOnPath[node] === 0) parts.push('in parallel');
    const { operations } = this.#answer;
    const operation = this.#tree.operation[node] ?? -1;
    if (isFold(this.#tree.kind[node])) return [...parts, ...this.#troubles(node)].join(', ');
    if (operation < 0) return parts.join(', ');
    if (this.#marks.isStalled(operation)) parts.push('40 ms stall');
    const marks = [
      operations.text('outcome', operation) === 'error' ? '✕ ' : '',
      operations.isRetry(operation) ? '↻ ' : '',
      operations.numbers.nthOnConnection[operation] === 1 ? '▲ ' : '',
    ];
    return marks.join('') + parts.join(', ');
  }

  /** What a folded row hides: `✕ 2 failed`, `↻ 2 retries`, `3 stalls of 40 ms`. */
  #troubles(node: number): string[] {
    const { operations } = this.#answer;
    let [failed, retries, stalls] = [0, 0, 0];
    for (let below = node + 1; below < (this.#tree.after[node] ?? 0); below++) {
      const operation = this.#tree.operation[below] ?? -1;
      if (operation < 0 || isFold(this.#tree.kind[below])) continue;
      if (operations.text('outcome', operation) === 'error') failed++;
      if (operations.isRetry(operation)) retries++;
      if (this.#marks.isStalled(operation)) stalls++;
    }
    return [
      ...(failed === 0 ? [] : [`✕ ${formatCount(failed)} failed`]),
      ...(retries === 0 ? [] : [`↻ ${counted(retries, 'retry', 'retries')}`]),
      ...(stalls === 0 ? [] : [`${counted(stalls, 'stall')} of 40 ms`]),
    ];
  }

  /** `+12.0 ms`, `as usual`, `not in the typical one`. */
  #difference(node: number): string | undefined {
    if (this.#typical === undefined) return undefined;
    const typicalUs = (this.#typical.endUs[node] ?? Number.NaN) - (this.#typical.startUs[node] ?? Number.NaN);
    if (Number.isNaN(typicalUs)) return 'not in the typical one';
    const text = formatSignedDuration(lengthUs(this.#tree, node) - typicalUs);
    return text === '0' ? 'as usual' : text;
  }

  /** Of one call of a run, or of one time of a group with what is between. */
  #meanUs(run: number): number {
    if (this.#tree.kind[run] === NodeKind.group)
      return lengthUs(this.#tree, run) / Math.max(1, this.#tree.times[run] ?? 1);
    const count = membersOf(this.#tree, run);
    let sumUs = 0;
    for (let member = run + 1; member <= run + count; member++) sumUs += lengthUs(this.#tree, member);
    return sumUs / count;
  }
}
