// Which thread is this? In: nothing. Out: `node:worker_threads` in a worker, nothing in the main thread, where loading it
// would cost 2 ms, a fifth of what the agent may add to a start.

/** `undefined` in the main thread. In workers `process.chdir` is replaced by a function marked as disabled. */
export function workerThreads(): typeof import('node:worker_threads') | undefined {
  return 'disabled' in process.chdir ? process.getBuiltinModule('node:worker_threads') : undefined;
}
