// `npm run bench:harmless -- --node-source DIR [--node PATH] [--only REGEXP] [--json FILE] [--at-once N] [--agent FILE]`: is a program the same
// with the agent as without? In: the folder of a Node source tree, whose tests are run one by one; or, with `--suite DIR -- CMD`, a
// repository and the command of its tests; or, with `--other-agents`, programs that other tracers look at, too. Out: how many are equal, each that differs with where it does. Exit 1 when one differs.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { agentOptions } from '../../scripts/build-agent.ts';
import { compareWithOthers } from './other-agents.ts';
import { commandOf, MODULES, testFiles } from './node-tests.ts';
import { compare, type Judged, type Verdict } from './outcome.ts';
import { run } from './program.ts';
import { compareSuites } from './suite.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'node-source': { type: 'string' },
    suite: { type: 'string' },
    node: { type: 'string', default: process.execPath },
    only: { type: 'string' },
    module: { type: 'string', multiple: true },
    json: { type: 'string' },
    'at-once': { type: 'string', default: '2' },
    agent: { type: 'string' },
    'other-agents': { type: 'boolean', default: false },
  },
});

const temporary = mkdtempSync(join(tmpdir(), 'wiretime-harmless-'));
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));

async function agentFile(): Promise<string> {
  if (values.agent !== undefined) return resolve(values.agent);
  const file = join(temporary, 'agent.cjs');
  await build(agentOptions(file));
  return file;
}

async function main(): Promise<void> {
  const agent = await agentFile();
  if (values.suite !== undefined) return suite(resolve(values.suite), agent);
  if (values['node-source'] !== undefined) return nodeTests(resolve(values['node-source']), agent);
  if (values['other-agents']) return otherAgents(agent);
  console.error('harmless: say what to run: --node-source DIR, --suite DIR -- CMD, or --other-agents');
  process.exitCode = 2;
}

async function suite(folder: string, agent: string): Promise<void> {
  const differences = await compareSuites(folder, positionals, agent);
  console.log(differences.text);
  save(differences);
  if (differences.count > 0) process.exitCode = 1;
}

async function otherAgents(agent: string): Promise<void> {
  const judged = await compareWithOthers(resolve(values.node), agent, new RegExp(values.only ?? ''), (one) =>
    console.log(lineOf(one)),
  );
  report(judged);
}

async function nodeTests(source: string, agent: string): Promise<void> {
  const only = new RegExp(values.only ?? '');
  const names = testFiles(source, values.module ?? MODULES).filter((name) => only.test(name));
  const judged = await inParallel(names, Number(values['at-once']), (name, slot) =>
    compare(name, (isTraced) =>
      run(commandOf(source, name, resolve(values.node), slot, temporary), isTraced ? agent : undefined),
    ),
  );
  report(judged);
}

/** Keeps `atOnce` of them running, each in a slot of its own. */
async function inParallel(
  names: readonly string[],
  atOnce: number,
  judge: (name: string, slot: number) => Promise<Judged>,
): Promise<readonly Judged[]> {
  const judged: Judged[] = [];
  const waiting = [...names];
  const slot = async (number: number): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const result = await judge(name, number);
      judged.push(result);
      if (result.verdict !== 'equal' || result.agentErrors.length > 0) console.log(lineOf(result));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, number) => slot(number + 1)));
  return judged;
}

function lineOf({ name, verdict, bare, traced, excerpt, agentErrors }: Judged): string {
  const detail = excerpt === '' ? '' : `\n    ${excerpt.replaceAll('\n', '\n    ')}`;
  const errors = agentErrors.map((error) => `\n    the agent switched itself off: ${error}`).join('');
  return `${verdict.padEnd(12)} ${name}: ${bare} without, ${traced} with${detail}${errors}`;
}

function report(judged: readonly Judged[]): void {
  const count = (verdict: Verdict): number => judged.filter((one) => one.verdict === verdict).length;
  const result = {
    node: execFileSync(values.node, ['--version'], { encoding: 'utf8' }).trim(),
    files: judged.length,
    equal: count('equal'),
    output: count('output'),
    differs: count('differs'),
    flaky: count('flaky'),
    failsAnyway: count('fails anyway'),
    /** In how many the agent did more than being loaded. */
    traced: judged.filter(({ records }) => records > 0).length,
    switchedOff: judged.filter(({ agentErrors }) => agentErrors.length > 0).length,
  };
  console.log(
    `harmless: ${result.node}, ${result.files} files: ${result.equal} equal (${result.output} more print differently), ` +
      `${result.differs} differ, ${result.flaky} flaky, ${result.failsAnyway} fail without the agent, too; ` +
      `the agent took notes in ${result.traced} and switched itself off in ${result.switchedOff}`,
  );
  save({
    ...result,
    notEqual: judged.filter((one) => one.verdict !== 'equal' || one.agentErrors.length > 0),
  });
  if (result.differs > 0 || result.switchedOff > 0) process.exitCode = 1;
}

function save(result: object): void {
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, undefined, 2)}\n`);
}

await main();
