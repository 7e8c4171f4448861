// Real conversations: what comes out is what came out before, however the bytes are cut, and with the port not told.
// In: *.json beside this file, each with its *.operations.json. After a wanted change: UPDATE_SNAPSHOTS=1 npm test -- <this file>

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { Operation, ProtocolName } from '../../src/model/operation.ts';
import { PROTOCOL_NAMES } from '../../src/model/protocol.ts';
import { decode, holed, timeOf } from '../contracts/decoder.ts';
import type { Chunk, Result } from '../contracts/decoder.ts';
import type { Capture, CapturedChunk } from './proxy.ts';

const folder = import.meta.dirname;
const isUpdating = process.env['UPDATE_SNAPSHOTS'] === '1';

function capturesOf(protocol: ProtocolName): string[] {
  const path = join(folder, protocol);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => name.endsWith('.json') && !name.endsWith('.operations.json'))
    .map((name) => join(path, name));
}

function chunksOf(connection: readonly CapturedChunk[]): Chunk[] {
  return connection.map(([from, bytes], turn) => ({
    from,
    bytes: new Uint8Array(Buffer.from(bytes, 'base64')),
    missing: 0,
    turn,
  }));
}

/** One line an operation: what is compared. */
function line(operation: Operation): string {
  const { role, statement, outcome, errorType, rows, bytesOut, bytesIn } = operation;
  const end = outcome === 'ok' ? '' : ` ${outcome} ${errorType}`;
  return `${role === 'setup' ? 'setup ' : ''}${statement}${end} | rows ${rows}, ${bytesOut} out, ${bytesIn} in`;
}

const statementsOf = (result: Result): string[] => result.operations.map(({ statement }) => statement);

const UNSEEN = 'prepared statement (text not seen)';

/** What a statement may look like to who did not see it prepared. */
function isSame(seen: string, whole: string): boolean {
  return seen === whole || seen === UNSEEN || seen === `FETCH ${UNSEEN}`;
}

/** Whether the broker confirms was agreed on before: without that, publishing ends when it is written. */
function isPublished(operation: Operation | undefined): boolean {
  return operation?.protocol === 'amqp' && operation.statement.startsWith('publish');
}

/** Where a client asks and nothing is open: here an agent tells of a connection again. Behind the set-up. */
function joints(chunks: readonly Chunk[], { operations }: Result): number[] {
  return chunks.flatMap(({ from }, turn) => {
    const isQuiet = operations.every(({ sent, end }) => sent >= timeOf(turn) || end < timeOf(turn));
    const isSetUp = operations.some(({ role, sent }) => role === 'setup' && sent >= timeOf(turn));
    const begins = operations.some(({ role, sent }) => role === 'work' && sent === timeOf(turn));
    const isAnswered = chunks.slice(turn).some((chunk) => chunk.from === 'server');
    return from === 'client' && isQuiet && begins && !isSetUp && isAnswered && chunks[turn - 1]?.from === 'server' ? [turn] : [];
  });
}

/** The same bytes in pieces of `size`. */
function inPieces(chunks: readonly Chunk[], size: number): Chunk[] {
  return chunks.flatMap((chunk) =>
    Array.from({ length: Math.ceil(chunk.bytes.length / size) }, (_, index) => ({
      ...chunk,
      bytes: chunk.bytes.subarray(index * size, (index + 1) * size),
    })),
  );
}

/** Neighbouring chunks of one side as one: what a busy event loop reads at once. */
function merged(chunks: readonly Chunk[]): Chunk[] {
  const out: Chunk[] = [];
  for (const chunk of chunks) {
    const last = out.at(-1);
    if (last?.from === chunk.from)
      out[out.length - 1] = { ...last, bytes: new Uint8Array(Buffer.concat([last.bytes, chunk.bytes])) };
    else out.push(chunk);
  }
  return out;
}

const asCaptured = (chunks: readonly Chunk[]): Chunk[] =>
  chunks.flatMap((chunk) => (chunk.from === 'server' ? holed(chunk) : [chunk]));

function runConnection(protocol: ProtocolName, chunks: readonly Chunk[], expected: readonly string[]): void {
  const whole = decode(chunks, protocol);
  it('gives what it gave', () => {
    assert.deepEqual(whole.operations.map(line), expected);
    assert.equal(whole.counters.of(protocol).invalid, 0);
    assert.equal(whole.counters.of(protocol).gaps, 0);
  });
  it('in pieces of any size, and merged', () => {
    for (const way of [inPieces(chunks, 1), inPieces(chunks, 7), inPieces(chunks, 1000), merged(chunks)])
      assert.deepEqual(decode(way, protocol).operations.map(line), expected);
  });
  it('with the protocol not told', () => {
    const result = decode(chunks, undefined);
    assert.equal(result.protocol, protocol);
    assert.deepEqual(result.operations.map(line), expected);
  });
  it('as an agent captures it: the same statements', () => {
    const result = decode(asCaptured(chunks), undefined);
    assert.equal(result.protocol, protocol);
    assert.deepEqual(statementsOf(result), statementsOf(whole));
    const ends = result.operations.map(({ end, outcome }) => [end, outcome]);
    assert.deepEqual(ends, whole.operations.map(({ end, outcome }) => [end, outcome]));
  });
  it('from the middle on: nothing is made up, and nothing throws', () => {
    const all = new Set([...statementsOf(whole), 'prepared statement (text not seen)']);
    for (let start = 1; start < Math.min(chunks.length, 40); start++)
      for (const { statement, role } of decode(chunks.slice(start), protocol).operations)
        assert.ok(role === 'setup' || all.has(statement), `from chunk ${start}: ${statement}`);
  });
  it('joins in the middle: the protocol is found, and all that follows', () => {
    // After an upgrade only its head could tell what the bytes are.
    if (whole.handedOverTo.length > 0) return;
    for (const start of joints(chunks, whole)) {
      const result = decode(asCaptured(chunks.slice(start)), undefined);
      const expected = whole.operations.filter(({ sent }) => sent >= timeOf(start));
      assert.equal(result.protocol, protocol, `from chunk ${start}`);
      const seen = result.operations.map(({ statement, outcome, sent, end }) => [statement, outcome, sent, end]);
      const isRight = seen.every(([statement], index) => isSame(String(statement), expected[index]?.statement ?? ''));
      assert.ok(isRight, `from chunk ${start}: ${JSON.stringify(seen)}`);
      assert.deepEqual(
        seen.map(([, ...facts], index) => (isPublished(expected[index]) ? [] : facts)),
        expected.map((each) => (isPublished(each) ? [] : [each.outcome, each.sent, each.end])),
        `from chunk ${start}`,
      );
    }
  });
  it('no secret in any statement', () => {
    for (const { statement } of whole.operations) assert.doesNotMatch(statement, /secret/);
  });
  it('damaged at random: never throws, always adds up', () => {
    const harm = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(255), fc.boolean()), { maxLength: 8 });
    fc.assert(
      fc.property(harm, fc.nat({ max: 2000 }), fc.boolean(), (harms, size, isTold) => {
        const damaged = inPieces(chunks.slice(0, 30), size + 50).map((chunk) => ({ ...chunk, bytes: chunk.bytes.slice() }));
        for (const [which, at, byte, isHidden] of harms) damage(damaged, which, at, byte, isHidden);
        decode(damaged, isTold ? protocol : undefined);
      }),
      // The example once ended an operation of AMQP before its first byte.
      { numRuns: 60, examples: [[[[19, 0, 0, false], [2143289317, 0, 0, true]], 1, false]] },
    );
  });
}

function damage(chunks: Chunk[], which: number, at: number, byte: number, isHidden: boolean): void {
  const index = which % chunks.length;
  const chunk = chunks[index];
  if (chunk === undefined || chunk.bytes.length === 0) return;
  const place = at % chunk.bytes.length;
  if (isHidden) chunks[index] = { ...chunk, bytes: chunk.bytes.slice(0, place), missing: chunk.missing + chunk.bytes.length - place };
  else chunk.bytes[place] = byte;
}

function readCapture(file: string): Capture {
  return JSON.parse(readFileSync(file, 'utf8')) as Capture;
}

for (const protocol of PROTOCOL_NAMES)
  for (const file of capturesOf(protocol)) {
    const capture = readCapture(file);
    const snapshot = file.replace(/\.json$/, '.operations.json');
    const found = capture.connections.map((connection) => decode(chunksOf(connection), protocol).operations.map(line));
    if (isUpdating) writeFileSync(snapshot, `${JSON.stringify(found, undefined, 1)}\n`);
    const expected = JSON.parse(readFileSync(snapshot, 'utf8')) as string[][];
    describe(`${protocol}: ${capture.client}, ${capture.server}`, () => {
      for (const [index, connection] of capture.connections.entries())
        describe(`connection ${index}`, () => runConnection(protocol, chunksOf(connection), expected[index] ?? []));
    });
  }
