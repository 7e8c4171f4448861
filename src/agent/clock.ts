// The two clocks every record carries. In: nothing. Out: ns of CLOCK_MONOTONIC, and ns this thread's event loop has been idle.

const NS_PER_MS = 1e6;

// Taken before the application can replace it: its tests have clocks of their own.
const { hrtime } = process;
const NS_PER_S = 1e9;
// Node builds `performance` on first use (0.6 ms): not before the application uses the network.
let timing = { idleTime: 0 };

/** Asking for the idle time takes a lock in libuv, 60-100 ns: within this time of the last answer it is not asked again. */
const IDLE_FRESH_NS = 10_000;
/** Numbers in variables of a module are allocated anew with each change; here they are not. */
const last = new Float64Array(3);
const Last = { now: 0, idle: 1, idleAskedAt: 2 } as const;

/** Before the first record. */
export function startClock(): void {
  timing = process.getBuiltinModule('node:perf_hooks').performance.nodeTiming;
}

/** Now, in ns of CLOCK_MONOTONIC. 27-29 ns (Node 20 to 24; 37 on 26): the pair seldom exists in compiled code. `performance.now` takes 36. */
export function now(): number {
  const pair = hrtime();
  const time = pair[0] * NS_PER_S + pair[1];
  last[Last.now] = time;
  return time;
}

/** How long the event loop of this thread has been idle since it started, in ns, at the time that `now` told last; 10 µs behind at most. */
export function idleNs(): number {
  const time = last[Last.now] ?? 0;
  if (time - (last[Last.idleAskedAt] ?? 0) < IDLE_FRESH_NS) return last[Last.idle] ?? 0;
  last[Last.idleAskedAt] = time;
  return (last[Last.idle] = Math.round(timing.idleTime * NS_PER_MS));
}
