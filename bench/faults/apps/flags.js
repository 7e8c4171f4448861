// Which faults an app has. In: FAULTS (names, by commas) and LEVEL (1 low, 2 medium, 3 high). Out: questions for the app's code.

const faults = new Set((process.env.FAULTS ?? '').split(','));
const level = Number(process.env.LEVEL ?? '3');

/** Whether the app has this fault. */
export function has(name) {
  return faults.has(name);
}

/** A number that grows with the intensity; it is the same with the fault and without it. */
export function by(low, medium, high) {
  return [low, medium, high][level - 1];
}

/** Chance of bad luck in a request, by intensity. */
export const CHANCE = by(0.08, 0.25, 0.6);

/** Waits for an answer of `fetch` and all of its bytes; what the caller asked for stays at the caller's line. */
export async function read(answer) {
  const response = await answer;
  const text = await response.text();
  if (!response.ok) throw new Error(`status ${response.status}`);
  return text;
}

/** The same for requests of node:http. */
export function receive(request) {
  return new Promise((resolve, reject) => {
    request.once('error', reject);
    request.once('response', (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode));
    });
  });
}

/** Own work of about so many ms, without giving way. */
export function compute(ms) {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
