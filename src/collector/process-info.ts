// What a process says of itself. In: the JSON of hello, stats and goodbye, which is foreign input. Out: checked values.

import * as v from 'valibot';

const name = v.pipe(
  v.string(),
  v.transform((text) => text.slice(0, 200)),
);
const names = v.fallback(
  v.pipe(
    v.array(name),
    v.transform((list) => list.slice(0, 100)),
  ),
  [],
);
const count = v.fallback(v.pipe(v.number(), v.finite()), 0);

const HelloSchema = v.object({
  pid: count,
  thread: count,
  service: v.fallback(name, ''),
  runtime: v.fallback(v.picklist(['node', 'python']), 'node'),
  version: v.fallback(name, ''),
  argv: names,
  cwd: v.fallback(v.string(), ''),
  host: v.fallback(name, ''),
  wallClockMs: count,
  monotonicNs: count,
  hooked: names,
  notVisible: names,
});
export type ProcessInfo = v.InferOutput<typeof HelloSchema>;

/** `callSite` is the id of a record. */
const Pool = v.object({ library: name, callSite: count });

const StatsSchema = v.object({
  errors: count,
  droppedRecords: count,
  droppedBytes: count,
  skippedRequests: count,
  cpuUserUs: count,
  cpuSystemUs: count,
  ownCpuUs: count,
  gcCount: count,
  gcPausedUs: count,
  gcBusyUs: count,
  notVisible: names,
  pools: v.fallback(v.pipe(v.array(Pool), v.maxLength(100)), []),
});
export type ProcessStats = v.InferOutput<typeof StatsSchema>;

const GoodbyeSchema = v.object({ reason: v.fallback(name, ''), error: v.fallback(name, '') });

/** undefined when it is not an object at all. */
export function processInfo(payload: unknown): ProcessInfo | undefined {
  return parsed(HelloSchema, payload);
}

export function processStats(payload: unknown): ProcessStats | undefined {
  return parsed(StatsSchema, payload);
}

/** '' for a good end; otherwise why the agent stopped. */
export function goodbyeProblem(payload: unknown): string {
  const goodbye = parsed(GoodbyeSchema, payload);
  return goodbye === undefined || goodbye.reason === 'exit'
    ? ''
    : [goodbye.reason, goodbye.error].filter(Boolean).join(': ');
}

/** A member that is missing is the same as one of the wrong type: its fallback. */
function parsed<S extends v.GenericSchema>(schema: S, payload: unknown): v.InferOutput<S> | undefined {
  const result = v.safeParse(schema, payload);
  return result.success ? result.output : undefined;
}
