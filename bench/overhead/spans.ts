// What other tracers sent, as far as it is needed to see whether they were right. In: bodies as OpenTelemetry (JSON), dd-trace (msgpack 0.4) and
// Sentry (envelopes) send them. Out: spans: their trace, what they are of, and the mark of the request (`?m=m17m`) where their text has one.

import { gunzipSync } from 'node:zlib';
import { decodeMulti } from '@msgpack/msgpack';

export type SpanKind = 'server' | 'http' | 'postgres' | 'redis' | 'other';

export interface Span {
  readonly trace: string;
  readonly kind: SpanKind;
  /** '' when none of its texts has one. */
  readonly mark: string;
}

/** The spans in the body of one request. Nothing for what is not about spans. */
export function spansOf(body: Buffer, type: string, encoding: string): readonly Span[] {
  const bytes = encoding === 'gzip' ? gunzipSync(body) : body;
  if (type.includes('msgpack')) return ofDatadog(bytes);
  if (bytes.toString('latin1').includes('\n{')) return ofSentry(bytes);
  return type.includes('json') ? ofOpenTelemetry(bytes) : [];
}

/** A JSON object of a foreign program: looked into with `in` only. */
type Foreign = Readonly<Record<string, unknown>>;

function isForeign(value: unknown): value is Foreign {
  return typeof value === 'object' && value !== null;
}

function listIn(value: unknown, name: string): readonly unknown[] {
  const list = isForeign(value) ? value[name] : undefined;
  return Array.isArray(list) ? list : [];
}

function markIn(value: unknown): string {
  return (
    /\bm\d+m\b/.exec(
      JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? String(one) : one)),
    )?.[0] ?? ''
  );
}

/** https://opentelemetry.io/docs/specs/otlp/ */
function ofOpenTelemetry(bytes: Buffer): readonly Span[] {
  return listIn(JSON.parse(bytes.toString()), 'resourceSpans')
    .flatMap((resource) => listIn(resource, 'scopeSpans'))
    .flatMap((scope) => listIn(scope, 'spans'))
    .filter(isForeign)
    .map((span) => ({
      trace: String(span['traceId']),
      kind: kindOf(
        span['kind'] === 2,
        span['kind'] === 3,
        JSON.stringify([span['name'], span['attributes']]),
      ),
      mark: markIn(span['attributes']),
    }));
}

/** https://docs.datadoghq.com/tracing/guide/send_traces_to_agent_by_api/, as dd-trace sends them. */
function ofDatadog(bytes: Buffer): readonly Span[] {
  return [...decodeMulti(bytes, { useBigInt64: true })]
    .flat(2)
    .filter(isForeign)
    .map((span) => {
      const { meta } = span;
      const kind = isForeign(meta) ? meta['span.kind'] : undefined;
      return {
        trace: String(span['trace_id']),
        kind: kindOf(kind === 'server', kind === 'client', `${String(span['name'])} ${JSON.stringify(meta)}`),
        mark: markIn(meta),
      };
    });
}

/** https://develop.sentry.dev/sdk/telemetry/spans/span-protocol/: lines of JSON, some with a list of spans. */
function ofSentry(bytes: Buffer): readonly Span[] {
  return bytes
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.includes('"items"'))
    .flatMap((line) => listIn(JSON.parse(line), 'items'))
    .filter(isForeign)
    .filter((span) => 'trace_id' in span)
    .map((span) => {
      const text = JSON.stringify([span['name'], span['attributes']]);
      return {
        trace: String(span['trace_id']),
        kind: kindOf(text.includes('"http.server"'), /"(http\.client|db[.a-z]*)"/.test(text), text),
        mark: markIn(text),
      };
    });
}

function kindOf(isServer: boolean, isClient: boolean, text: string): SpanKind {
  if (isServer) return 'server';
  if (!isClient) return 'other';
  if (/redis/i.test(text)) return 'redis';
  if (/postgres/i.test(text)) return /connect/i.test(text) ? 'other' : 'postgres';
  return 'http';
}

/** The share of `count` requests that have one server span with their mark, and in its trace 1 Redis, 3 PostgreSQL and 2 HTTP of their own. */
export function exactShareOf(spans: readonly Span[], count: number): number {
  const traces = new Map<string, Span[]>();
  for (const span of spans) {
    const list = traces.get(span.trace);
    if (list === undefined) traces.set(span.trace, [span]);
    else list.push(span);
  }
  return [...traces.values()].filter(isExact).length / count;
}

function isExact(list: readonly Span[]): boolean {
  const counted = (wanted: SpanKind): number => list.filter(({ kind }) => kind === wanted).length;
  const marks = new Set(list.map(({ mark }) => mark).filter((mark) => mark !== ''));
  return (
    marks.size === 1 &&
    counted('server') === 1 &&
    counted('redis') === 1 &&
    counted('postgres') === 3 &&
    counted('http') === 2
  );
}
