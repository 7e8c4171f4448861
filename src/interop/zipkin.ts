// Zipkin's JSON, version 2: one array of spans. In: rows. Out: the text of the array. Spec: https://zipkin.io/zipkin-api/

import type { ExportRows } from '../answer/export-rows.ts';
import { resourceOf, spansOf, type Attributes, type Span } from './spans.ts';

export async function* zipkin({ processes, parts }: ExportRows): AsyncGenerator<string> {
  let separator = '[\n';
  for await (const part of parts) {
    const spans = spansOf(part).map((span) =>
      JSON.stringify(zipkinSpan(span, resourceOf(processes.get(span.process)))),
    );
    if (spans.length === 0) continue;
    yield separator + spans.join(',\n');
    separator = ',\n';
  }
  yield separator === ',\n' ? '\n]\n' : '[]\n';
}

/** Durations are at least 1 µs there: 0 means that it is not known. */
function zipkinSpan(span: Span, resource: Attributes) {
  const { traceId, spanId: id, parentSpanId, kind, name } = span;
  const tags = Object.entries(span.attributes).map(([key, value]) => [key, String(value)] as const);
  return {
    traceId,
    id,
    ...(parentSpanId === '' ? {} : { parentId: parentSpanId }),
    kind,
    name,
    timestamp: span.startUs,
    duration: Math.max(1, span.durationUs),
    localEndpoint: { serviceName: resource['service.name'] },
    ...(span.peer === '' ? {} : { remoteEndpoint: { serviceName: span.peer } }),
    tags: Object.fromEntries(span.isError ? [['error', 'true'] as const, ...tags] : tags),
  };
}
