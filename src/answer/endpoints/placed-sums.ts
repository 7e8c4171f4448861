// Calls are sampled for the line they come from: of the same statement some have one and some have none. In: sums by statement and line.
// Out: those without a line added to those of the only line that was seen. With several lines nobody knows which: they stay alone.

export interface PlacedSums {
  /** Everything that tells operations apart but the line. */
  readonly key: string;
  readonly callSite: string;
  readonly count: number;
  readonly errors: number;
  readonly us: number;
  readonly phases: readonly number[];
  readonly histogram: ReadonlyMap<number, number>;
}

export function withUnplaced<Row extends PlacedSums>(rows: readonly Row[]): Row[] {
  const byKey = grouped(rows);
  return [...byKey.values()].flatMap(joined).toSorted((a, b) => b.us - a.us);
}

function grouped<Row extends PlacedSums>(rows: readonly Row[]): Map<string, Row[]> {
  const byKey = new Map<string, Row[]>();
  for (const row of rows) {
    const same = byKey.get(row.key);
    if (same === undefined) byKey.set(row.key, [row]);
    else same.push(row);
  }
  return byKey;
}

function joined<Row extends PlacedSums>(rows: readonly Row[]): readonly Row[] {
  const [placed, ...others] = rows.filter(({ callSite }) => callSite !== '');
  const unplaced = rows.find(({ callSite }) => callSite === '');
  if (placed === undefined || unplaced === undefined || others.length > 0) return rows;
  return [{ ...placed, ...sumOf(placed, unplaced) }];
}

function sumOf(a: PlacedSums, b: PlacedSums): Omit<PlacedSums, 'key' | 'callSite'> {
  const histogram = new Map(a.histogram);
  for (const [bucket, count] of b.histogram) histogram.set(bucket, (histogram.get(bucket) ?? 0) + count);
  return {
    count: a.count + b.count,
    errors: a.errors + b.errors,
    us: a.us + b.us,
    phases: a.phases.map((us, index) => us + (b.phases[index] ?? 0)),
    histogram,
  };
}
