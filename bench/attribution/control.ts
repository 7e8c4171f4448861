// Would the harness notice a mistake? In: servers. Out: nothing, or why its verdicts are worth nothing.
// Without hints nearly all operations of a busy pool belong to somebody else (97-100 % were measured).

import { buildAgent } from './agent.ts';
import type { Case } from './case.ts';
import { measure } from './measure.ts';

const LEAST_WRONG_SHARE = 0.5;

/** Runs `one` with an agent without hints, on the running Node. */
export async function missesMistakes(
  one: Case,
  workload: string,
  servers: object,
): Promise<string | undefined> {
  const around = { node: process.execPath, version: process.versions.node, requests: 50, servers };
  const row = await measure({ ...one, workload }, { ...around, agent: await buildAgent(false) });
  if (row.markers > 0 && row.wrong >= LEAST_WRONG_SHARE * row.markers) return undefined;
  return `without hints ${row.wrong} of ${row.markers} operations are wrong: the harness does not see mistakes`;
}
