// What other programs get: valid in their formats, and with the same sums as the answers have.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as v from 'valibot';
import { openAnswers, type OpenAnswers } from '../../test/contracts/open-answers.ts';
import { batchOf, operation, processRow, request, traceIdOf } from '../../test/contracts/store-rows.ts';
import { fullRecording } from '../../test/pages/recording.ts';
import type { ExportQuestion } from '../answer/export-rows.ts';
import { CATEGORIES } from '../model/category.ts';
import { formatNamed } from './formats.ts';
import { Lanes } from './lanes.ts';

let open: OpenAnswers;

before(async () => {
  open = await openAnswers(fullRecording());
});

after(() => open.close());

async function exported(key: string, question: ExportQuestion = {}, from = open): Promise<string> {
  const format = formatNamed(key);
  assert.ok(format);
  const pieces: string[] = [];
  for await (const piece of format.write(await from.answers.exportRows(question))) pieces.push(piece);
  return pieces.join('');
}

/** RFC 4180, as small as it can be. */
function cellsOf(csv: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain = '', end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

test('CSV: as many rows as there are, and their sums are those of Home', async () => {
  const home = await open.answers.home({});
  const [names = [], ...rows] = cellsOf(await exported('csv'));
  const at = (row: readonly string[], name: string) => row[names.indexOf(name)] ?? '';
  const entries = rows.filter((row) => at(row, 'parent_operation_id') === '');
  const sum = (name: string) => entries.reduce((total, row) => total + Number(at(row, name)), 0);
  assert.equal(entries.length, home.requests);
  assert.equal(sum('duration_us'), home.totalUs);
  assert.deepEqual(
    CATEGORIES.map(({ key }) => sum(`${key}_us`)),
    home.categories.map(({ us }) => us),
  );
  assert.ok(rows.every((row) => row.length === names.length));
});

test('CSV of operations: the calls and the time of each dependency', async () => {
  const { dependencies } = await open.answers.home({});
  const [names = [], ...rows] = cellsOf(await exported('csv-operations'));
  const at = (row: readonly string[], name: string) => row[names.indexOf(name)] ?? '';
  for (const { name, calls, totalUs } of dependencies) {
    const own = rows.filter((row) => at(row, 'dependency') === name);
    const us = own.reduce((total, row) => total + Number(at(row, 'duration_us')), 0);
    assert.deepEqual([own.length, us], [calls, totalUs], name);
  }
});

const Attribute = v.strictObject({
  key: v.pipe(v.string(), v.minLength(1)),
  value: v.union([
    v.strictObject({ stringValue: v.string() }),
    v.strictObject({ boolValue: v.boolean() }),
    v.strictObject({ intValue: v.pipe(v.string(), v.regex(/^-?\d+$/)) }),
  ]),
});
const Nanos = v.pipe(v.string(), v.regex(/^\d{19}$/));
const OtlpSpan = v.strictObject({
  traceId: v.pipe(v.string(), v.regex(/^(?!0+$)[0-9a-f]{32}$/)),
  spanId: v.pipe(v.string(), v.regex(/^(?!0+$)[0-9a-f]{16}$/)),
  parentSpanId: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/))),
  name: v.string(),
  kind: v.picklist([2, 3, 4, 5]),
  startTimeUnixNano: Nanos,
  endTimeUnixNano: Nanos,
  attributes: v.array(Attribute),
  status: v.union([v.strictObject({}), v.strictObject({ code: v.literal(2) })]),
});
/** As in trace.proto and trace_service.proto, in the JSON mapping of OTLP. */
const OtlpLine = v.strictObject({
  resourceSpans: v.array(
    v.strictObject({
      resource: v.strictObject({ attributes: v.array(Attribute) }),
      scopeSpans: v.array(
        v.strictObject({ scope: v.strictObject({ name: v.string() }), spans: v.array(OtlpSpan) }),
      ),
    }),
  ),
});

async function otlpSpans(question: ExportQuestion = {}, from = open) {
  const text = await exported('otlp', question, from);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => v.parse(OtlpLine, JSON.parse(line)))
    .flatMap(({ resourceSpans }) => resourceSpans)
    .flatMap(({ resource, scopeSpans }) =>
      scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, resource }))),
    );
}

test('OTLP: valid lines; every span but roots has its parent, in the same trace and around its start', async () => {
  const spans = await otlpSpans();
  assert.equal(spans.length, 120 * 5);
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  assert.equal(byId.size, spans.length);
  const roots = spans.filter(({ parentSpanId }) => parentSpanId === undefined);
  assert.equal(roots.length, 120);
  for (const { parentSpanId, traceId, startTimeUnixNano } of spans) {
    if (parentSpanId === undefined) continue;
    const parent = byId.get(parentSpanId);
    assert.equal(parent?.traceId, traceId);
    assert.ok(BigInt(parent.startTimeUnixNano) <= BigInt(startTimeUnixNano));
  }
  const us = (span: (typeof spans)[number]) =>
    Number((BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1000n);
  const home = await open.answers.home({});
  assert.equal(
    roots.reduce((total, span) => total + us(span), 0),
    home.totalUs,
  );
});

test('one trace: what its page shows', async () => {
  const traceId = traceIdOf(10);
  const trace = await open.answers.trace(traceId);
  assert.ok(trace);
  const spans = await otlpSpans({ traceId });
  assert.equal(spans.length, trace.requests.length + trace.operations.length);
  assert.ok(spans.every((span) => span.traceId === traceId));
  assert.equal(
    await exported('csv', { traceId: traceIdOf(77_777) }),
    `${(await exported('csv')).split('\r\n')[0]}\r\n`,
  );
});

test('Zipkin: an array of the same spans; of nothing, an empty one', async () => {
  const Span = v.object({
    traceId: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
    id: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
    kind: v.picklist(['CLIENT', 'SERVER', 'PRODUCER', 'CONSUMER']),
    timestamp: v.pipe(v.number(), v.integer()),
    duration: v.pipe(v.number(), v.integer(), v.minValue(1)),
    localEndpoint: v.object({ serviceName: v.string() }),
    tags: v.record(v.string(), v.string()),
  });
  const spans = v.parse(v.array(Span), JSON.parse(await exported('zipkin')));
  assert.deepEqual(
    new Set(spans.map(({ id }) => id)),
    new Set((await otlpSpans()).map(({ spanId }) => spanId)),
  );
  assert.deepEqual(JSON.parse(await exported('zipkin', { from: 1, to: 2 })), []);
});

interface TraceEvent {
  readonly ph: string;
  readonly ts: number;
  readonly dur: number;
  readonly pid: number;
  readonly tid: number;
  readonly id: number;
  readonly cat: string;
}

test('Perfetto: bars of a line lie beside or inside one another; arrows go from calls to what they caused', async () => {
  const { traceEvents } = JSON.parse(await exported('perfetto')) as { traceEvents: TraceEvent[] };
  const slices = traceEvents.filter(({ ph }) => ph === 'X');
  const requests = slices.filter(({ cat }) => cat === 'request');
  assert.equal(requests.length, 240);
  assert.equal(slices.filter(({ cat }) => ['db', 'http', 'ext'].includes(cat)).length, 360);
  const lines = new Map<string, TraceEvent[]>();
  for (const slice of slices) {
    const key = `${slice.pid} ${slice.tid}`;
    lines.set(key, [...(lines.get(key) ?? []), slice]);
  }
  for (const line of lines.values()) assertNested(line);
  const starts = new Set(traceEvents.filter(({ ph }) => ph === 's').map(({ id }) => id));
  const ends = traceEvents.filter(({ ph }) => ph === 'f');
  assert.equal(ends.length, 120);
  assert.ok(ends.every(({ id }) => starts.has(id)));
});

function assertNested(line: readonly TraceEvent[]): void {
  const around: number[] = [];
  for (const { ts, dur } of line.toSorted((a, b) => a.ts - b.ts || b.dur - a.dur)) {
    while ((around.at(-1) ?? Infinity) <= ts) around.pop();
    assert.ok(ts + dur <= (around.at(-1) ?? Infinity));
    around.push(ts + dur);
  }
}

test('more operations than a part holds, calls of no request, hostile names: nothing is lost, nothing breaks the format', async () => {
  const hostile = '=cmd|"x",\r\n\u0000\u202e{"a":1}';
  const many = Array.from({ length: 10_050 }, (_, index) =>
    operation({ id: index + 1, atUs: 1_800_000_000_000_000 + Math.floor(index / 7), statement: hostile }),
  );
  const none = operation({ id: 20_000, request: 0, attribution: 'none', statement: hostile });
  const own = await openAnswers(
    batchOf({
      processes: [processRow({ id: 1, service: hostile })],
      requests: [request({ id: 1, route: hostile })],
      operations: [...many, none],
    }),
  );
  const [, ...rows] = cellsOf(await exported('csv-operations', {}, own));
  assert.equal(new Set(rows.map(([, , id]) => Number(id))).size, 10_051);
  assert.ok(rows.every((row) => row[7]?.startsWith(`'=`)));
  assert.equal((await otlpSpans({}, own)).length, 10_052);
  assert.equal((JSON.parse(await exported('zipkin', {}, own)) as unknown[]).length, 10_052);
  assert.ok(JSON.parse(await exported('perfetto', {}, own)));
  await own.close();
});

test('a bar goes onto the first line that is free', () => {
  const lanes = new Lanes();
  assert.deepEqual(
    [
      [0, 10],
      [5, 8],
      [8, 9],
      [10, 11],
      [9, 20],
    ].map(([from = 0, to = 0]) => lanes.take(from, to)),
    [0, 1, 1, 0, 1],
  );
  assert.equal(lanes.count, 2);
});
