// memcached messages as bytes, so that a test reads like the specification. In: words and values. Out: one message.

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

export const line = (text: string): Uint8Array => bytes(`${text}\r\n`);
/** A line with data behind it: its size is put in place of `%`. */
export const data = (head: string, value: string): Uint8Array =>
  bytes(`${head.replace('%', String(value.length))}\r\n${value}\r\n`);

export const Code = {
  get: 0,
  set: 1,
  delete: 4,
  getQuiet: 9,
  noop: 10,
  version: 11,
  stat: 16,
  auth: 0x21,
} as const;

function packet(
  magic: number,
  code: number,
  status: number,
  opaque: number,
  extras: string,
  key: string,
  value: string,
): Uint8Array {
  const body = Buffer.from(extras + key + value);
  const header = Buffer.alloc(24);
  header.writeUInt8(magic, 0);
  header.writeUInt8(code, 1);
  header.writeUInt16BE(key.length, 2);
  header.writeUInt8(extras.length, 4);
  header.writeUInt16BE(status, 6);
  header.writeUInt32BE(body.length, 8);
  header.writeUInt32BE(opaque, 12);
  return new Uint8Array(Buffer.concat([header, body]));
}

export const ask = (code: number, opaque: number, key = '', value = '', extras = ''): Uint8Array =>
  packet(0x80, code, 0, opaque, extras, key, value);
export const answer = (code: number, opaque: number, status = 0, value = '', key = ''): Uint8Array =>
  packet(0x81, code, status, opaque, value === '' ? '' : 'flag', key, value);
