// PostgreSQL messages as bytes, so that a test reads like the specification. In: fields. Out: one message.

function bytesOf(parts: readonly (number[] | string | Uint8Array)[]): Uint8Array {
  return new Uint8Array(
    Buffer.concat(
      parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Uint8Array.from(part))),
    ),
  );
}

const int16 = (value: number): number[] => [(value >> 8) & 255, value & 255];
const int32 = (value: number): number[] => [
  (value >> 24) & 255,
  (value >> 16) & 255,
  (value >> 8) & 255,
  value & 255,
];
const cstring = (text: string): Uint8Array => bytesOf([text, [0]]);

function message(tag: string, ...parts: readonly (number[] | string | Uint8Array)[]): Uint8Array {
  const body = bytesOf(parts);
  return bytesOf([tag, int32(body.length + 4), body]);
}

export const startup = (user: string, database: string): Uint8Array => {
  const body = bytesOf([
    int32(3 << 16),
    cstring('user'),
    cstring(user),
    cstring('database'),
    cstring(database),
    [0],
  ]);
  return bytesOf([int32(body.length + 4), body]);
};
export const sslRequest = (): Uint8Array => bytesOf([int32(8), int32(80877103)]);
export const cancelRequest = (): Uint8Array => bytesOf([int32(16), int32(80877102), int32(7), int32(8)]);
export const password = (text: string): Uint8Array => message('p', cstring(text));
export const query = (text: string): Uint8Array => message('Q', cstring(text));
export const parse = (name: string, text: string): Uint8Array =>
  message('P', cstring(name), cstring(text), int16(0));
export const bind = (portal: string, name: string, ...values: readonly string[]): Uint8Array =>
  message(
    'B',
    cstring(portal),
    cstring(name),
    int16(0),
    int16(values.length),
    ...values.flatMap((value) => [int32(value.length), value]),
    int16(0),
  );
export const describeStatement = (name: string): Uint8Array => message('D', 'S', cstring(name));
export const describePortal = (name: string): Uint8Array => message('D', 'P', cstring(name));
export const execute = (portal: string, limit = 0): Uint8Array => message('E', cstring(portal), int32(limit));
export const closeStatement = (name: string): Uint8Array => message('C', 'S', cstring(name));
export const closePortal = (name: string): Uint8Array => message('C', 'P', cstring(name));
export const sync = (): Uint8Array => message('S');
export const flush = (): Uint8Array => message('H');
export const functionCall = (): Uint8Array => message('F', int32(1299), int16(0), int16(0), int16(0));
export const terminate = (): Uint8Array => message('X');
export const copyData = (text: string): Uint8Array => message('d', text);
export const copyDone = (): Uint8Array => message('c');

export const authentication = (kind: number, rest = ''): Uint8Array => message('R', int32(kind), rest);
export const parameterStatus = (name: string, value: string): Uint8Array =>
  message('S', cstring(name), cstring(value));
export const backendKey = (): Uint8Array => message('K', int32(4242), int32(1234567));
export const ready = (status = 'I'): Uint8Array => message('Z', status);
export const rowDescription = (...names: readonly string[]): Uint8Array =>
  message(
    'T',
    int16(names.length),
    ...names.flatMap((name) => [
      cstring(name),
      int32(0),
      int16(0),
      int32(25),
      int16(-1),
      int32(-1),
      int16(0),
    ]),
  );
export const dataRow = (...values: readonly string[]): Uint8Array =>
  message('D', int16(values.length), ...values.flatMap((value) => [int32(Buffer.byteLength(value)), value]));
export const commandComplete = (tag: string): Uint8Array => message('C', cstring(tag));
export const emptyQuery = (): Uint8Array => message('I');
export const parseComplete = (): Uint8Array => message('1');
export const bindComplete = (): Uint8Array => message('2');
export const closeComplete = (): Uint8Array => message('3');
export const noData = (): Uint8Array => message('n');
export const parameterDescription = (): Uint8Array => message('t', int16(1), int32(23));
export const portalSuspended = (): Uint8Array => message('s');
export const errorResponse = (sqlState: string, text: string): Uint8Array =>
  message('E', 'S', cstring('ERROR'), 'V', cstring('ERROR'), 'C', cstring(sqlState), 'M', cstring(text), [0]);
export const notice = (text: string): Uint8Array =>
  message('N', 'S', cstring('NOTICE'), 'C', cstring('00000'), 'M', cstring(text), [0]);
export const notification = (channel: string): Uint8Array =>
  message('A', int32(42), cstring(channel), cstring(''));
export const copyIn = (): Uint8Array => message('G', [0], int16(1), int16(0));
export const copyOut = (): Uint8Array => message('H', [0], int16(1), int16(0));
export const copyBoth = (): Uint8Array => message('W', [0], int16(0));
export const functionResult = (): Uint8Array => message('V', int32(4), int32(7));
export const encrypted = (): Uint8Array => bytesOf(['S']);
export const notEncrypted = (): Uint8Array => bytesOf(['N']);
