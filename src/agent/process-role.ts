// Is this a process of the application? In: how it was started. Out: a reason to stay out, or nothing. NODE_OPTIONS reaches package managers,
// runners and Node's own threads as well; the children they start are looked at on their own.

import { workerThreads } from './thread.ts';

/** The end of `argv[1]` of programs that only start others. ts-node is not here: it runs the application in its own process. */
const TOOLS = [
  /\/(npm|npx|pnpm|pnpx|yarn|yarnpkg|corepack)(-cli)?(\.c?js)?$/,
  /\/bin\/(npm|npx|pnpm|yarn|corepack)[^/]*$/,
  /\/yarn-[\d.]+\.c?js$/,
  /\/tsx\/dist\/cli\.[cm]?js$/,
  /\/nodemon\/bin\/nodemon\.js$/,
  /\/pm2\/(bin\/pm2[^/]*|lib\/(Daemon|Watchdog)\.js)$/,
  // wiretime itself, in a shell that joined with `wiretime env`.
  /\/wiretime(\/dist\/cli\.js)?$/,
  /\/node_modules\/\.bin\/(tsx|nodemon|pm2|npm|npx|pnpm|yarn)$/,
];

/** Why the agent should do nothing here; `undefined` when it should work. */
export function reasonToStayOut(): string | undefined {
  const { env, argv } = process;
  if (env['WIRETIME_DISABLED'] === '1') return 'disabled';
  if (!env['WIRETIME_SOCKET']) return 'no collector';
  if (isInternalThread()) return 'a thread of Node itself';
  const script = (argv[1] ?? '').replaceAll('\\', '/');
  if (TOOLS.some((tool) => tool.test(script))) return 'a tool';
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
