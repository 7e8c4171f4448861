// Records at the limits, and the way through the reader: what was written is what is read, whatever it was.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Batch, BATCH_BYTES, BATCH_FULL_BYTES, RECORD_LIMIT_BYTES } from './batch.ts';
import { BATCH_LIMIT_BYTES, Kind, WRITE_CAPTURE_BYTES } from './layout.ts';
import { CONTEXT_LIMIT, JSON_LIMIT_BYTES, RecordWriter, TEXT_LIMIT_BYTES } from './writer.ts';

/** A source of `limit` batches, and what became of them. */
function source(limit: number): { full: Batch[]; starts: number; writer: RecordWriter } {
  const state = { full: [] as Batch[], starts: 0, made: 0 };
  const writer = new RecordWriter({
    next: (full) => {
      if (full !== undefined) state.full.push(full);
      return state.made++ < limit ? new Batch() : undefined;
    },
    started: () => {
      state.starts++;
    },
  });
  return Object.assign(state, { writer });
}

function lengthsOf(batch: Batch): number[] {
  const lengths: number[] = [];
  for (let at = 48; at < batch.length; at += batch.u32[at >> 2] ?? 0) lengths.push(batch.u32[at >> 2] ?? 0);
  return lengths;
}

test('the largest records there can be fit between a nearly full batch and its end', () => {
  const long = 'é'.repeat(100_000);
  const { writer, full } = source(1000);
  for (let round = 0; round < 30; round++) {
    writer.beginWrite(0, 0, 1, 1, CONTEXT_LIMIT, 0);
    for (let index = 0; index < CONTEXT_LIMIT; index++) writer.writeContext(0, 1, 1);
    writer.writeText(long, 'utf8');
    writer.endWrite();
    writer.requestStart(0, 0, 1, 1, long, long, long, long, long);
    writer.callSite(0, 0, 1, long);
    writer.json(Kind.hello, 0, 0, { text: 'x'.repeat(JSON_LIMIT_BYTES - 20) });
    writer.read(0, 0, 1, Buffer.alloc(1 << 20));
  }
  assert.ok(full.length > 10);
  for (const batch of full) {
    assert.ok(batch.length >= BATCH_FULL_BYTES && batch.length <= BATCH_BYTES);
    assert.ok(batch.length <= BATCH_LIMIT_BYTES);
    for (const length of lengthsOf(batch)) assert.ok(length > 0 && length <= RECORD_LIMIT_BYTES);
  }
});

test('without a batch records are dropped and counted, and recording goes on when there is one again', () => {
  let batch: Batch | undefined;
  const writer = new RecordWriter({ next: () => batch, started: () => undefined });
  assert.equal(writer.beginWrite(0, 0, 0, 1, 1, 7), false);
  writer.read(0, 0, 1, Buffer.alloc(5));
  writer.close(0, 0, 0, 1);
  assert.equal(writer.droppedRecords, 3);
  assert.equal(writer.droppedBytes, 12);
  batch = new Batch();
  writer.close(0, 0, 0, 1);
  assert.equal(writer.records, 1);
  assert.equal(writer.take()?.length, 48 + 32);
  assert.equal(writer.take(), undefined);
});

test('the batch that follows a loss tells of it, not one that waited before', () => {
  const batches = [new Batch(), undefined, new Batch(), new Batch()];
  const full: (Batch | undefined)[] = [];
  const writer = new RecordWriter({
    next: (batch) => {
      full.push(batch);
      return batches.shift();
    },
    started: () => undefined,
  });
  const fill = () => writer.read(0, 0, 1, Buffer.alloc(2000), 2000);
  while (full.length < 2) fill();
  fill();
  fill();
  assert.deepEqual(
    [full[1]?.droppedRecords, writer.take()?.droppedRecords, writer.droppedRecords],
    [0, 1, 1],
  );
});

test('while paused only connections open and close; what comes then begins a batch that tells of it', () => {
  const { writer, full } = source(10);
  writer.call(0, 0, 1, 1, 0);
  writer.pause();
  writer.close(0, 0, 0, 1);
  writer.call(0, 0, 2, 1, 0);
  writer.read(0, 0, 1, Buffer.alloc(5));
  assert.deepEqual([writer.records, writer.droppedRecords, writer.droppedBytes], [2, 2, 5]);
  writer.resume();
  writer.call(0, 0, 3, 1, 0);
  assert.deepEqual([full[0]?.droppedRecords, writer.take()?.droppedRecords], [0, 2]);
  writer.pause();
  writer.resume();
  writer.call(0, 0, 4, 1, 0);
  assert.equal(writer.take()?.droppedRecords, 0);
});

test('the source hears of the first record of each batch only', () => {
  const state = source(2);
  state.writer.close(0, 0, 0, 1);
  state.writer.close(0, 0, 0, 1);
  assert.equal(state.starts, 1);
  state.writer.take();
  state.writer.close(0, 0, 0, 1);
  assert.equal(state.starts, 2);
});

test('JSON that is too long is an empty object, one that just fits is whole', () => {
  for (const [length, isWhole] of [
    [JSON_LIMIT_BYTES - 11, true],
    [JSON_LIMIT_BYTES - 10, false],
  ] as const) {
    const { writer } = source(1);
    writer.json(Kind.hello, 0, 0, { text: 'x'.repeat(length) });
    const batch = writer.take();
    assert.ok(batch);
    assert.equal(batch.bytes.readUInt32LE(72), isWhole ? JSON_LIMIT_BYTES : 2);
  }
});

test('texts are cut between characters', () => {
  const { writer } = source(1);
  writer.callSite(0, 0, 1, `x${'é'.repeat(TEXT_LIMIT_BYTES)}`);
  const batch = writer.take();
  assert.ok(batch);
  const length = batch.bytes.readUInt32LE(80);
  assert.equal(length, TEXT_LIMIT_BYTES - 1);
  assert.ok(batch.bytes.toString('utf8', 84, 84 + length).endsWith('é'));
});

const chunk = fc.oneof(
  fc.uint8Array({ maxLength: 30_000 }).map((bytes) => Buffer.from(bytes)),
  fc.record({
    text: fc.string({ unit: 'grapheme', maxLength: 9000 }),
    encoding: fc.constantFrom<BufferEncoding>('utf8', 'latin1', 'utf16le'),
  }),
);

test('after a character that did not fit nothing more is captured', () => {
  const { writer } = source(1);
  writer.beginWrite(0, 0, 0, 1, 0, 0);
  writer.writeText(`x${'é'.repeat(WRITE_CAPTURE_BYTES / 2)}`, 'utf8');
  writer.writeBytes(Buffer.from('next'));
  writer.endWrite();
  const batch = writer.take();
  assert.equal(batch?.bytes.readUInt32LE(28 + 48), WRITE_CAPTURE_BYTES + 1 + 4);
  assert.equal(batch?.bytes.readUInt32LE(32 + 48), WRITE_CAPTURE_BYTES - 1);
});

test('a write holds the first bytes of its chunks, and their whole size', () => {
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 6 }), (chunks) => {
      const { writer } = source(1);
      writer.beginWrite(1, 2, 0, 3, 1, 0);
      writer.writeContext(0, 4, 5);
      for (const each of chunks)
        if (Buffer.isBuffer(each)) writer.writeBytes(each);
        else writer.writeText(each.text, each.encoding);
      writer.endWrite();
      const whole = Buffer.concat(
        chunks.map((each) => (Buffer.isBuffer(each) ? each : Buffer.from(each.text, each.encoding))),
      );
      const { bytes, length } = writer.take() ?? new Batch();
      const size = bytes.readUInt32LE(76);
      const captured = bytes.readUInt32LE(80);
      assert.equal(size, whole.length);
      // A character that would be cut is left out: up to 3 bytes less than the limit, never a hole.
      assert.ok(captured <= WRITE_CAPTURE_BYTES && captured >= Math.min(size, WRITE_CAPTURE_BYTES) - 3);
      assert.ok(bytes.subarray(100, 100 + captured).equals(whole.subarray(0, captured)));
      assert.equal(length % 8, 0);
    }),
    { numRuns: 200 },
  );
});
