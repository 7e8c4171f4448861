/** By name: how many markers one request writes, and whether its operations wait for a pool of 1. */
export const WORKLOADS: Readonly<
  Record<string, { markers: number; waits?: boolean; setup: (...args: never[]) => unknown }>
>;
