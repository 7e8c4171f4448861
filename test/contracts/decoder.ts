// The contract of every protocol decoder: one table of conversations, each run in many ways.
// In: a protocol's name and cases (who sent which messages, which operations come out). Out: node:test tests.
// Ways: whole · byte by byte · every two-way cut · tail missing · after leading garbage · long server messages with a hole ·
// as an agent captures it · with the protocol not told · damaged at random.
// Longer than most files: it is the list of those ways.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { Nanos } from '../../src/base/time.ts';
import { nanos } from '../../src/base/time.ts';
import type { Operation, OperationRole, Outcome, ProtocolName } from '../../src/model/operation.ts';
import { PROTOCOL_NAMES } from '../../src/model/protocol.ts';
import type { Side } from '../../src/protocol/contract.ts';
import { DecodeCounters, Decoding } from '../../src/protocol/driver.ts';
import type { DecodingHost, WriteContexts } from '../../src/protocol/driver.ts';

/** What one side sends before the other speaks again. */
export interface Turn {
  readonly from: Side;
  readonly messages: readonly Uint8Array[];
}

export const client = (...messages: readonly Uint8Array[]): Turn => ({ from: 'client', messages });
export const server = (...messages: readonly Uint8Array[]): Turn => ({ from: 'server', messages });

/** What is said here is compared; what is left out has its usual value or is not compared. */
export interface ExpectedOperation {
  readonly statement: string;
  /** Usual: work. */
  readonly role?: OperationRole;
  /** Usual: ok. */
  readonly outcome?: Outcome;
  /** Usual: ''. */
  readonly errorType?: string;
  readonly rows?: number;
}

export interface DecoderCase {
  readonly name: string;
  readonly turns: readonly Turn[];
  /** In the order in which they end. */
  readonly gives: readonly ExpectedOperation[];
  /** The work that is found when garbage came first. Usual: the work of `gives`. */
  readonly afterGarbage?: readonly ExpectedOperation[];
  /** What is found when the middle of server turns is not captured. Usual: the statements of `gives`. */
  readonly asCaptured?: readonly ExpectedOperation[];
  /** False: the conversation is too short to be told from others. */
  readonly isDetected?: boolean;
  readonly peers?: readonly string[];
  readonly handsOverTo?: ProtocolName;
}

/** A piece of a conversation as the driver gets it. */
export interface Chunk {
  readonly from: Side;
  readonly bytes: Uint8Array;
  readonly missing: number;
  /** Index of the turn, which is also its time in µs. */
  readonly turn: number;
}

/** What an agent keeps of a read: its first and its last bytes. */
const HEAD_BYTES = 512;
const TAIL_BYTES = 64;
const GARBAGE = Uint8Array.from({ length: 23 }, (_, index) => (index * 89 + 135) & 0xff);
const CUTS_PER_TURN = 600;

/** Everything a decoding said. */
class Witness implements DecodingHost {
  readonly operations: Operation[] = [];
  readonly peers: string[] = [];
  readonly handedOverTo: ProtocolName[] = [];

  operation(finished: Operation): void {
    this.operations.push(finished);
  }

  peer(name: string): void {
    if (!this.peers.includes(name)) this.peers.push(name);
  }

  handOver(to: ProtocolName): void {
    this.handedOverTo.push(to);
  }
}

export interface Result extends Witness {
  readonly counters: DecodeCounters;
  readonly protocol: ProtocolName | undefined;
}

/** All bytes of a chunk are of request 7, call 9. */
const oneContext: WriteContexts = {
  isOrdered: false,
  count: 1,
  offset: () => 0,
  request: () => 7,
  call: () => 9,
};

export function timeOf(turn: number): Nanos {
  return nanos((turn + 1) * 1000);
}

/** Decodes the chunks and closes. Each chunk is given in a buffer that is overwritten afterwards, as the collector's is. */
export function decode(chunks: readonly Chunk[], hint: ProtocolName | undefined): Result {
  const witness = new Witness();
  const counters = new DecodeCounters();
  const decoding = new Decoding(witness, counters, hint);
  for (const chunk of chunks) {
    const bytes = chunk.bytes.slice();
    decoding.chunk(
      chunk.from,
      bytes,
      chunk.missing,
      timeOf(chunk.turn),
      chunk.from === 'client' ? oneContext : undefined,
    );
    bytes.fill(0xaa);
  }
  decoding.close(timeOf(chunks.length));
  const result = Object.assign(witness, { counters, protocol: decoding.protocol });
  checkSums(result);
  checkTimes(result);
  return result;
}

/** The equations of counters.ts, after a close. */
function checkSums(result: Result): void {
  for (const name of PROTOCOL_NAMES) {
    const counts = result.counters.of(name);
    assert.equal(
      counts.begun,
      counts.operations + counts.discarded,
      `${name}: begun = operations + discarded`,
    );
    assert.equal(counts.operations, counts.answered + counts.unfinished, `${name}: answered + unfinished`);
    const known = counts.decodedBytes + counts.skippedBytes + counts.unknownBytes;
    assert.ok(counts.bytes >= known, `${name}: ${counts.bytes} bytes seen, ${known} accounted for`);
    assert.ok(counts.bytes - known <= 64 * 1024, `${name}: ${counts.bytes - known} bytes waiting`);
  }
}

function checkTimes(result: Result): void {
  for (const operation of result.operations) {
    const happened = [operation.sent, operation.written, operation.firstByte, operation.end].filter(
      (time) => time >= 0,
    );
    const isRising = happened.every((time, index) => index === 0 || time >= (happened[index - 1] ?? 0));
    assert.ok(
      isRising || operation.firstByte < operation.written,
      `times of ${operation.statement}: ${happened.join(' ')}`,
    );
    assert.ok(operation.end >= 0 && operation.sent >= 0);
    assert.ok(operation.bytesOut > 0, `${operation.statement} has bytes`);
    assert.equal(operation.attribution, 'request');
    assert.equal(operation.request, 7);
    assert.equal(operation.call, 9);
  }
}

function seen(operation: Operation, expected: ExpectedOperation | undefined): ExpectedOperation {
  return {
    statement: operation.statement,
    role: operation.role,
    outcome: operation.outcome,
    errorType: operation.errorType,
    ...(expected?.rows === undefined ? {} : { rows: operation.rows }),
  };
}

function withUsual(expected: ExpectedOperation): ExpectedOperation {
  return { role: 'work', outcome: 'ok', errorType: '', ...expected };
}

function compare(
  operations: readonly Operation[],
  expected: readonly ExpectedOperation[],
  message: string,
): void {
  assert.deepEqual(
    operations.map((operation, index) => seen(operation, expected[index])),
    expected.map(withUsual),
    message,
  );
}

function joined(messages: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(messages));
}

function piece(from: Side, bytes: Uint8Array, turn: number, missing = 0): Chunk {
  return { from, bytes, missing, turn };
}

/** One chunk a turn. */
export function whole(turns: readonly Turn[]): Chunk[] {
  return turns.map((turn, index) => piece(turn.from, joined(turn.messages), index));
}

function byteByByte(chunks: readonly Chunk[]): Chunk[] {
  return chunks.flatMap((chunk) =>
    Array.from(chunk.bytes, (byte) => piece(chunk.from, Uint8Array.of(byte), chunk.turn)),
  );
}

function cutAt(chunks: readonly Chunk[], which: number, at: number): Chunk[] {
  return chunks.flatMap((chunk, index) =>
    index === which
      ? [
          piece(chunk.from, chunk.bytes.subarray(0, at), chunk.turn),
          piece(chunk.from, chunk.bytes.subarray(at), chunk.turn),
        ]
      : [chunk],
  );
}

/** First bytes, hole, last bytes: as the Read record of the agent. */
export function holed(chunk: Chunk): Chunk[] {
  const missing = chunk.bytes.length - HEAD_BYTES - TAIL_BYTES;
  if (missing <= 0) return [chunk];
  return [
    piece(chunk.from, chunk.bytes.subarray(0, HEAD_BYTES), chunk.turn, missing),
    piece(chunk.from, chunk.bytes.subarray(HEAD_BYTES + missing), chunk.turn),
  ];
}

function eachMessageHoled(turns: readonly Turn[]): Chunk[] {
  return turns.flatMap((turn, index) =>
    turn.from === 'client'
      ? [piece(turn.from, joined(turn.messages), index)]
      : turn.messages.flatMap((message) => holed(piece(turn.from, message, index))),
  );
}

function asCaptured(turns: readonly Turn[]): Chunk[] {
  return whole(turns).flatMap((chunk) => (chunk.from === 'server' ? holed(chunk) : [chunk]));
}

/** All positions of a short turn; a regular choice of those of a long one. */
function cutsOf(chunk: Chunk): number[] {
  const step = Math.max(1, Math.floor(chunk.bytes.length / CUTS_PER_TURN));
  const cuts: number[] = [];
  for (let at = 1; at < chunk.bytes.length; at += step) cuts.push(at);
  return cuts;
}

function isLong(test: DecoderCase): boolean {
  return test.turns.some(
    (turn) => turn.from === 'server' && joined(turn.messages).length > HEAD_BYTES + TAIL_BYTES,
  );
}

/** Nothing answered may come out that would not have come out of the whole. */
function checkPrefix(result: Result, test: DecoderCase, message: string): void {
  const answered = result.operations.filter((operation) => operation.outcome !== 'unfinished');
  const statements = test.gives.map((expected) => expected.statement);
  for (const operation of answered)
    assert.ok(statements.includes(operation.statement), `${message}: ${operation.statement}`);
  assert.ok(answered.length <= test.gives.length, `${message}: ${answered.length} operations`);
}

function runCase(protocol: ProtocolName, test: DecoderCase): void {
  const chunks = whole(test.turns);
  it('whole', () => {
    const result = decode(chunks, protocol);
    compare(result.operations, test.gives, 'whole');
    assert.deepEqual(result.peers, test.peers ?? result.peers);
    assert.deepEqual(result.handedOverTo, test.handsOverTo === undefined ? [] : [test.handsOverTo]);
    assert.equal(result.counters.of(protocol).invalid, 0);
  });
  it('byte by byte', () => compare(decode(byteByByte(chunks), protocol).operations, test.gives, 'bytes'));
  it('every two-way cut', () => {
    for (const [which, chunk] of chunks.entries())
      for (const at of cutsOf(chunk))
        compare(
          decode(cutAt(chunks, which, at), protocol).operations,
          test.gives,
          `turn ${which} cut at ${at}`,
        );
  });
  it('tail missing', () => {
    for (const [which, chunk] of chunks.entries())
      for (const at of [0, ...cutsOf(chunk)]) {
        const cut = [...chunks.slice(0, which), piece(chunk.from, chunk.bytes.subarray(0, at), chunk.turn)];
        checkPrefix(decode(cut, protocol), test, `turn ${which} ends at ${at}`);
      }
  });
  it('after leading garbage', () => {
    const garbage = [piece('client', GARBAGE, 0), piece('server', GARBAGE, 0)];
    const expected =
      test.afterGarbage ?? test.gives.filter(({ role }) => role === undefined || role === 'work');
    const work = decode([...garbage, ...chunks], protocol).operations.filter(({ role }) => role === 'work');
    compare(work, expected, 'after garbage');
  });
  if (isLong(test)) runHoles(protocol, test);
  if (test.isDetected !== false) {
    it('protocol not told', () => {
      for (const way of [chunks, byteByByte(chunks)]) {
        const result = decode(way, undefined);
        assert.equal(result.protocol, protocol);
        compare(result.operations, test.gives, 'detected');
      }
    });
  }
}

function runHoles(protocol: ProtocolName, test: DecoderCase): void {
  it('a hole in each long server message', () => {
    const result = decode(eachMessageHoled(test.turns), protocol);
    compare(result.operations, test.gives, 'holes');
    assert.equal(result.counters.of(protocol).gaps, 0, 'no boundary was hidden');
  });
  it('as an agent captures it', () => {
    const result = decode(asCaptured(test.turns), protocol);
    if (test.asCaptured !== undefined) compare(result.operations, test.asCaptured, 'as captured');
    else
      assert.deepEqual(
        result.operations.map(({ statement }) => statement),
        test.gives.map(({ statement }) => statement),
      );
  });
}

/** Damage: change, drop, hide and cut bytes. Positions are shares of the length. */
const damage = fc.array(
  fc.record({
    kind: fc.constantFrom('change', 'drop', 'hide', 'cut', 'repeat'),
    where: fc.double({ min: 0, max: 1, noNaN: true }),
    amount: fc.integer({ min: 1, max: 300 }),
    byte: fc.integer({ min: 0, max: 255 }),
  }),
  { maxLength: 12 },
);
type Damage = typeof damage extends fc.Arbitrary<infer D> ? D : never;

function damaged(chunks: readonly Chunk[], harms: Damage): Chunk[] {
  let now = [...chunks];
  for (const { kind, where, amount, byte } of harms) {
    const index = Math.min(now.length - 1, Math.floor(where * now.length));
    const chunk = now[index];
    if (chunk === undefined || chunk.bytes.length < 2) continue;
    const at = Math.floor(((where * 7919) % 1) * chunk.bytes.length);
    const parts = harm(chunk, kind, at, amount, byte);
    now = [...now.slice(0, index), ...parts, ...now.slice(index + 1)];
  }
  return now;
}

function harm(chunk: Chunk, kind: string, at: number, amount: number, byte: number): Chunk[] {
  const before = chunk.bytes.subarray(0, at);
  const after = chunk.bytes.subarray(Math.min(chunk.bytes.length, at + amount));
  const { from, turn, missing } = chunk;
  if (kind === 'cut')
    return [piece(from, before, turn), piece(from, chunk.bytes.subarray(at), turn, missing)];
  if (kind === 'drop') return [piece(from, before, turn), piece(from, after, turn, missing)];
  if (kind === 'hide')
    return [
      piece(from, before, turn, chunk.bytes.length - before.length - after.length),
      piece(from, after, turn, missing),
    ];
  if (kind === 'repeat') return [chunk, chunk];
  const changed = chunk.bytes.slice();
  changed[at] = byte;
  return [piece(from, changed, turn, missing)];
}

function runFuzz(protocol: ProtocolName, cases: readonly DecoderCase[]): void {
  it('damaged conversations never throw and always add up', () => {
    const all = cases.map((test) => whole(test.turns));
    fc.assert(
      fc.property(fc.constantFrom(...all), damage, fc.boolean(), (chunks, harms, isTold) => {
        decode(damaged(chunks, harms), isTold ? protocol : undefined);
      }),
      { numRuns: 400 },
    );
  });
  it('random bytes never throw and always add up', () => {
    const chunk = fc.record({
      from: fc.constantFrom<Side>('client', 'server'),
      bytes: fc.uint8Array({ maxLength: 200 }),
      missing: fc.constantFrom(0, 0, 0, 5, 100_000),
      turn: fc.constant(0),
    });
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 20 }), (chunks) => {
        decode(chunks, protocol);
        decode(chunks, undefined);
      }),
      { numRuns: 300 },
    );
  });
}

/** Runs every case in every way. */
export function decoderSuite(protocol: ProtocolName, cases: readonly DecoderCase[]): void {
  describe(`${protocol} decoder`, () => {
    for (const test of cases) describe(test.name, () => runCase(protocol, test));
    runFuzz(protocol, cases);
  });
}
