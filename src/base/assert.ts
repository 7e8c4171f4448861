// Our own mistakes: they crash, loudly. What the network sent is never asserted, it is a Step (protocol/contract.ts).

/** Throws when our own reasoning was wrong. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`wiretime: ${message}`);
}

/** The value, which our own reasoning says is there. */
export function ensure<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`wiretime: ${name} is missing`);
  return value;
}
