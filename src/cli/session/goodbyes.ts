// Waits until the traced processes are gone. In: the status. Out: the names of those that stayed.
// The program has ended; its descendants (npm's children, workers) may still be sending what they noted.

import { setTimeout as sleep } from 'node:timers/promises';

import type { StatusAnswer } from '../../answer/api.ts';

/** npm and shells end a moment before their children; what is still there after this was meant to stay (pm2, a daemon). */
const GRACE_MS = 3000;
const POLL_MS = 25;

interface HasStatus {
  status(): Promise<StatusAnswer>;
}

/** Resolves when no process is connected any more, at most `graceMs` later. */
export async function awaitGoodbyes(
  answers: HasStatus,
  graceMs: number = GRACE_MS,
): Promise<readonly string[]> {
  const deadline = performance.now() + graceMs;
  for (;;) {
    const connected = (await answers.status()).processes.filter(({ isConnected }) => isConnected);
    if (connected.length === 0 || performance.now() > deadline)
      return connected.map(({ service, pid }) => `${service} (process ${pid})`);
    await sleep(POLL_MS);
  }
}
