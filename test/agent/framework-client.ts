// What a framework's program is asked, and which templates its requests must end with. In: the address of a program. Out: nothing; the
// records tell. 32 requests at once on connections that are kept, in an order of their own, some aborted, some failing.

import { Agent, request } from 'node:http';

export interface Asked {
  readonly method: string;
  readonly path: string;
  /** Template that its request must end with; '' when there is none. */
  readonly route: string;
  readonly body?: unknown;
  /** The client goes away after the first byte. */
  readonly isAborted?: boolean;
}

const CONNECTIONS = 32;

/** Asks everything once in each round; resolves when all has been answered or aborted. */
export async function askAll(port: number, asked: readonly Asked[], rounds: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const all = Array.from({ length: rounds }, (_, round) => shuffled(asked, round + 1)).flat();
  // The agent keeps the rest waiting, so that there are always 32.
  await Promise.all(all.map((each) => ask(agent, port, each)));
  agent.destroy();
}

function ask(agent: Agent, port: number, { method, path, body, isAborted }: Asked): Promise<void> {
  return new Promise((resolve, reject) => {
    const accept = 'application/json, */*';
    const headers = body === undefined ? { accept } : { accept, 'content-type': 'application/json' };
    const sent = request({ host: '127.0.0.1', port, method, path, agent, headers }, (response) => {
      response.on('data', () => {
        if (isAborted === true) response.destroy();
      });
      response.on('close', resolve);
      response.on('error', () => undefined);
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** The same order each time. */
function shuffled<T>(list: readonly T[], seed: number): T[] {
  return list
    .map((each, index) => ({ each, key: ((index + 1) * 7919 * (seed * 2 + 1)) % 1009 }))
    .sort((a, b) => a.key - b.key)
    .map(({ each }) => each);
}
