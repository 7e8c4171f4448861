// Asks an app with a fault and the same app without it, in turn: A B B A, a second each, the same questions of both. So a slow minute of the
// machine is on both sides. In: endpoints with weights. Out: requests, sent when they are due, whether or not earlier ones were answered.

import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

export interface Asked {
  /** "GET /reports/:id" */
  readonly endpoint: string;
  /** Times per second. */
  readonly rate: number;
  /** So many at the same moment. */
  readonly atOnce: number;
}

export interface Side {
  readonly url: string;
}

const BLOCK_MS = 1000;
const ORDER = [0, 1, 1, 0] as const;
const agent = new http.Agent({ keepAlive: true });

/** Resolves with the number of answers. `seconds` is that of both sides together. */
export async function ask(
  sides: readonly Side[],
  load: readonly Asked[],
  seconds: number,
  seed: number,
): Promise<number> {
  let answers = 0;
  const turns = Math.max(ORDER.length, Math.round((seconds * 1000) / BLOCK_MS / ORDER.length) * ORDER.length);
  for (let turn = 0; turn < turns; turn++) {
    const side = sides[ORDER[turn % ORDER.length] ?? 0];
    // Both sides of a pair of blocks are asked the same.
    if (side !== undefined) answers += await askBlock(side, load, randomFrom(seed * 10_007 + (turn >> 1)));
  }
  return answers;
}

async function askBlock({ url }: Side, load: readonly Asked[], random: () => number): Promise<number> {
  const due = load
    .flatMap((asked) => momentsOf(asked, random).map((atMs) => ({ asked, atMs })))
    .toSorted((a, b) => a.atMs - b.atMs);
  const startedAt = performance.now();
  const answers: Promise<number>[] = [];
  for (const { asked, atMs } of due) {
    const waitMs = atMs - (performance.now() - startedAt);
    if (waitMs > 1) await delay(waitMs);
    for (let turn = 0; turn < asked.atOnce; turn++) answers.push(send(url, asked.endpoint, random));
  }
  const statuses = await Promise.all(answers);
  const wrong = statuses.find((status) => status !== 200);
  if (wrong !== undefined) throw new Error(`an app answered with status ${wrong}`);
  return statuses.length;
}

/** Arrivals of independent customers in one block. */
function momentsOf({ rate, atOnce }: Asked, random: () => number): number[] {
  const moments: number[] = [];
  const gapMs = (): number => (-Math.log(1 - random()) * 1000 * atOnce) / rate;
  for (let atMs = gapMs(); atMs < BLOCK_MS; atMs += gapMs()) moments.push(atMs);
  return moments;
}

function send(url: string, endpoint: string, random: () => number): Promise<number> {
  const [method = '', path = ''] = endpoint.split(' ');
  const id = Math.floor(random() * 1e6);
  const target = `${path.replace(':id', String(id))}?token=${Math.floor(random() * 1e9)}&chance=${random()}`;
  return new Promise((resolve, reject) => {
    const request = http.request(new URL(target, url), { method, agent }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
    });
    request.once('error', reject);
    request.end();
  });
}

/** mulberry32: small, and the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
