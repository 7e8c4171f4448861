// Rows in a file: what others may want to read of them, and what a run that was broken off goes on with. In: rows, or a file of them.
// Out: JSON, or rows.

import { existsSync, readFileSync } from 'node:fs';
import type { Row } from './measure.ts';

/** A row in the file of `--json`. */
interface PlainRow extends Pick<
  Row,
  'driver' | 'workload' | 'node' | 'right' | 'hidden' | 'wrong' | 'problems'
> {
  readonly operations: number;
  readonly callSites?: Row['sites'];
}

export function plain({
  driver,
  workload,
  node,
  markers,
  right,
  hidden,
  wrong,
  sites,
  problems,
}: Row): PlainRow {
  return { driver, workload, node, operations: markers, right, hidden, wrong, callSites: sites, problems };
}

/** Rows without problems of an earlier run, as far as tables show them. */
export function wellMeasured(file: string | undefined): Row[] {
  if (file === undefined || !existsSync(file)) return [];
  const rows = JSON.parse(readFileSync(file, 'utf8')) as readonly PlainRow[];
  return rows.filter(({ problems }) => problems.length === 0).map(revived);
}

function revived({ operations, callSites, ...row }: PlainRow): Row {
  const unknown = { called: 0, granted: 0, waits: [], frames: new Map<string, number>(), mistakes: [] };
  return { ...unknown, ...row, markers: operations, sites: callSites };
}
