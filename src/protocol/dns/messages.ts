// DNS messages in datagrams. In: one datagram. Out: its number, the kind of its question, and of an answer how it went and how many
// records it has. Names are passed over: whom a program looks for is data. Spec: RFC 1035 §4.1

import type { ByteReader } from '../../base/bytes.ts';

const HEADER_BYTES = 12;
const ANSWER = 0x8000;
const OPCODE = 0x7800;
const CODE = 0x000f;
const LABEL_LIMIT = 63;
/** A name has at most 255 bytes: that many labels of one letter. */
const LABELS_LIMIT = 128;
/** Questions come alone; behind them at most an OPT record and a signature. */
const ADDITIONAL_LIMIT = 2;
const INTERNET = 1;

const KINDS: Readonly<Record<number, string>> = {
  1: 'A',
  2: 'NS',
  5: 'CNAME',
  6: 'SOA',
  12: 'PTR',
  15: 'MX',
  16: 'TXT',
  28: 'AAAA',
  33: 'SRV',
  35: 'NAPTR',
  52: 'TLSA',
  64: 'SVCB',
  65: 'HTTPS',
  255: 'ANY',
  257: 'CAA',
};

const CODES: Readonly<Record<number, string>> = {
  1: 'FORMERR',
  2: 'SERVFAIL',
  3: 'NXDOMAIN',
  4: 'NOTIMP',
  5: 'REFUSED',
};

/** What the latest datagram says. */
export class DnsMessage {
  number = 0;
  isAnswer = false;
  /** Of a question: A, MX … */
  kind = '';
  /** Of an answer: '' when it went well. */
  error = '';
  records = 0;
}

/** False: it is none. */
export function readDns(reader: ByteReader, message: DnsMessage): boolean {
  if (reader.left < HEADER_BYTES) return false;
  message.number = reader.u16be();
  const flags = reader.u16be();
  const questions = reader.u16be();
  message.records = reader.u16be();
  const authorities = reader.u16be();
  const additional = reader.u16be();
  message.isAnswer = (flags & ANSWER) !== 0;
  const code = flags & CODE;
  message.error = code === 0 ? '' : (CODES[code] ?? String(code));
  if ((flags & OPCODE) !== 0 || questions > 1) return false;
  if (message.isAnswer) return true;
  const isQuestion = questions === 1 && message.records === 0 && authorities === 0 && code === 0;
  return isQuestion && additional <= ADDITIONAL_LIMIT && readQuestion(reader, message);
}

function readQuestion(reader: ByteReader, message: DnsMessage): boolean {
  for (let count = 0; count < LABELS_LIMIT; count++) {
    const length = reader.u8();
    if (reader.short || length > LABEL_LIMIT || length > reader.left) return false;
    if (length === 0) return readKind(reader, message);
    reader.skip(length);
  }
  return false;
}

function readKind(reader: ByteReader, message: DnsMessage): boolean {
  const kind = reader.u16be();
  const of = reader.u16be();
  message.kind = KINDS[kind] ?? `TYPE${kind}`;
  return !reader.short && of === INTERNET;
}
