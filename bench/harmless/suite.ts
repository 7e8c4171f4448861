// The tests of a driver's repository, with the agent and without. In: its folder, the command that runs them. Out: the tests whose outcome
// differs. Understands what mocha, node:test, jest, TAP and the like print: a mark and the name of the test.

import { run, type Ended } from './program.ts';

const TIMEOUT_MS = 15 * 60_000;

export interface SuiteResult {
  readonly command: string;
  readonly bare: readonly Side[];
  readonly traced: readonly Side[];
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

/** Each side once, and, where they differ, once more: what differs between two runs of the same side is not the agent. */
export async function compareSuites(
  folder: string,
  command: readonly string[],
  agent: string,
): Promise<SuiteResult> {
  const [file = '', ...args] = command;
  const side = (isTraced: boolean): Promise<Ended> =>
    run({ file, args, folder, env: {}, timeoutMs: TIMEOUT_MS }, isTraced ? agent : undefined);
  const bare = [await side(false)];
  const traced = [await side(true)];
  const first = resultOf(command.join(' '), bare, traced);
  if (first.count === 0) return first;
  bare.push(await side(false));
  traced.push(await side(true));
  return resultOf(command.join(' '), bare, traced);
}

function resultOf(command: string, bare: readonly Ended[], traced: readonly Ended[]): SuiteResult {
  const without = bare.map(outcomesOf);
  const withAgent = traced.map(outcomesOf);
  const names = new Set([...without, ...withAgent].flatMap((outcomes) => [...outcomes.keys()]));
  const differences = [...names].filter((name) =>
    areApart(
      without.map((outcomes) => outcomes.get(name)),
      withAgent.map((outcomes) => outcomes.get(name)),
    ),
  );
  const isEndDifferent = areApart(
    bare.map(({ how }) => how),
    traced.map(({ how }) => how),
  );
  const agentErrors = traced.flatMap(({ reported }) => reported?.errors ?? []);
  const count = differences.length + (isEndDifferent ? 1 : 0) + agentErrors.length;
  return {
    command,
    bare: bare.map((ended, index) => sideOf(ended, without[index])),
    traced: traced.map((ended, index) => sideOf(ended, withAgent[index])),
    differences,
    count,
    agentErrors,
    text: [
      `harmless: ${command}: ${differences.length} differ`,
      ...bare.map((ended, index) => `    without: ${textOf(ended, without[index])}`),
      ...traced.map((ended, index) => `    with:    ${textOf(ended, withAgent[index])}`),
      ...differences.map((name) => `    ${withAgent[0]?.get(name) ?? 'missing'} with: ${name}`),
      ...agentErrors.map((error) => `    the agent switched itself off: ${error}`),
    ].join('\n'),
  };
}

/** The same on each side, and not on both. */
function areApart(bare: readonly (string | undefined)[], traced: readonly (string | undefined)[]): boolean {
  return new Set(bare).size === 1 && new Set(traced).size === 1 && bare[0] !== traced[0];
}

type Outcomes = ReadonlyMap<string, string>;

function sideOf({ how }: Ended, outcomes: Outcomes | undefined): Side {
  const all = [...(outcomes?.values() ?? [])];
  const passed = all.filter((outcome) => outcome === 'passed').length;
  return { how, passed, failed: all.length - passed };
}

function textOf(ended: Ended, outcomes: Outcomes | undefined): string {
  const { passed, failed, how } = sideOf(ended, outcomes);
  const { reported } = ended;
  const notes =
    reported === undefined ? '' : `; ${reported.records} records of ${reported.processes} processes`;
  return `${passed} passed, ${failed} failed, ${how}${notes}`;
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
