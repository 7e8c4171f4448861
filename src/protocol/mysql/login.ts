// The start of a MySQL connection: the server's greeting, the client's login or its request for TLS. In: packets.
// Out: what both can do, and the database. Not here: passwords (they are not looked at), the rest of the login (answer.ts).
// Spec: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html

import type { ByteReader } from '../../base/bytes.ts';
import { INVALID } from '../contract.ts';
import { First, lengthEncoded, readError, readPacket } from './packet.ts';
import type { MySqlMessage } from './packet.ts';

/** A login has a user, a scrambled password, a database and attributes of the client. */
export const LOGIN_LIMIT_BYTES = 4096;
const Capability = {
  ConnectWithDb: 1 << 3,
  Compress: 1 << 5,
  Protocol41: 1 << 9,
  Ssl: 1 << 11,
  SecureConnection: 1 << 15,
  LengthEncodedAuth: 1 << 21,
  DeprecateEof: 1 << 24,
  OptionalMetadata: 1 << 25,
  Zstd: 1 << 26,
} as const;
const COMPRESSIONS = Capability.Compress | Capability.Zstd;
const SSL_REQUEST_BYTES = 32;
/** MariaDB has its own capabilities in the last 4 of the 23. */
const FILLER_BYTES = 19;

export function hasEofPackets(capabilities: number): boolean {
  return (capabilities & Capability.DeprecateEof) === 0;
}

/** The answer to a query says whether it describes its columns. */
export function hasOptionalColumns(capabilities: number): boolean {
  return (capabilities & Capability.OptionalMetadata) !== 0;
}

/** Compression begins after the login. */
export function isCompressed(capabilities: number): boolean {
  return (capabilities & COMPRESSIONS) !== 0;
}

/** Before waiting for it: the third byte of its size, and what is above 4096 of the second, are zero. */
function canBeLogin(reader: ByteReader): boolean {
  return reader.peek(1) * 256 <= LOGIN_LIMIT_BYTES && reader.peek(2) <= 0;
}

/** The greeting of the server: version 10, its version as text, its capabilities. INVALID when it is none. */
export function readGreeting(reader: ByteReader, message: MySqlMessage): number {
  if (!canBeLogin(reader)) return INVALID;
  const length = readPacket(reader, message, LOGIN_LIMIT_BYTES);
  if (length <= 0) return length;
  if (message.first === First.Error) {
    readError(reader, message);
    return length;
  }
  if (reader.u8() !== 10) return INVALID;
  const version = reader.find(0);
  if (version < 3 || version > 128) return INVALID;
  reader.skip(version + 1 + 4 + 8 + 1);
  const low = reader.u16le();
  reader.skip(3);
  message.capabilities = reader.short ? low : low | (reader.u16le() << 16);
  return length;
}

/** The login of the client, or its request for TLS. INVALID when it is neither. */
export function readLogin(reader: ByteReader, message: MySqlMessage): number {
  if (!canBeLogin(reader)) return INVALID;
  const length = readPacket(reader, message, LOGIN_LIMIT_BYTES);
  if (length <= 0) return length;
  const end = reader.at + message.size;
  if (message.size < SSL_REQUEST_BYTES || message.sequence === 0) return INVALID;
  message.capabilities = reader.u32le() | 0;
  if ((message.capabilities & Capability.Protocol41) === 0) return INVALID;
  reader.skip(5);
  for (let index = 0; index < FILLER_BYTES; index++) if (reader.u8() !== 0) return INVALID;
  reader.skip(4);
  message.isSslRequest = message.size === SSL_REQUEST_BYTES;
  if (message.isSslRequest && (message.capabilities & Capability.Ssl) === 0) return INVALID;
  message.database = message.isSslRequest ? '' : readDatabase(reader, message.capabilities, end);
  return length;
}

function readDatabase(reader: ByteReader, capabilities: number, end: number): string {
  reader.cstring();
  if ((capabilities & Capability.LengthEncodedAuth) !== 0) reader.skip(lengthEncoded(reader));
  else if ((capabilities & Capability.SecureConnection) !== 0) reader.skip(reader.u8());
  else reader.cstring();
  if ((capabilities & Capability.ConnectWithDb) === 0) return '';
  const database = reader.cstring();
  return reader.short || reader.at > end ? '' : database;
}
