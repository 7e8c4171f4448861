// A question of query.ts as SQL with bound parameters. In: Query. Out: SQL text and its values.
// Dialect lives in `DIALECT` only; which table keeps a column, and how, in `SOURCES` only. Not here: running it.

import { assert, ensure } from '../../base/assert.ts';
import { CATEGORIES } from '../../model/category.ts';
import { PHASES } from '../../model/row.ts';
import type { Condition, Expression, Query, Source } from '../query.ts';
import { STORED_PHASES } from './schema.ts';

export type Value = string | number | bigint;

export interface Compiled {
  readonly sql: string;
  readonly values: readonly Value[];
  /** Of each column of the result, in order. */
  readonly isText: readonly boolean[];
}

/** How this engine says it. */
const DIALECT = {
  number: (sql: string) => `CAST(${sql} AS DOUBLE)`,
  /** All that are asked of a column at once: each for itself would keep and sort all values again. */
  quantile: (sql: string, shares: readonly number[], share: number) =>
    `quantile_disc(${sql}, [${shares.join(', ')}])[${shares.indexOf(share) + 1}]`,
  slot: (sql: string, origin: number, width: number) => `floor((${sql} - ${origin}) / ${width})`,
  oneIn: (sql: string, rows: number) => `hash(${sql}) % ${rows} = 0`,
  traceOut: (sql: string) => `replace(CAST(${sql} AS VARCHAR), '-', '')`,
  traceIn: 'TRY_CAST(? AS UUID)',
} as const;

type Join = 'place' | 'endpoint';

interface Stored {
  readonly sql: string;
  readonly type: 'number' | 'text' | 'trace';
  readonly join?: Join;
}

const number = (sql: string): Stored => ({ sql, type: 'number' });
const text = (sql: string, join?: Join): Stored => ({ sql, type: 'text', ...(join && { join }) });

const PLACE: Record<string, Stored> = {
  service: text('p.service', 'place'),
  attribution: text('p.attribution', 'place'),
  protocol: text('p.protocol', 'place'),
  role: text('p.role', 'place'),
  category: text('p.category', 'place'),
  statement: text('p.statement', 'place'),
  dependency: text('p.dependency', 'place'),
  callSite: text('p.call_site', 'place'),
};

const ENDPOINT: Record<string, Stored> = {
  method: text('e.method', 'endpoint'),
  route: text('e.route', 'endpoint'),
};

const SIZES: Record<string, Stored> = {
  bytesOut: number('t.bytes_out'),
  bytesIn: number('t.bytes_in'),
  rows: number('t.row_count'),
};

function prefixed(
  name: string,
  keys: readonly string[],
  sql: (key: string) => string,
): Record<string, Stored> {
  return Object.fromEntries(keys.map((key) => [`${name}.${key}`, number(sql(key))]));
}

const categoryKeys = CATEGORIES.map(({ key }) => key);
const phaseKeys = PHASES.map(({ key }) => key);
const storedPhases = STORED_PHASES.map((key) => `t.p_${key}`).join(' - ');

const SOURCES: Record<Source, Record<string, Stored>> = {
  requests: {
    id: number('t.id'),
    traceId: { sql: 't.trace_id', type: 'trace' },
    parentOperation: number('coalesce(t.parent_operation, 0)'),
    isEntry: number('(t.parent_operation IS NULL)::INTEGER'),
    service: text('e.service', 'endpoint'),
    ...ENDPOINT,
    process: number('t.process'),
    status: number('t.status'),
    isError: number('t.is_error'),
    isAborted: number('t.is_aborted'),
    atUs: number('t.at_us'),
    durationUs: number('t.duration_us'),
    endUs: number('t.at_us + t.duration_us'),
    firstByteUs: number('t.first_byte_us'),
    ...prefixed('categories', categoryKeys, (key) => `t.c_${key}`),
    ...prefixed('ownCategories', categoryKeys, (key) => `t.c_${key} + t.o_${key}`),
    operationCount: number('t.operation_count'),
    treeOperationCount: number('t.tree_operation_count'),
  },
  operations: {
    id: number('t.id'),
    request: number('coalesce(t.request, 0)'),
    process: number('t.process'),
    place: number('t.place'),
    ...PLACE,
    connection: number('t.connection'),
    nthOnConnection: number('t.nth'),
    atUs: number('t.at_us'),
    durationUs: number('t.duration_us'),
    ...prefixed('phases', phaseKeys, (key) =>
      key === 'wait' ? `t.duration_us - ${storedPhases}` : `t.p_${key}`,
    ),
    exclusiveUs: number('t.duration_us - t.hidden_us'),
    isBlocking: number('t.is_blocking'),
    ...SIZES,
    outcome: text('p.outcome', 'place'),
    errorType: text('p.error_type', 'place'),
    repeatAgeUs: number('t.repeat_age_us'),
  },
  rollups: {
    minute: number('t.minute'),
    ...PLACE,
    ...ENDPOINT,
    count: number('t.count'),
    errors: number('t.errors'),
    totalUs: number('t.total_us'),
    exclusiveUs: number('t.exclusive_us'),
    ...prefixed('phases', phaseKeys, (key) => `t.p_${key}`),
    ...SIZES,
    newConnections: number('t.new_connections'),
  },
  histograms: {
    minute: number('t.minute'),
    ...PLACE,
    ...ENDPOINT,
    bucket: number('t.bucket'),
    count: number('t.count'),
  },
  processes: {
    id: number('t.id'),
    service: text('t.service'),
    runtime: text('t.runtime'),
    version: text('t.version'),
    pid: number('t.pid'),
    host: text('t.host'),
    argv: text('t.argv'),
    cwd: text('t.cwd'),
    startedAtUs: number('t.started_at_us'),
    notVisible: text('t.not_visible'),
    pools: text('t.pools'),
  },
  closings: { connection: number('t.connection'), atUs: number('t.at_us') },
  codeLines: {
    minute: number('t.minute'),
    service: text('e.service', 'endpoint'),
    ...ENDPOINT,
    callSite: text('t.call_site'),
    name: text('t.name'),
    called: text('t.called'),
    callers: text('t.callers'),
    us: number('t.us'),
    blockedUs: number('t.blocked_us'),
    looks: number('t.looks'),
  },
  counters: { process: number('t.process'), name: text('t.name'), value: number('t.value') },
  findingChanges: {
    findingId: text('t.finding_id'),
    atUs: number('t.at_us'),
    state: text('t.state'),
    isByPerson: number('t.is_by_person'),
    note: text('t.note'),
    data: text('t.data'),
  },
};

/** Conditions on 0 = none have to reach the stored NULL, or the ranges of the row groups are of no use. */
const NULL_IS_ZERO: Record<string, string> = {
  parentOperation: 't.parent_operation',
  request: 't.request',
};

const JOINS: Record<Join, string> = {
  place: 'JOIN places p ON p.id = t.place',
  endpoint: 'JOIN endpoints e ON e.id = t.endpoint',
};

/** Throws when the question names a column that does not exist: that is our own mistake. */
export function compile(query: Query): Compiled {
  return new Compilation(query).result();
}

class Compilation {
  readonly #query: Query;
  readonly #joins = new Set<Join>();
  readonly #values: Value[] = [];

  constructor(query: Query) {
    this.#query = query;
  }

  result(): Compiled {
    const { from, select, where = [], limit } = this.#query;
    const expressions = Object.values(select);
    const selected = Object.entries(select).map(
      ([name, expression]) => `${this.#output(expression)} AS "${name}"`,
    );
    const conditions = where.map((condition) => this.#condition(condition));
    const sql = [
      `SELECT ${selected.join(', ')} FROM ${from} t`,
      ...[...this.#joins].map((join) => JOINS[join]),
      conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '',
      this.#groupBy(expressions),
      this.#orderBy(),
      limit === undefined ? '' : `LIMIT ${wholeNumber(limit)}`,
    ];
    const isText = expressions.map((expression) => this.#isText(expression));
    return { sql: sql.filter((line) => line !== '').join(' '), values: this.#values, isText };
  }

  #stored(name: string): Stored {
    const stored = ensure(SOURCES[this.#query.from][name], `column ${name} of ${this.#query.from}`);
    if (stored.join !== undefined) this.#joins.add(stored.join);
    return stored;
  }

  #isText(expression: Expression): boolean {
    return expression.kind === 'column' && this.#stored(expression.column).type !== 'number';
  }

  #output(expression: Expression): string {
    const sql = this.#value(expression);
    if (this.#isText(expression)) return sql;
    return DIALECT.number(sql);
  }

  #value(expression: Expression): string {
    if (expression.kind === 'count') return 'count(*)';
    const { sql, type } = this.#stored(expression.column);
    if (expression.kind === 'column') return type === 'trace' ? DIALECT.traceOut(sql) : sql;
    assert(type === 'number', `${expression.kind} of ${expression.column}, which is text`);
    if (expression.kind === 'quantile')
      return DIALECT.quantile(sql, this.#sharesOf(expression.column), finite(expression.share));
    if (expression.kind === 'slot')
      return DIALECT.slot(sql, wholeNumber(expression.origin), finite(expression.width));
    if (expression.kind === 'sum') return `coalesce(sum(${sql}), 0)`;
    return `${expression.kind}(${sql})`;
  }

  /** Every share of this column that is asked for. */
  #sharesOf(column: string): number[] {
    const shares = Object.values(this.#query.select).flatMap((each) =>
      each.kind === 'quantile' && each.column === column ? [finite(each.share)] : [],
    );
    return [...new Set(shares)];
  }

  /** By the place in the list: the keys are every selected thing that is not an aggregate. */
  #groupBy(expressions: readonly Expression[]): string {
    const keys = expressions.flatMap((expression, index) => (isKey(expression) ? [index + 1] : []));
    const isGrouped = keys.length < expressions.length && keys.length > 0;
    return isGrouped ? `GROUP BY ${keys.join(', ')}` : '';
  }

  #orderBy(): string {
    const names = Object.keys(this.#query.select);
    const orders = (this.#query.orderBy ?? []).map(({ by, descending }) => {
      assert(names.includes(by), `order by ${by}, which is not selected`);
      return `"${by}"${descending ? ' DESC' : ''}`;
    });
    return orders.length > 0 ? `ORDER BY ${orders.join(', ')}` : '';
  }

  #condition(condition: Condition): string {
    if ('anyOf' in condition) return this.#anyOf(condition.anyOf);
    if ('is' in condition) return this.#equals(condition.column, condition.is);
    if ('isIn' in condition) return this.#isIn(condition.column, condition.isIn);
    const stored = this.#stored(condition.column);
    // From 1 on there is no "none" in the range, and the stored column can use the ranges of its row groups.
    const isSome = 'from' in condition && (condition.from ?? 0) > 0;
    const sql = (isSome ? NULL_IS_ZERO[condition.column] : undefined) ?? stored.sql;
    if ('oneIn' in condition) return DIALECT.oneIn(sql, wholeNumber(condition.oneIn));
    const ends = [
      condition.from === undefined ? '' : `${sql} >= ${this.#bind(condition.from)}`,
      condition.to === undefined ? '' : `${sql} <= ${this.#bind(condition.to)}`,
    ].filter((end) => end !== '');
    return ends.length > 0 ? ends.join(' AND ') : 'true';
  }

  #anyOf(lists: readonly (readonly Condition[])[]): string {
    const all = lists.map(
      (list) => list.map((condition) => this.#condition(condition)).join(' AND ') || 'true',
    );
    return all.length === 0 ? 'false' : `(${all.map((sql) => `(${sql})`).join(' OR ')})`;
  }

  #equals(name: string, value: string | number): string {
    const { sql, type } = this.#stored(name);
    const nullable = NULL_IS_ZERO[name];
    if (nullable !== undefined && value === 0) return `${nullable} IS NULL`;
    if (name === 'isEntry') return `t.parent_operation IS ${value === 1 ? '' : 'NOT '}NULL`;
    if (type !== 'trace') return `${nullable ?? sql} = ${this.#bind(value)}`;
    this.#values.push(value);
    return `${sql} = ${DIALECT.traceIn}`;
  }

  #isIn(name: string, values: readonly (string | number)[]): string {
    if (values.length === 0) return 'false';
    if (values.length === 1) return this.#equals(name, ensure(values[0], 'first value'));
    const { sql, type } = this.#stored(name);
    const bound = values.map((value) => {
      if (type !== 'trace') return this.#bind(value);
      this.#values.push(value);
      return DIALECT.traceIn;
    });
    return `${NULL_IS_ZERO[name] ?? sql} IN (${bound.join(', ')})`;
  }

  /** Whole numbers are bound as such: compared as floating point they could not use the ranges of the row groups. */
  #bind(value: string | number): string {
    this.#values.push(typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value);
    return '?';
  }
}

function isKey(expression: Expression): boolean {
  return expression.kind === 'column' || expression.kind === 'slot';
}

function wholeNumber(value: number): number {
  assert(Number.isSafeInteger(value), `${value} is not a whole number`);
  return value;
}

function finite(value: number): number {
  assert(Number.isFinite(value), `${value} is not a number`);
  return value;
}
