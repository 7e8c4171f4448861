// OTLP as JSON lines, as the file exporter and receiver of the OpenTelemetry collector write and read it. In: rows. Out: one
// ExportTraceServiceRequest a line. Spec: https://opentelemetry.io/docs/specs/otel/protocol/file-exporter/

import type { ExportRows } from '../answer/export-rows.ts';
import { resourceOf, spansOf, type Attributes, type Span } from './spans.ts';

const KINDS = { SERVER: 2, CLIENT: 3, PRODUCER: 4, CONSUMER: 5 } as const;
const STATUS_ERROR = 2;
const SCOPE = { name: 'wiretime' };

export async function* otlp({ processes, parts }: ExportRows): AsyncGenerator<string> {
  for await (const part of parts) {
    const resourceSpans = [...byProcess(spansOf(part))].map(([process, spans]) => ({
      resource: { attributes: attributesOf(resourceOf(processes.get(process))) },
      scopeSpans: [{ scope: SCOPE, spans: spans.map(otlpSpan) }],
    }));
    if (resourceSpans.length > 0) yield `${JSON.stringify({ resourceSpans })}\n`;
  }
}

function byProcess(spans: readonly Span[]): ReadonlyMap<number, readonly Span[]> {
  const groups = new Map<number, Span[]>();
  for (const span of spans) {
    const group = groups.get(span.process);
    if (group === undefined) groups.set(span.process, [span]);
    else group.push(span);
  }
  return groups;
}

function otlpSpan(span: Span) {
  const { traceId, spanId, parentSpanId, name } = span;
  return {
    traceId,
    spanId,
    ...(parentSpanId === '' ? {} : { parentSpanId }),
    name,
    kind: KINDS[span.kind],
    startTimeUnixNano: nanos(span.startUs),
    endTimeUnixNano: nanos(span.startUs + span.durationUs),
    attributes: attributesOf(span.attributes),
    status: span.isError ? { code: STATUS_ERROR } : {},
  };
}

/** 64-bit integers are text in JSON. */
function nanos(us: number): string {
  return `${us}000`;
}

function attributesOf(attributes: Attributes) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: string | number | boolean) {
  if (typeof value === 'string') return { stringValue: value };
  return typeof value === 'boolean' ? { boolValue: value } : { intValue: String(value) };
}
