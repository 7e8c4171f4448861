// Asks an app with a fault and the same app without it, in turn: A B B A, a second each, the same questions of both. So a slow minute of the
// machine is on both sides. In: endpoints with weights. Out: requests, sent when they are due, whether or not earlier ones were answered; and when
// each side had its turns.

import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../../src/analysis/statistics/chances.ts';

export interface Asked {
  /** As in findings: "GET /reports/:id", "GET /loans/<int:id>", "GET /visits/{id}". */
  readonly endpoint: string;
  /** Times per second. */
  readonly rate: number;
  /** So many at the same moment. */
  readonly atOnce: number;
}

/** Two turns of a pair, one of each side, are asked the same. Times are ms since 1970. */
export interface Turn {
  readonly side: number;
  readonly pair: number;
  readonly from: number;
  readonly to: number;
}

const TURN_MS = 1000;
const ORDER = [0, 1, 1, 0] as const;
const agent = new http.Agent({ keepAlive: true });

/** `seconds` is that of both sides together. Resolves when all is answered; rejects when a status is not 200. */
export async function ask(
  urls: readonly string[],
  load: readonly Asked[],
  seconds: number,
  seed: number,
): Promise<Turn[]> {
  const turns: Turn[] = [];
  const count = Math.max(1, Math.round((seconds * 1000) / TURN_MS / ORDER.length)) * ORDER.length;
  for (let turn = 0; turn < count; turn++) {
    const side = ORDER[turn % ORDER.length] ?? 0;
    const pair = turn >> 1;
    const from = Date.now();
    await askFor(urls[side] ?? '', load, seededRandom(seed * 10_007 + pair));
    turns.push({ side, pair, from, to: Date.now() });
  }
  return turns;
}

async function askFor(url: string, load: readonly Asked[], random: () => number): Promise<void> {
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
}

/** Arrivals of independent customers in one turn. */
function momentsOf({ rate, atOnce }: Asked, random: () => number): number[] {
  const moments: number[] = [];
  const gapMs = (): number => (-Math.log(1 - random()) * 1000 * atOnce) / rate;
  for (let atMs = gapMs(); atMs < TURN_MS; atMs += gapMs()) moments.push(atMs);
  return moments;
}

function send(url: string, endpoint: string, random: () => number): Promise<number> {
  const [method = '', path = ''] = endpoint.split(' ');
  const id = Math.floor(random() * 1e6);
  const filled = path.replace(/:id|<int:id>|\{id\}/, String(id));
  const target = `${filled}?token=${Math.floor(random() * 1e9)}&chance=${random()}`;
  return new Promise((resolve, reject) => {
    const request = http.request(new URL(target, url), { method, agent }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
    });
    request.once('error', reject);
    request.end();
  });
}
