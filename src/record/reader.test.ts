import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { AgentScene } from '../../test/agent-scene.ts';
import { DRIVER_FACTS, driverBatch } from '../../test/driver-records.ts';
import { RecordReader } from './reader.ts';
import type { DriverFacts, RecordHandler } from './record-handler.ts';

/** Notes every call as one line of text. */
function noting(lines: string[]): RecordHandler {
  return new Proxy({} as RecordHandler, {
    get:
      (_target, name) =>
      (...values: unknown[]) => {
        if (name !== 'moment' && name !== 'batch')
          lines.push(`${String(name)} ${values.map(shown).join(' ')}`);
      },
  });
}

function shown(value: unknown): string {
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString('latin1')}"`;
  if (typeof value === 'object' && value !== null && 'count' in value) {
    const contexts = value as { count: number; request(i: number): number; call(i: number): number };
    return `[${contexts.request(0)}/${contexts.call(0)}]`;
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function linesOf(chunks: readonly Uint8Array[]): { lines: string[]; reader: RecordReader } {
  const lines: string[] = [];
  const reader = new RecordReader(() => noting(lines));
  for (const chunk of chunks) reader.feed(chunk);
  return { lines, reader };
}

function scene(): Buffer {
  const agent = new AgentScene();
  agent
    .requestStart(1, '/cart/7?x=1')
    .call(3, 1, 0)
    .open(2, { request: 1, call: 3 })
    .grant(3)
    .write(2, 'PING', 1, 3)
    .read(2, 'PONG');
  agent.requestEnd(1, { status: 404, route: '/cart/:id' }).close(2).goodbye({ reason: 'exit' });
  return agent.bytes();
}

test('every record arrives with its values', () => {
  assert.deepEqual(linesOf([scene()]).lines.slice(1), [
    'requestStart 1 0 {"method":"GET","target":"/cart/7?x=1","host":"shop","traceparent":"","b3":"","stream":0}',
    'call 3 1 0',
    'connectionOpen 2 0 0 1 3 {"host":"localhost","port":5432}',
    'grant 3',
    'write 2 4 "PING" [1/3]',
    'read 2 4 "PONG" ""',
    'requestEnd 1 404 0 /cart/:id false false',
    'close 2 false',
    'goodbye {"reason":"exit"}',
  ]);
});

test('cut anywhere, the same records arrive', () => {
  const bytes = scene();
  const whole = linesOf([bytes]).lines;
  for (let cut = 0; cut <= bytes.length; cut++)
    assert.deepEqual(linesOf([bytes.subarray(0, cut), bytes.subarray(cut)]).lines, whole);
  assert.deepEqual(linesOf([...bytes].map((byte) => Uint8Array.of(byte))).lines, whole);
});

test('garbage breaks the stream and nothing else', () => {
  const { lines, reader } = linesOf([
    Buffer.from('GET / HTTP/1.1\r\nHost: x\r\nAccept: everything at all, please\r\n\r\n'),
    scene(),
  ]);
  assert.deepEqual(lines, []);
  assert.equal(reader.isBroken, true);
});

test('any bytes after a good beginning: never throws', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 48, max: 400 }), (noise, from) => {
      const bytes = Buffer.from(scene());
      bytes.set(noise.subarray(0, Math.max(0, bytes.length - from)), Math.min(from, bytes.length));
      linesOf([bytes]);
    }),
  );
});

test('a record of an unknown kind is skipped by its length', () => {
  const bytes = scene();
  const first = 48;
  const second = first + bytes.readUInt32LE(first);
  bytes.writeUInt16LE(999, second + 4);
  const { lines, reader } = linesOf([bytes]);
  assert.equal(lines.length, 9);
  assert.equal(reader.skipped, 1);
});

test('whether the values of two calls of a driver were the same arrives behind its texts', () => {
  const heard: DriverFacts[] = [];
  const handler = {
    ...noting([]),
    batch() {},
    moment() {},
    driverOperation: (facts: DriverFacts) => heard.push(facts),
  };
  const reader = new RecordReader(() => handler as unknown as RecordHandler);
  const facts = { ...DRIVER_FACTS, valueHash: 0xfedcba98 };
  reader.feed(driverBatch(facts, DRIVER_FACTS));
  assert.deepEqual(heard, [facts, DRIVER_FACTS]);
});

test('what a driver without sockets did arrives with all it said, as the Python agent writes it', () => {
  const failed = { ...DRIVER_FACTS, isError: true, isSetUp: true, isCut: true, rows: -1, error: '42P01' };
  const heard: DriverFacts[] = [];
  const handler = {
    ...noting([]),
    batch() {},
    moment() {},
    driverOperation: (facts: DriverFacts) => heard.push(facts),
  };
  const reader = new RecordReader(() => handler as unknown as RecordHandler);
  for (const byte of driverBatch(DRIVER_FACTS, failed)) reader.feed(Uint8Array.of(byte));
  assert.deepEqual(heard, [DRIVER_FACTS, failed]);
  const golden = readFileSync(new URL('../../test/golden/driver.bin', import.meta.url));
  assert.deepEqual(driverBatch(DRIVER_FACTS, failed), golden);
});
