// Query strings as values. In: what a client sent. Out: a range or filter, or one sentence that says what is wrong.
// Not here: what the answers are.

import * as v from 'valibot';
import type { EndpointName, Range } from '../answer/api.ts';
import type { TracesFilter } from '../answer/traces/traces.ts';

const MINUTE_MS = 60_000;
const UNIT_MS = { m: MINUTE_MS, h: 60 * MINUTE_MS, d: 24 * 60 * MINUTE_MS } as const;

/** A page of the list; more than this is for `wiretime export`. */
const LIMIT_MAX = 1000;

const time = (name: string) =>
  v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,15}$/, `${name} must be a time in whole milliseconds since 1970.`),
      v.transform(Number),
    ),
  );

const text = (name: string) =>
  v.optional(v.pipe(v.string(), v.maxLength(2000, `${name} must have at most 2000 characters.`)));

const RANGE_WORDS =
  'range must be like 15m, 6h, 7d, or all, or two times like 2026-11-25T14:32:00Z..2026-11-25T14:47:00Z.';

const rangeFields = {
  from: time('from'),
  to: time('to'),
  range: v.optional(v.pipe(v.string(), v.regex(/^(all|\d{1,4}[mhd]|[\dTZ:.-]{20,50})$/, RANGE_WORDS))),
};

const RangeQuery = v.object(rangeFields);
const TracesQuery = v.object({
  ...rangeFields,
  q: text('q'),
  service: text('service'),
  method: text('method'),
  route: text('route'),
  sort: v.optional(v.picklist(['-duration', '-at'], 'sort must be -duration or -at.')),
  limit: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,6}$/, 'limit must be a whole number.'),
      v.transform(Number),
      v.minValue(1, 'limit must be at least 1.'),
      v.maxValue(LIMIT_MAX, `limit must be at most ${LIMIT_MAX}.`),
    ),
  ),
});

const needed = (name: string) =>
  v.pipe(v.string(`${name} is missing.`), v.maxLength(2000, `${name} must have at most 2000 characters.`));
const EndpointQuery = v.object({
  service: needed('service'),
  method: needed('method'),
  route: needed('route'),
});

/** A query that cannot be answered; the message is for the user. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}

type Query = Readonly<Record<string, string>>;

/** When a relative range ends, ms since 1970: now, or the last request of a saved recording. Asked only when needed. */
type RangeEnd = () => Promise<number>;

/** `from` and `to` in ms, or `range` like 15m. */
export async function parseRange(query: Query, end: RangeEnd): Promise<Range> {
  return resolve(parsed(RangeQuery, query), end);
}

export async function parseTracesFilter(query: Query, end: RangeEnd): Promise<TracesFilter> {
  const { from, to, range, ...filter } = parsed(TracesQuery, query);
  return { ...(await resolve({ from, to, range }, end)), ...present(filter) };
}

const PoolQuery = v.object({ service: needed('service'), dependency: needed('dependency') });
const WindowQuery = v.object({
  w: v.pipe(
    v.string('w is missing.'),
    v.regex(/^\d{1,16},\d{1,16}$/, 'w must be two times in whole microseconds since 1970.'),
    v.transform((text) => text.split(',').map(Number)),
    v.check(([from = 0, to = 0]) => from < to, 'w must begin before it ends.'),
  ),
});

/** The two ends of a pool. */
export function parsePool(query: Query): { readonly service: string; readonly dependency: string } {
  return parsed(PoolQuery, query);
}

/** A visible window, µs since 1970. */
export function parseWindow(query: Query): { readonly fromUs: number; readonly toUs: number } {
  const [fromUs = 0, toUs = 0] = parsed(WindowQuery, query).w;
  return { fromUs, toUs };
}

/** Which endpoint: all three of its names. */
export function parseEndpoint(query: Query): EndpointName {
  return parsed(EndpointQuery, query);
}

const Reason = v.object({
  reason: v.optional(
    v.pipe(v.string('reason must be text.'), v.maxLength(500, 'reason must have at most 500 characters.')),
    '',
  ),
});

/** What a person says about a finding: `{"reason": "..."}`, or nothing. */
export function parseReason(body: unknown): string {
  return parsed(Reason, body ?? {}).reason;
}

async function resolve({ from, to, range }: v.InferOutput<typeof RangeQuery>, end: RangeEnd): Promise<Range> {
  if (from !== undefined && to !== undefined && from > to) throw new QueryError('from must not be after to.');
  if (range === undefined || range === 'all') return present({ from, to });
  if (range.includes('..')) return between(range);
  const last = await end();
  return { from: last - lengthMs(range), to: last };
}

/** `2026-11-25T14:32:00Z..2026-11-25T14:47:00Z`; with `Z`, so that a link says the same everywhere. */
function between(range: string): Range {
  const [from = Number.NaN, to = Number.NaN, ...more] = range
    .split('..')
    .map((time) => (time.endsWith('Z') ? Date.parse(time) : Number.NaN));
  if (Number.isNaN(from) || Number.isNaN(to) || more.length > 0) throw new QueryError(RANGE_WORDS);
  if (from > to) throw new QueryError('from must not be after to.');
  return { from, to };
}

function lengthMs(range: string): number {
  const unit = range.at(-1);
  return Number(range.slice(0, -1)) * (unit === 'd' || unit === 'h' ? UNIT_MS[unit] : UNIT_MS.m);
}

function parsed<S extends v.GenericSchema>(schema: S, query: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, query, { abortEarly: true });
  if (!result.success) throw new QueryError(result.issues[0].message);
  return result.output;
}

/** The object without its undefined fields. */
type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
function present<T extends object>(value: T): Present<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Present<T>;
}
