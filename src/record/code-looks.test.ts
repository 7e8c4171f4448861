// Records of what a profiler saw: what was written is what is read; more looks than the record holds are skipped.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Batch } from './batch.ts';
import { BATCH_HEADER_BYTES, CodeLooksFlag, RECORD_HEADER_BYTES, THREAD_SHIFT } from './layout.ts';
import { RecordReader } from './reader.ts';
import type { RecordHandler } from './record-handler.ts';
import { LOOK_LIMIT, RecordWriter } from './writer.ts';

type Told = readonly (string | number | boolean)[];

function batchOf(write: (writer: RecordWriter) => void): Batch {
  const writer = new RecordWriter({ next: () => new Batch(), started: () => undefined });
  write(writer);
  const batch = writer.take();
  assert.ok(batch);
  batch.seal(1, 0, 0, 0, 0);
  return batch;
}

function read(batch: Batch): { told: Told[]; reader: RecordReader } {
  const told: Told[] = [];
  const handler: Partial<RecordHandler> = {
    batch: () => undefined,
    moment: () => undefined,
    code: {
      place: (...place) => told.push(place),
      looks: (...looks) => told.push(looks),
      look: (...look) => told.push(look),
    },
  };
  const reader = new RecordReader(() => handler as RecordHandler);
  reader.feed(batch.bytes.subarray(0, batch.length));
  return { told, reader };
}

function writeLooks(
  writer: RecordWriter,
  flags: number,
  looks: readonly (readonly [number, number, number])[],
): void {
  assert.ok(writer.beginCodeLooks(0, flags, looks.length));
  for (const [time, place, us] of looks) writer.codeLook(time, place, us);
  writer.endCodeLooks();
}

const u32 = fc.nat({ max: 0xffffffff });
const text = fc.string({ unit: 'grapheme', maxLength: 40 });

test('places and looks come back as they were written', () => {
  const look = fc.tuple(fc.double({ min: 0, max: 1e15, noNaN: true }), u32, u32);
  fc.assert(
    fc.property(
      u32,
      text,
      text,
      fc.array(look, { maxLength: LOOK_LIMIT }),
      (place, frames, called, looks) => {
        const { told } = read(
          batchOf((writer) => {
            writer.codePlace(1, 2, place, frames, called);
            writeLooks(writer, CodeLooksFlag.blockedOnly | (3 << THREAD_SHIFT), looks);
          }),
        );
        assert.deepEqual(told, [[place, frames, called], [3, true], ...looks]);
      },
    ),
  );
});

test('a record that says it has more looks than it holds is skipped', () => {
  const batch = batchOf((writer) => writeLooks(writer, 0, [[1, 1, 5000]]));
  batch.u32[(BATCH_HEADER_BYTES + RECORD_HEADER_BYTES) >> 2] = 2;
  const { told, reader } = read(batch);
  assert.deepEqual(told, []);
  assert.equal(reader.skipped, 1);
});
