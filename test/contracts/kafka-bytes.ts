// Kafka messages as bytes, so that a test reads like the specification. In: numbers and names. Out: one message.

const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

export function int(size: 1 | 2 | 4 | 8, value: number): Uint8Array {
  const bytes = Buffer.alloc(size);
  if (size === 8) bytes.writeBigInt64BE(BigInt(value));
  else bytes.writeIntBE(value, 0, size);
  return new Uint8Array(bytes);
}

export const text = (value: string): Uint8Array =>
  joined(int(2, value.length), new Uint8Array(Buffer.from(value)));
/** One more than its length, below 127. */
export const compact = (value: string): Uint8Array =>
  joined(Uint8Array.of(value.length + 1), new Uint8Array(Buffer.from(value)));
export const tags = Uint8Array.of(0);
export const none = int(2, -1);

function sized(...parts: readonly Uint8Array[]): Uint8Array {
  const content = joined(...parts);
  return joined(int(4, content.length), content);
}

export const request = (
  key: number,
  version: number,
  id: number,
  ...body: readonly Uint8Array[]
): Uint8Array => sized(int(2, key), int(2, version), int(4, id), text('shop'), ...body);
export const answer = (id: number, ...body: readonly Uint8Array[]): Uint8Array => sized(int(4, id), ...body);

/** Version 7. */
export const produce = (id: number, topic: string, records: string, acks = -1): Uint8Array =>
  request(
    0,
    7,
    id,
    none,
    int(2, acks),
    int(4, 30_000),
    int(4, 1),
    text(topic),
    int(4, 1),
    int(4, 0),
    sized(new Uint8Array(Buffer.from(records))),
  );
export const produced = (id: number, topic: string, error = 0): Uint8Array =>
  answer(
    id,
    int(4, 1),
    text(topic),
    int(4, 1),
    int(4, 0),
    int(2, error),
    int(8, 17),
    int(8, -1),
    int(8, 0),
    int(4, 0),
  );

/** Version 11. */
export const fetch = (id: number, ...topics: readonly string[]): Uint8Array =>
  request(
    1,
    11,
    id,
    int(4, -1),
    int(4, 5000),
    int(4, 1),
    int(4, 1 << 20),
    int(1, 0),
    int(4, 0),
    int(4, -1),
    int(4, topics.length),
    ...topics.map((topic) => joined(text(topic), int(4, 0))),
  );
