// What the agent costs the process, as far as it can know. In: its counters, and the time that sending took. Out: ns of CPU, a total.
// Sending is measured. The rest is counted, not measured: two looks at the clock would cost as much as the note between them.

import { recorder } from '../recorder.ts';

/** Until Node 24 a request is followed through promises by hooks, which cost with each of them: most where `fetch` has dozens. */
const HAS_HOOKS = Number.parseInt(process.versions.node) < 24;

/**
 * From bench/overhead (Node 20.20 and 24.21, 2026-11), so that none of its five routes is told wrong by more than half: docs/overhead.md has
 * what was measured and what this tells. Other machines differ.
 */
const REQUEST_NS = HAS_HOOKS ? 6800 : 3000;
const RECORD_NS = 800;
/** Beside its records. */
const HTTP_CALL_NS = HAS_HOOKS ? 15_000 : 9000;
const FETCH_NS = HAS_HOOKS ? 36_000 : 16_000;
/** Of a record that is left out the hook remains. */
const DROPPED_NS = 450;
/** A look of the CPU profile at the stack. */
const LOOK_NS = 30_000;

let sendingNs = 0;
let profilingNs = 0;
let requests = 0;
let httpCalls = 0;
let fetches = 0;

/** It is wall time: on a busy machine another process may have had the processor meanwhile. Sending 64 KiB takes 10-30 µs. */
const LONGEST_SENDING_NS = 100_000;

export function noteSending(ns: number): void {
  sendingNs += Math.min(ns, LONGEST_SENDING_NS);
}

/** Changing profiles, and the looks of the one that was changed. */
export function noteProfiling(ns: number, looks: number): void {
  profilingNs += ns + looks * LOOK_NS;
}

export function noteRequest(): void {
  requests++;
}

/** A request of `node:http` as a client. */
export function noteHttpCall(): void {
  httpCalls++;
}

/** Of undici, or `fetch`. */
export function noteFetch(): void {
  fetches++;
}

export function ownCostNs(): number {
  const records = recorder?.records ?? 0;
  const dropped = recorder?.droppedRecords ?? 0;
  const calls = httpCalls * HTTP_CALL_NS + fetches * FETCH_NS;
  return sendingNs + profilingNs + requests * REQUEST_NS + calls + records * RECORD_NS + dropped * DROPPED_NS;
}
