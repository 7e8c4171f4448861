// Records of HTTP/2 streams: what was written is what is read, and a request without a stream is written as before.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Batch } from './batch.ts';
import { BATCH_HEADER_BYTES, StreamEndFlag, StreamStartFlag } from './layout.ts';
import { RecordReader } from './reader.ts';
import type { RecordHandler, RequestTexts } from './record-handler.ts';
import type { StreamEnd, StreamStart } from './stream-facts.ts';
import { RecordWriter } from './writer.ts';

interface Heard {
  readonly starts: StreamStart[];
  readonly answers: (readonly [number, number])[];
  readonly ends: StreamEnd[];
  readonly requests: RequestTexts[];
}

/** What is heard of what `write` writes. */
function roundTrip(write: (writer: RecordWriter) => void): Heard {
  const writer = new RecordWriter({ next: () => new Batch(), started: () => undefined });
  write(writer);
  const batch = writer.take();
  assert.ok(batch);
  batch.seal(1, 0, 0, 0, 0);
  const heard: Heard = { starts: [], answers: [], ends: [], requests: [] };
  const handler: Partial<RecordHandler> = {
    batch: () => undefined,
    moment: () => undefined,
    requestStart: (_request, _connection, texts) => heard.requests.push(texts),
    streams: {
      started: (facts) => heard.starts.push(facts),
      answered: (stream, status) => heard.answers.push([stream, status]),
      ended: (facts) => heard.ends.push(facts),
    },
  };
  const reader = new RecordReader(() => handler as RecordHandler);
  reader.feed(batch.bytes.subarray(0, batch.length));
  assert.equal(reader.isBroken, false);
  return heard;
}

const u32 = fc.nat({ max: 0xffffffff });
const text = fc.string({ unit: 'grapheme', maxLength: 40 });

test('streams come back as they were written', () => {
  fc.assert(
    fc.property(
      fc.tuple(u32, u32, u32, u32, u32),
      fc.tuple(text, text, text, text, text),
      fc.boolean(),
      (numbers, texts, isGrpc) => {
        const flags = isGrpc ? StreamStartFlag.grpc : 0;
        const [stream, connection, request, call, id] = numbers;
        const [method, target, host, traceparent, timeout] = texts;
        const { starts, answers } = roundTrip((writer) => {
          writer.streamStart(1, 2, flags, ...numbers, ...texts);
          writer.streamAnswer(1, 2, stream, id);
        });
        assert.deepEqual(starts, [
          { isGrpc, stream, connection, request, call, id, method, target, host, traceparent, timeout },
        ]);
        assert.deepEqual(answers, [[stream, id]]);
      },
    ),
  );
});

test('ends of streams come back; without a gRPC status it is -1', () => {
  for (const flags of [0, StreamEndFlag.grpcStatus]) {
    const { ends } = roundTrip((writer) =>
      writer.streamEnd(9, 1, flags, 3, 14, 5, -1, 2 ** 40, 7, 8, 'ECONNRESET'),
    );
    assert.deepEqual(ends, [
      {
        stream: 3,
        grpcStatus: flags === 0 ? -1 : 14,
        written: 5,
        lastByte: -1,
        bytesOut: 2 ** 40,
        bytesIn: 7,
        reset: 8,
        error: 'ECONNRESET',
      },
    ]);
  }
});

test('the stream of a request, wherever its texts end', () => {
  for (const b3 of ['', 'x', 'xx', 'xxx', 'xxxx', 'xxxxx', 'xxxxxx', 'xxxxxxx'])
    for (const stream of [0, 1, 0x7fffffff]) {
      const { requests } = roundTrip((writer) =>
        writer.requestStart(1, 2, 3, 4, 'GET', '/', 'h', '', b3, stream),
      );
      assert.equal(requests[0]?.stream, stream, `${b3} ${stream}`);
      assert.equal(requests[0]?.b3, b3);
    }
});

test('the layout is the one of FORMAT.md, read without the reader', () => {
  const writer = new RecordWriter({ next: () => new Batch(), started: () => undefined });
  writer.streamStart(1.5, 2.5, StreamStartFlag.grpc, 3, 4, 5, 6, 7, 'POST', '/a', 'h', 't', '9m');
  writer.streamAnswer(1, 2, 3, 200);
  writer.streamEnd(1, 2, StreamEndFlag.grpcStatus, 3, 14, 5, 6, 7, 8, 9, 'E');
  const batch = writer.take();
  assert.ok(batch);
  const bytes = Buffer.from(batch.bytes.subarray(BATCH_HEADER_BYTES, batch.length));
  const u32 = (from: number, count: number): readonly number[] =>
    Array.from({ length: count }, (_, index) => bytes.readUInt32LE(from + 4 * index));

  assert.deepEqual([bytes.readUInt16LE(4), bytes.readUInt16LE(6)], [16, 1]);
  assert.deepEqual([bytes.readDoubleLE(8), bytes.readDoubleLE(16)], [1.5, 2.5]);
  assert.deepEqual(u32(24, 6), [3, 4, 5, 6, 7, 0]);
  assert.equal(
    bytes.toString('latin1', 48, 78),
    '\x04\0\0\0POST\x02\0\0\0/a\x01\0\0\0h\x01\0\0\0t\x02\0\0\x009m',
  );
  assert.equal(bytes.readUInt32LE(0), 80);

  assert.deepEqual([bytes.readUInt32LE(80), bytes.readUInt16LE(84)], [32, 17]);
  assert.deepEqual(u32(104, 2), [3, 200]);

  assert.deepEqual([bytes.readUInt32LE(112), bytes.readUInt16LE(116), bytes.readUInt16LE(118)], [80, 18, 1]);
  assert.deepEqual(u32(136, 2), [3, 14]);
  assert.deepEqual(
    [144, 152, 160, 168].map((at) => bytes.readDoubleLE(at)),
    [5, 6, 7, 8],
  );
  assert.deepEqual(u32(176, 3), [9, 0, 1]);
  assert.equal(bytes.length, 192);
});
