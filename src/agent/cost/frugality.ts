// Keeps the agent within its share of the process's CPU. In: the time, every 50 ms. Out: call sites off, and requests recorded in stretches of
// time: what is recorded is whole. A request that begins between two stretches is not recorded, and its operations are `hidden`; when the last
// request of a stretch has ended the writer pauses, and the collector is told with the next record that something was left out.
// Why bytes are not what is left out first: docs/decisions/0016-budget.md.

import type { RecordWriter } from '../../record/writer.ts';
import { noteNotVisible } from '../sending/coverage.ts';
import { FIRST_SAMPLING, Ladder, LAST_STEP, NO_CALL_SITES } from './ladder.ts';
import { ownCostNs } from './own-cost.ts';

const INTERVAL_NS = 1e9;
/** A stretch and the time until the next. */
const CYCLE_NS = 2e9;
/**
 * So long before a stretch connections are recorded already: answers that are on their way to what was left out would be taken for those to
 * what comes, on connections that do not wait for one before the next. After a moment without any nothing is mistaken.
 */
const LEAD_NS = 100e6;
/** So long the last requests of a stretch are waited for; the collector gives up those that take longer. */
const PATIENCE_NS = 1e9;

/** Requests that begin now are recorded. */
export let isSampling = true;
/** Call sites are looked for. */
export let wantsCallSites = true;
/** Requests that were not recorded. */
export let skippedRequests = 0;
let stretch = 0;
let underWay = 0;

export function noteSkipped(): void {
  skippedRequests++;
}

/** A request begins that is recorded. Answers the number of the stretch, for `noteEnded`. */
export function noteBegun(): number {
  underWay++;
  return stretch;
}

export function noteEnded(ofStretch: number): void {
  if (ofStretch === stretch) underWay--;
}

/** `asked`: WIRETIME_BUDGET, per cent of the CPU. Nothing is left out for who has not asked: counts of requests would be smaller. */
export function frugalityFor(asked: string | undefined, writer: RecordWriter): Frugality {
  const percent = Number(asked);
  return new Frugality(percent > 0 ? new Ladder(percent / 100, LAST_STEP) : new Ladder(1, 0), writer);
}

export class Frugality {
  readonly #ladder: Ladder;
  readonly #writer: RecordWriter;
  #observedAt = 0;
  #ownNs = 0;
  #cpuNs = 0;
  #cycleAt = 0;
  #stoppedAt = 0;
  #isLeading = false;

  constructor(ladder: Ladder, writer: RecordWriter) {
    this.#ladder = ladder;
    this.#writer = writer;
  }

  get step(): number {
    return this.#ladder.step;
  }

  /** True while it has to be asked again, whether there are records or not. */
  tick(time: number): boolean {
    if (time - this.#observedAt >= INTERVAL_NS) this.#observe(time);
    if (this.#ladder.step >= FIRST_SAMPLING) this.#turn(time);
    else if (!isSampling) this.#resume(time);
    return this.#ladder.step >= FIRST_SAMPLING || !isSampling;
  }

  #observe(time: number): void {
    const { user, system } = process.cpuUsage();
    const cpuNs = (user + system) * 1000;
    const ownNs = ownCostNs();
    const wallNs = time - this.#observedAt;
    if (this.#observedAt > 0) this.#ladder.observe(ownNs - this.#ownNs, cpuNs - this.#cpuNs, wallNs);
    this.#observedAt = time;
    this.#cpuNs = cpuNs;
    this.#ownNs = ownNs;
    wantsCallSites = this.#ladder.step < NO_CALL_SITES;
    if (!wantsCallSites) noteNotVisible('call sites under load');
  }

  #turn(time: number): void {
    const sinceCycle = time - this.#cycleAt;
    const stretchNs = (CYCLE_NS - LEAD_NS) * this.#ladder.recordedShare;
    if (sinceCycle >= CYCLE_NS) this.#lead(time);
    else if (this.#isLeading) this.#sample(sinceCycle);
    else if (isSampling && sinceCycle >= LEAD_NS + stretchNs) this.#skip(time);
    else if (!isSampling && (underWay <= 0 || time - this.#stoppedAt >= PATIENCE_NS)) this.#writer.pause();
  }

  /** Nothing is left out any longer. */
  #resume(time: number): void {
    if (this.#isLeading) this.#sample(time - this.#cycleAt);
    else this.#lead(time);
  }

  #lead(time: number): void {
    this.#cycleAt = time;
    this.#isLeading = !isSampling;
    this.#writer.resume();
  }

  #sample(sinceCycle: number): void {
    if (sinceCycle < LEAD_NS) return;
    this.#isLeading = false;
    isSampling = true;
    stretch++;
    underWay = 0;
  }

  #skip(time: number): void {
    isSampling = false;
    this.#stoppedAt = time;
    noteNotVisible('requests beyond the budget');
  }
}
