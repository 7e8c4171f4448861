// What the agent costs the process, as far as it can know. In: its counters, and the time that sending took. Out: ns of CPU, a total.
// Sending is measured. The rest is counted, not measured: two looks at the clock would cost as much as the note between them.

import { recorder } from '../recorder.ts';

/**
 * From bench/overhead (Node 20.20, 2026-11): hello world +6 µs with 2 records, 20 queries +79 µs with 82, so about 4 µs a request and
 * 0.9 µs a record. The checkout, with two calls of HTTP clients, +97 µs with 24: four times what this tells (decision 34). Other machines differ.
 */
const REQUEST_NS = 4000;
const RECORD_NS = 900;
/** Of a record that is left out the hook remains. */
const DROPPED_NS = 450;

let sendingNs = 0;
let requests = 0;

/** It is wall time: on a busy machine another process may have had the processor meanwhile. Sending 64 KiB takes 10-30 µs. */
const LONGEST_SENDING_NS = 100_000;

export function noteSending(ns: number): void {
  sendingNs += Math.min(ns, LONGEST_SENDING_NS);
}

export function noteRequest(): void {
  requests++;
}

export function ownCostNs(): number {
  const records = recorder?.records ?? 0;
  const dropped = recorder?.droppedRecords ?? 0;
  return sendingNs + requests * REQUEST_NS + records * RECORD_NS + dropped * DROPPED_NS;
}
