// Is this a process of the application? In: how it was started. Out: a reason to stay out, or nothing. NODE_OPTIONS reaches package managers,
// runners and Node's own threads as well; the children they start are looked at on their own.

import { isTool } from '../base/tools.ts';
import { workerThreads } from './thread.ts';

/** Why the agent should do nothing here; `undefined` when it should work. */
export function reasonToStayOut(): string | undefined {
  const { env, argv } = process;
  if (env['WIRETIME_DISABLED'] === '1') return 'disabled';
  if (!env['WIRETIME_SOCKET']) return 'no collector';
  if (isInternalThread()) return 'a thread of Node itself';
  if (isTool(argv[1] ?? '')) return 'a tool';
  return undefined;
}

/**
 * Threads that run module loaders. `isInternalThread` exists from Node 22.14 on; before, they are the workers that were given nothing: workers of
 * the application have no script yet either, when they were given no arguments, but have data or `undefined` where these have `null`.
 */
function isInternalThread(): boolean {
  const threads = workerThreads();
  if (threads === undefined) return false;
  if ('isInternalThread' in threads) return threads.isInternalThread === true;
  return process.argv[1] === undefined && threads.workerData === null;
}
