// Builders of MySQL packets for tests, named and ordered as in the specification.
// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html

const encoder = new TextEncoder();

type Part = string | number | readonly number[] | Uint8Array;

function bytesOf(part: Part): readonly number[] | Uint8Array {
  if (typeof part === 'string') return encoder.encode(part);
  return typeof part === 'number' ? [part] : part;
}

/** Header and content: a number is one byte, a text its bytes. */
export function packet(sequence: number, ...parts: readonly Part[]): Uint8Array {
  const content = parts.flatMap((part) => [...bytesOf(part)]);
  return Uint8Array.from([...int(3, content.length), sequence & 0xff, ...content]);
}

/** Little-endian integer of `size` bytes. */
export function int(size: number, value: number): number[] {
  return Array.from({ length: size }, (_, index) => Math.floor(value / 256 ** index) & 0xff);
}

/** Length-encoded text. */
export function text(value: string): number[] {
  const bytes = [...encoder.encode(value)];
  const length = bytes.length < 251 ? [bytes.length] : [0xfc, ...int(2, bytes.length)];
  return [...length, ...bytes];
}

export const Flag = {
  withDb: 0x8,
  compress: 0x20,
  protocol41: 0x200,
  ssl: 0x800,
  secure: 0x8000,
  multi: 0x30000,
  pluginAuth: 0x80000,
  deprecateEof: 0x1000000,
} as const;
const USUAL = Flag.protocol41 | Flag.secure | Flag.multi | Flag.pluginAuth;
const ZEROS = (count: number) => Array.from({ length: count }, () => 0);

export function greeting(
  version = '8.4.3',
  capabilities = USUAL | Flag.withDb | Flag.deprecateEof | Flag.compress | Flag.ssl,
) {
  return packet(
    0,
    10,
    version,
    0,
    int(4, 77),
    'saltsalt',
    0,
    int(2, capabilities & 0xffff),
    45,
    int(2, 2),
    int(2, capabilities >>> 16),
    21,
    ZEROS(10),
    'moresaltmore',
    0,
    'caching_sha2_password',
    0,
  );
}

export function login(database = '', flags = 0, sequence = 1) {
  const capabilities = USUAL | flags | (database === '' ? 0 : Flag.withDb);
  const end = database === '' ? [] : [database, 0];
  return packet(
    sequence,
    int(4, capabilities),
    int(4, 0x1000000),
    45,
    ZEROS(23),
    'app',
    0,
    20,
    ZEROS(20),
    ...end,
    'mysql_native_password',
    0,
  );
}

export function sslRequest() {
  return packet(1, int(4, USUAL | Flag.ssl), int(4, 0x1000000), 45, ZEROS(23));
}

export const Status = { autocommit: 2, more: 8, cursor: 0x40 } as const;

export function ok(sequence: number, affectedRows = 0, status: number = Status.autocommit) {
  return packet(sequence, 0, affectedRows, 0, int(2, status), int(2, 0));
}

export function eof(sequence: number, status: number = Status.autocommit) {
  return packet(sequence, 0xfe, int(2, 0), int(2, status));
}

/** An OK in the place of an EOF. */
export function okEof(sequence: number, status: number = Status.autocommit) {
  return packet(sequence, 0xfe, 0, 0, int(2, status), int(2, 0));
}

export function error(sequence: number, number: number, state: string, message: string) {
  return packet(sequence, 0xff, int(2, number), `#${state}`, message);
}

export function columnCount(sequence: number, count: number) {
  return packet(sequence, count);
}

export function column(sequence: number, name: string) {
  return packet(
    sequence,
    text('def'),
    text('shop'),
    text('items'),
    text('items'),
    text(name),
    text(name),
    12,
    int(2, 45),
    int(4, 255),
    0xfd,
    int(2, 0),
    0,
    int(2, 0),
  );
}

export function row(sequence: number, ...values: readonly string[]) {
  return packet(sequence, ...values.map(text));
}

export function binaryRow(sequence: number, value: string) {
  return packet(sequence, 0, 0, text(value));
}

/** A whole result set of one column; `end` is `eof` for old clients, `okEof` for new ones. */
export function resultSet(
  first: number,
  end: 'eof' | 'okEof',
  values: readonly string[],
  status = 2,
): Uint8Array[] {
  let sequence = first;
  const packets = [columnCount(sequence++, 1), column(sequence++, 'name')];
  if (end === 'eof') packets.push(eof(sequence++));
  for (const value of values) packets.push(row(sequence++, value));
  packets.push(end === 'eof' ? eof(sequence, status) : okEof(sequence, status));
  return packets;
}

export function query(sql: string) {
  return packet(0, 0x03, sql);
}

/** With CLIENT_QUERY_ATTRIBUTES: one attribute of text, or none. */
export function queryWithAttributes(sql: string, value?: string) {
  if (value === undefined) return packet(0, 0x03, 0, 1, sql);
  return packet(0, 0x03, 1, 1, 0, 1, int(2, 0xfe), text('trace'), text(value), sql);
}

export function prepare(sql: string) {
  return packet(0, 0x16, sql);
}

export function prepared(id: number, parameters: number, columns: number) {
  return packet(1, 0, int(4, id), int(2, columns), int(2, parameters), 0, int(2, 0));
}

export function execute(id: number, cursor = 0) {
  return packet(0, 0x17, int(4, id), cursor, int(4, 1), 0, 1, int(2, 8), int(8, 42));
}

/** A command without content, or with a statement id and what follows it. */
export function command(code: number, ...parts: readonly Part[]) {
  return packet(0, code, ...parts);
}
