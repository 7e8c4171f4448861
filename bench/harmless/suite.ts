// The tests of a driver's repository, with the agent and without. In: its folder, the command that runs them. Out: the tests whose outcome
// differs. Understands what mocha, node:test, jest, TAP and the like print: a mark and the name of the test.

import { run, type Ended } from './program.ts';

const TIMEOUT_MS = 15 * 60_000;

export interface SuiteResult {
  readonly command: string;
  readonly bare: Side;
  readonly traced: Side;
  /** Tests with another outcome. */
  readonly differences: readonly string[];
  readonly count: number;
  readonly agentErrors: readonly string[];
  readonly text: string;
}

interface Side {
  readonly how: string;
  readonly passed: number;
  readonly failed: number;
}

/** Without, with, and without again: what differs between the first and the last is not the agent. */
export async function compareSuites(
  folder: string,
  command: readonly string[],
  agent: string,
): Promise<SuiteResult> {
  const [file = '', ...args] = command;
  const side = (isTraced: boolean): Promise<Ended> =>
    run({ file, args, folder, env: {}, timeoutMs: TIMEOUT_MS }, isTraced ? agent : undefined);
  const before = await side(false);
  const traced = await side(true);
  const after = await side(false);
  return resultOf(command.join(' '), before, traced, after);
}

function resultOf(command: string, before: Ended, traced: Ended, after: Ended): SuiteResult {
  const withAgent = outcomesOf(traced);
  const without = [outcomesOf(before), outcomesOf(after)] as const;
  const differences = [...new Set([...without[0].keys(), ...withAgent.keys()])].filter(
    (name) => without.every((side) => side.get(name) !== withAgent.get(name)) && isSteady(name, without),
  );
  const isEndDifferent = traced.how !== before.how && traced.how !== after.how;
  const agentErrors = traced.reported?.errors ?? [];
  const count = differences.length + (isEndDifferent ? 1 : 0) + agentErrors.length;
  const bare = sideOf(before, without[0]);
  const ours = sideOf(traced, withAgent);
  return {
    command,
    bare,
    traced: ours,
    differences,
    count,
    agentErrors,
    text: [
      `harmless: ${command}: ${textOf(bare)} without, ${textOf(ours)} with; ` +
        `${differences.length} differ, ${traced.reported?.records ?? 0} records of ${traced.reported?.processes ?? 0} processes`,
      ...differences.map((name) => `    ${withAgent.get(name) ?? 'missing'} with: ${name}`),
      ...agentErrors.map((error) => `    the agent switched itself off: ${error}`),
      ...(count > 0 ? [traced.stdout.slice(-3000), traced.stderr.slice(-3000)] : []),
    ].join('\n'),
  };
}

type Outcomes = ReadonlyMap<string, string>;

function isSteady(name: string, [one, other]: readonly [Outcomes, Outcomes]): boolean {
  return one.get(name) === other.get(name);
}

function sideOf({ how }: Ended, outcomes: Outcomes): Side {
  const passed = [...outcomes.values()].filter((outcome) => outcome === 'passed').length;
  return { how, passed, failed: outcomes.size - passed };
}

function textOf({ how, passed, failed }: Side): string {
  return `${passed} passed, ${failed} failed, ${how}`;
}

/** Marks: TAP, node:test's and mocha's reporters, jest. Failures that mocha lists are `1) name`. */
const PASSED = /^\s*(?:ok \d+ -?|✔|✓|√|PASS)\s+(?<name>.+)$/;
const FAILED = /^\s*(?:not ok \d+ -?|✖|✗|×|✕|FAIL|\d+\))\s+(?<name>.+)$/;

function outcomesOf({ stdout, stderr }: Ended): Outcomes {
  const outcomes = new Map<string, string>();
  // oxlint-disable-next-line no-control-regex -- colours
  for (const line of `${stdout}\n${stderr}`.replaceAll(/\u001b\[[\d;]*m/g, '').split('\n')) {
    note(outcomes, PASSED.exec(line)?.groups?.['name'], 'passed');
    note(outcomes, FAILED.exec(line)?.groups?.['name'], 'failed');
  }
  return outcomes;
}

/** Names may occur several times; durations and ports are not part of them. */
function note(outcomes: Map<string, string>, found: string | undefined, outcome: string): void {
  if (found === undefined) return;
  const name = found
    .replace(/\s*\(?[\d.]+\s?m?s\)?$/, '')
    .replaceAll(/(?<=[:=])\d{4,}/g, 'N')
    .trim();
  let unique = name;
  for (let index = 2; outcomes.has(unique); index++) unique = `${name} #${index}`;
  outcomes.set(unique, outcome);
}
