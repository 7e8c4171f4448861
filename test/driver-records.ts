// Records of kind 15 for tests, made by hand: only the Python agent writes them. In: facts. Out: the bytes of one batch.

import { BATCH_HEADER_BYTES, BATCH_MAGIC, DriverFlag, FORMAT_VERSION, Kind } from '../src/record/layout.ts';
import type { DriverFacts } from '../src/record/record-handler.ts';

export const DRIVER_FACTS: DriverFacts = {
  isSetUp: false,
  isError: false,
  isCut: false,
  isFormat: true,
  start: 1_000_000 as DriverFacts['start'],
  end: 3_500_000 as DriverFacts['end'],
  request: 7,
  call: 9,
  connection: 4,
  rows: 2,
  protocol: 'postgres',
  statement: "SELECT * FROM ‘käse’ WHERE id = %s AND kind = 'new'",
  error: '',
  address: '127.0.0.1:5432',
  database: 'shop',
  valueHash: 0,
};

/** One batch with these records, of a process that never said hello. */
export function driverBatch(...all: readonly DriverFacts[]): Buffer {
  const records = Buffer.concat(all.map(recordOf));
  const head = Buffer.alloc(BATCH_HEADER_BYTES);
  head.writeUInt32LE(BATCH_MAGIC, 0);
  head.writeUInt16LE(FORMAT_VERSION, 4);
  head.writeUInt16LE(BATCH_HEADER_BYTES, 6);
  head.writeUInt32LE(BATCH_HEADER_BYTES + records.length, 8);
  head.writeDoubleLE(77, 16);
  return Buffer.concat([head, records]);
}

function recordOf(facts: DriverFacts): Buffer {
  const texts = [facts.protocol, facts.statement, facts.error, facts.address, facts.database];
  const body = Buffer.concat([numbersOf(facts), ...texts.map(textOf)]);
  const head = Buffer.alloc(24);
  const textsEnd = Math.ceil((24 + body.length) / 8) * 8;
  const length = textsEnd + (facts.valueHash === 0 ? 0 : 8);
  head.writeUInt32LE(length, 0);
  head.writeUInt16LE(Kind.driverOperation, 4);
  head.writeUInt16LE(flagsOf(facts), 6);
  head.writeDoubleLE(facts.end, 8);
  head.writeDoubleLE(-1, 16);
  const record = Buffer.concat([head, body], length);
  if (facts.valueHash !== 0) record.writeUInt32LE(facts.valueHash, textsEnd);
  return record;
}

function numbersOf(facts: DriverFacts): Buffer {
  const numbers = Buffer.alloc(32);
  numbers.writeDoubleLE(facts.start, 0);
  numbers.writeDoubleLE(facts.end, 8);
  const counts = [facts.request, facts.call, facts.connection, facts.rows >>> 0];
  for (const [index, count] of counts.entries()) numbers.writeUInt32LE(count, 16 + 4 * index);
  return numbers;
}

function textOf(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function flagsOf(facts: DriverFacts): number {
  return (
    (facts.isSetUp ? DriverFlag.setUp : 0) |
    (facts.isError ? DriverFlag.failed : 0) |
    (facts.isCut ? DriverFlag.cut : 0) |
    (facts.isFormat ? DriverFlag.format : 0) |
    (facts.valueHash === 0 ? 0 : DriverFlag.values)
  );
}
