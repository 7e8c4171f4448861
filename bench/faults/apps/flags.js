// Which faults an app has. In: FAULTS (names, by commas) and LEVELS (name=1 low, 2 medium, 3 high). Out: questions for the app's code.

const faults = new Set((process.env.FAULTS ?? '').split(','));
const levels = new Map((process.env.LEVELS ?? '').split(',').map((each) => each.split('=')));

/** Whether the app has this fault. */
export function has(name) {
  return faults.has(name);
}

/** A number that grows with the strength of a fault; it is the same with the fault and without it. */
export function by(name, low, medium, high) {
  return [low, medium, high][Number(levels.get(name) ?? 3) - 1];
}

/** Whether a request has the fault and bad luck. */
export function isUnlucky(name, chance) {
  return has(name) && chance < by(name, 0.08, 0.25, 0.6);
}

/** Own work of about so many ms, without giving way. */
export function compute(ms) {
  const until = performance.now() + ms;
  while (performance.now() < until); // fault busy-code
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
