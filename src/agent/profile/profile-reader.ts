// What V8's profiler saw, as records. In: a finished profile. Out: places (frames of the application, and what they called) and looks at them.
// A profile knows the line for the function that ran itself; of those that called it only where they begin: the collector looks for the call there.
// Not here: when profiles are made (profiler.ts), files (the collector reads them).

import type { Profiler } from 'node:inspector';
import { BoundedMap } from '../../base/bounded.ts';
import { LOOK_LIMIT } from '../../record/writer.ts';
import { originalPosition, pathOf } from '../calls/call-site.ts';
import { isOutside } from '../calls/user-code.ts';
import { idleNs, now } from '../clock.ts';
import { agentFile } from '../later/later.ts';
import { epoch, recorder } from '../recorder.ts';

/** Places that are told apart: 300 bytes each. What is beyond them is not told. */
const PLACE_LIMIT = 2000;
/** Functions whose text is remembered. */
const FUNCTION_LIMIT = 5000;
/** In a bundle packages lie between: as many frames as call sites of a bundle have. */
const FRAMES_LIMIT = 24;
/** A look stands for the time until the next, unless that was very late: another process had the core. */
const LONGEST_LOOK_US = 50_000;
const NS_PER_US = 1000;

/** Hand on to whatever comes next: who calls them does not ask for what runs below. */
const GO_ON = new Set(['next', 'dispatch']);
/** V8 tells code of a regular expression as a function that is called so; what the expression is says the line. */
const EXPRESSION = 'RegExp: ';
const EXPRESSION_TEXT = '(regular expression)';
const NOT_BUSY = new Set(['(idle)', '(root)']);

interface Place {
  readonly id: number;
  readonly frames: string;
  readonly called: string;
  epoch: number;
}

type Node = Profiler.ProfileNode;

export class ProfileReader {
  readonly #places = new Map<string, Place>();
  readonly #functions = new BoundedMap<string, string>(FUNCTION_LIMIT);
  /** For the last look of a profile. */
  readonly #intervalUs: number;

  constructor(intervalUs: number) {
    this.#intervalUs = intervalUs;
  }

  /** Returns how many looks were taken. */
  tell({ nodes, startTime, samples = [], timeDeltas = [] }: Profiler.Profile): number {
    const stacks = new Stacks(nodes);
    const placeOf = new Map<number, number>();
    const looks: number[] = [];
    let timeUs = startTime;
    for (let index = 0; index < samples.length; index++) {
      timeUs += timeDeltas[index] ?? 0;
      const node = samples[index] ?? 0;
      let place = placeOf.get(node);
      if (place === undefined) placeOf.set(node, (place = this.#placeOf(stacks.of(node))));
      if (place === 0) continue;
      const us = Math.min(LONGEST_LOOK_US, Math.max(0, timeDeltas[index + 1] ?? this.#intervalUs));
      looks.push(timeUs * NS_PER_US, place, us);
    }
    writeLooks(looks);
    return samples.length;
  }

  /** 0: nothing ran, or too many were seen. */
  #placeOf(stack: readonly Node[]): number {
    const [leaf] = stack;
    if (leaf === undefined || NOT_BUSY.has(leaf.callFrame.functionName)) return 0;
    const at = stack.findIndex(isOfApplication);
    const called = stack[at - 1];
    if (at < 0 || (called !== undefined && GO_ON.has(called.callFrame.functionName)))
      return this.#idOf('', this.#textOf(innermostPackage(stack) ?? leaf));
    const texts = stack
      .slice(at, endOf(stack, at))
      .filter(isOfApplication)
      .map((frame) => this.#textOf(frame));
    return this.#idOf(
      texts.join('\n'),
      called === undefined ? this.#lineIn(stack[0] ?? leaf) : this.#textOf(called),
    );
  }

  #idOf(frames: string, called: string): number {
    const key = `${frames}\n\n${called}`;
    let place = this.#places.get(key);
    if (place === undefined) {
      if (this.#places.size >= PLACE_LIMIT) return 0;
      place = { id: this.#places.size + 1, frames, called, epoch: -1 };
      this.#places.set(key, place);
    }
    if (place.epoch !== epoch) {
      place.epoch = epoch;
      recorder?.codePlace(now(), idleNs(), place.id, frames, called);
    }
    return place.id;
  }

  /** Where the function begins. */
  #textOf({ callFrame }: Node): string {
    const { functionName, scriptId, url, lineNumber, columnNumber } = callFrame;
    if (url === '') return functionName.startsWith(EXPRESSION) ? EXPRESSION_TEXT : functionName;
    const key = `${scriptId}:${lineNumber}:${columnNumber}`;
    let text = this.#functions.get(key);
    if (text === undefined) {
      text = textAt(url, lineNumber + 1, columnNumber + 1, functionName);
      this.#functions.set(key, text);
    }
    return text;
  }

  /** The line that was seen most often; '' where all is one line, as in what a compiler has made. */
  #lineIn({ callFrame: { url, lineNumber }, positionTicks = [] }: Node): string {
    const [most] = positionTicks.toSorted((a, b) => b.ticks - a.ticks);
    return most === undefined || most.line === lineNumber + 1 ? '' : textAt(url, most.line, 0, '');
  }
}

/** From each node up to the root. */
class Stacks {
  readonly #nodes: ReadonlyMap<number, Node>;
  readonly #parents = new Map<number, Node>();

  constructor(nodes: readonly Node[]) {
    this.#nodes = new Map(nodes.map((node) => [node.id, node]));
    for (const node of nodes) for (const child of node.children ?? []) this.#parents.set(child, node);
  }

  /** The innermost first, without the agent's own. */
  of(id: number): readonly Node[] {
    const stack: Node[] = [];
    for (let node = this.#nodes.get(id); node !== undefined; node = this.#parents.get(node.id))
      if (pathOf(node.callFrame.url) !== agentFile()) stack.push(node);
    return stack;
  }
}

/** Behind the callers of the frame `at` that belong to the application: native code may lie between (`map`), Node and packages begin something else. */
function endOf(stack: readonly Node[], at: number): number {
  let end = at;
  while (end < stack.length && end - at < FRAMES_LIMIT && isOfItsOwn(stack[end])) end++;
  return end;
}

function isOfItsOwn(node: Node | undefined): boolean {
  return node !== undefined && (node.callFrame.url === '' || isOfApplication(node));
}

/** Native code has no file. */
function isOfApplication({ callFrame: { url } }: Node): boolean {
  return url !== '' && isOutside(pathOf(url), agentFile());
}

function innermostPackage(stack: readonly Node[]): Node | undefined {
  return stack.find(({ callFrame: { url } }) => url.includes('/node_modules/'));
}

/** Past the end of any line: the last that is known of it. */
const SOME_COLUMN = 1_000_000;
/** Compiled in memory, with a formatter of stacks that alone knows the lines. */
const IN_MEMORY = /\.[cm]?tsx?$/;

/** `column` 0: not known. */
function textAt(url: string, line: number, column: number, name: string): string {
  const file = pathOf(url);
  const original = originalPosition(url, line, column === 0 ? SOME_COLUMN : column);
  if (original !== undefined) return `${original} ${name}`.trimEnd();
  const isUnknown = IN_MEMORY.test(file) && typeof Error.prepareStackTrace === 'function';
  return `${file}:${isUnknown ? 0 : line}:${isUnknown ? 0 : column} ${name}`.trimEnd();
}

/** `looks`: time, place and µs of one after the other. */
function writeLooks(looks: readonly number[]): void {
  for (let from = 0; from < looks.length; from += LOOK_LIMIT * 3) {
    const to = Math.min(looks.length, from + LOOK_LIMIT * 3);
    if (recorder?.beginCodeLooks(now(), 0, (to - from) / 3) !== true) return;
    for (let at = from; at < to; at += 3)
      recorder.codeLook(looks[at] ?? 0, looks[at + 1] ?? 0, looks[at + 2] ?? 0);
    recorder.endCodeLooks();
  }
}
