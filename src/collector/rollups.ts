// Exact sums over all traffic, whatever else is kept. In: operation rows. Out: rollup rows per minute and place in the code.
// What was taken is forgotten: the store adds later sums of the same place to earlier ones.

import { bucketOf } from '../base/histogram.ts';
import type { OperationRow, RollupRow } from '../model/row.ts';

/** More places than any program has between two takes; beyond it, statements of a place are summed under ''. */
const PLACE_LIMIT = 50_000;
const MINUTE_US = 60_000_000;

interface Sum {
  readonly first: OperationRow;
  readonly minute: number;
  readonly statement: string;
  readonly method: string;
  readonly route: string;
  count: number;
  errors: number;
  totalUs: number;
  exclusiveUs: number;
  bytesOut: number;
  bytesIn: number;
  rows: number;
  newConnections: number;
  readonly phases: number[];
  readonly histogram: Map<number, number>;
}

export class Rollups {
  #sums = new Map<string, Sum>();

  /** `method` and `route` of the request that caused it, '' when there was none. */
  add(row: OperationRow, method: string, route: string, isNewConnection: boolean): void {
    const sum = this.#sum(row, method, route);
    sum.count++;
    sum.errors += row.outcome === 'ok' ? 0 : 1;
    sum.totalUs += row.durationUs;
    sum.exclusiveUs += row.exclusiveUs;
    sum.bytesOut += row.bytesOut;
    sum.bytesIn += row.bytesIn;
    sum.rows += Math.max(0, row.rows);
    sum.newConnections += isNewConnection ? 1 : 0;
    for (let index = 0; index < row.phases.length; index++)
      sum.phases[index] = (sum.phases[index] ?? 0) + (row.phases[index] ?? 0);
    const bucket = bucketOf(row.durationUs);
    sum.histogram.set(bucket, (sum.histogram.get(bucket) ?? 0) + 1);
  }

  /** Everything since the last call. */
  take(): RollupRow[] {
    const rows = [...this.#sums.values()].map(rollupOf);
    this.#sums = new Map();
    return rows;
  }

  #sum(row: OperationRow, method: string, route: string): Sum {
    const minute = Math.floor(row.atUs / MINUTE_US);
    const place = `${minute}\n${row.service}\n${method} ${route}\n${row.attribution}\n${row.dependency}\n${row.callSite}`;
    const key = `${place}\n${row.role}\n${row.category}\n${row.statement}`;
    const known = this.#sums.get(key);
    if (known !== undefined) return known;
    const statement = this.#sums.size < PLACE_LIMIT ? row.statement : '';
    const created = emptySum(row, minute, statement, method, route);
    this.#sums.set(statement === row.statement ? key : place, created);
    return created;
  }
}

function emptySum(
  first: OperationRow,
  minute: number,
  statement: string,
  method: string,
  route: string,
): Sum {
  const sums = {
    count: 0,
    errors: 0,
    totalUs: 0,
    exclusiveUs: 0,
    bytesOut: 0,
    bytesIn: 0,
    rows: 0,
    newConnections: 0,
  };
  return {
    first,
    minute,
    statement,
    method,
    route,
    ...sums,
    phases: first.phases.map(() => 0),
    histogram: new Map(),
  };
}

function rollupOf(sum: Sum): RollupRow {
  const { first, ...sums } = sum;
  const { service, attribution, protocol, role, category, dependency, callSite } = first;
  return { ...sums, service, attribution, protocol, role, category, dependency, callSite };
}
