// AMQP 0-9-1 frames as bytes, so that a test reads like the specification. In: numbers and names. Out: one frame.

export const u8 = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

export function u16(value: number): Uint8Array {
  return u8((value >> 8) & 0xff, value & 0xff);
}

export function u32(value: number): Uint8Array {
  return u8((value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

export const u64 = (value: number): Uint8Array => joined(u32(Math.floor(value / 2 ** 32)), u32(value));
export const text = (value: string): Uint8Array =>
  joined(u8(Buffer.byteLength(value)), new Uint8Array(Buffer.from(value)));

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function frame(type: number, channel: number, ...payload: readonly Uint8Array[]): Uint8Array {
  const content = joined(...payload);
  return joined(u8(type), u16(channel), u32(content.length), content, u8(0xce));
}

export const method = (
  channel: number,
  classId: number,
  id: number,
  ...args: readonly Uint8Array[]
): Uint8Array => frame(1, channel, u16(classId), u16(id), ...args);
export const heartbeat = (): Uint8Array => frame(8, 0);
export const protocol = (): Uint8Array => joined(new Uint8Array(Buffer.from('AMQP')), u8(0, 0, 9, 1));

/** Header and body, the body in frames of `size` bytes. */
export function content(channel: number, body: string, size = 4096): Uint8Array[] {
  const header = frame(2, channel, u16(60), u16(0), u64(body.length), u16(0));
  const pieces = Array.from({ length: Math.ceil(body.length / size) }, (_, index) =>
    frame(3, channel, new Uint8Array(Buffer.from(body.slice(index * size, (index + 1) * size)))),
  );
  return [header, ...pieces];
}

export const publish = (channel: number, exchange: string, key: string, body: string): Uint8Array[] => [
  method(channel, 60, 40, u16(0), text(exchange), text(key), u8(0)),
  ...content(channel, body),
];

export const deliver = (channel: number, tag: number, body: string): Uint8Array[] => [
  method(channel, 60, 60, text('consumer'), u64(tag), u8(0), text('orders'), text('order.created')),
  ...content(channel, body),
];

export const ack = (channel: number, tag: number, isMultiple = false): Uint8Array =>
  method(channel, 60, 80, u64(tag), u8(isMultiple ? 1 : 0));
export const nack = (channel: number, tag: number): Uint8Array => method(channel, 60, 120, u64(tag), u8(0));
export const channelOpen = (channel: number): Uint8Array => method(channel, 20, 10, text(''));
export const channelOpenOk = (channel: number): Uint8Array => method(channel, 20, 11, u32(0));
