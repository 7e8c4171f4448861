// Programs whose branches run beside each other, run with and without one of their calls: is what replay predicts from the run with it what
// the run without it shows? And the laws of replay, when other requests have told which call does not wait for which.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Recording, type Told } from '../../../test/contracts/recorded-requests.ts';
import { emptyChange, NO_PHASES } from './change.ts';
import { replayUs } from './replay.ts';
import type { RequestNode } from '../sample/request-tree.ts';

/** A call, calls in a row, or calls beside each other of which all are waited for. */
type Program = { readonly call: string; readonly usualUs: number } | Row | Beside;
interface Row {
  readonly row: readonly Program[];
}
interface Beside {
  readonly beside: readonly Program[];
}

interface Run {
  readonly calls: { readonly name: string; readonly atUs: number; readonly us: number }[];
  readonly endUs: number;
}

const CODE_US = 100;
const REQUESTS = 40;

/** `luck`: how long each call takes, as a multiple of what is usual. */
function run(program: Program, luck: ReadonlyMap<string, number>, without: string | undefined): Run {
  const calls: Run['calls'] = [];
  const go = (part: Program, atUs: number): number => {
    if ('row' in part) return part.row.reduce((at, each) => go(each, at), atUs);
    if ('beside' in part) return Math.max(atUs, ...part.beside.map((each) => go(each, atUs)));
    const us = part.call === without ? 0 : Math.round(part.usualUs * (luck.get(part.call) ?? 1));
    const startUs = atUs + CODE_US;
    calls.push({ name: part.call, atUs: startUs, us });
    return startUs + us;
  };
  return { endUs: go(program, 0) + CODE_US, calls: calls.toSorted((a, b) => a.atUs - b.atUs) };
}

function told({ calls, endUs }: Run): { operations: Told[]; tailUs: number } {
  const operations = calls.map(({ name, atUs, us }, place): Told => {
    const before = calls[place - 1];
    const start =
      before === undefined ? { gapUs: atUs } : { withLast: true, afterLastUs: atUs - before.atUs };
    return { statement: name, phases: { wait: us }, ...start };
  });
  return { operations, tailUs: endUs - Math.max(...calls.map(({ atUs, us }) => atUs + us)) };
}

function namesOf(program: Program): string[] {
  if ('call' in program) return [program.call];
  return ('row' in program ? program.row : program.beside).flatMap(namesOf);
}

/** Between half and one and a half of the usual, by a fixed row of numbers. */
function lucks(program: Program, seed: number): ReadonlyMap<string, number>[] {
  let state = seed;
  const next = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  return Array.from(
    { length: REQUESTS },
    () => new Map(namesOf(program).map((name) => [name, 0.5 + next()])),
  );
}

function recorded(program: Program, seed: number): readonly RequestNode[] {
  const recording = new Recording();
  for (const luck of lucks(program, seed)) recording.add(told(run(program, luck, undefined)));
  return recording.sample().nodes;
}

function predictedUs(nodes: readonly RequestNode[], name: string): number {
  const change = emptyChange();
  for (const { operations } of nodes)
    for (const { id, statement } of operations) if (statement === name) change.phases.set(id, NO_PHASES);
  return nodes.reduce((sum, node) => sum + node.request.durationUs - replayUs(node, change), 0);
}

function trueUs(program: Program, seed: number, name: string): number {
  return lucks(program, seed).reduce(
    (sum, luck) => sum + run(program, luck, undefined).endUs - run(program, luck, name).endUs,
    0,
  );
}

const call = (name: string, usualUs: number): Program => ({ call: name, usualUs });
const chain = (letter: string, usualUs: number): Row => ({
  row: [1, 2, 3].map((nth) => call(`${letter}${String(nth)}`, usualUs)),
});

/** Two of other branches that never ran at once still count as cause and effect. */
function assertNear(predicted: number, truth: number, message: string): void {
  assert.ok(
    Math.abs(predicted - truth) <= 0.02 * truth,
    `${message}: ${String(predicted)} instead of ${String(truth)}`,
  );
}

test('two branches beside each other: a call that goes lets only its own branch begin earlier', () => {
  const program: Program = { row: [{ beside: [chain('a', 4000), chain('b', 3000)] }, call('last', 1000)] };
  const nodes = recorded(program, 1);
  for (const name of namesOf(program))
    assertNear(predictedUs(nodes, name), trueUs(program, 1, name), `without ${name}`);
});

test('what all branches are waited for before, waits for all of them', () => {
  const program: Program = {
    row: [{ beside: [chain('a', 4000), call('b', 12_000), call('c', 9000)] }, chain('d', 2000)],
  };
  const nodes = recorded(program, 2);
  for (const name of namesOf(program))
    assertNear(predictedUs(nodes, name), trueUs(program, 2, name), `without ${name}`);
});

const programs = fc.letrec<{ part: Program; row: Row; beside: Beside; call: Program }>((tie) => ({
  call: fc.record({ call: fc.constant(''), usualUs: fc.integer({ min: 500, max: 9000 }) }),
  row: fc.record({ row: fc.array(tie('part'), { minLength: 1, maxLength: 3 }) }),
  beside: fc.record({ beside: fc.array(tie('part'), { minLength: 2, maxLength: 3 }) }),
  part: fc.oneof({ depthSize: 'small', withCrossShrink: true }, tie('call'), tie('row'), tie('beside')),
})).part;

/** Each call has a name of its own. */
function named(program: Program, path = 'c'): Program {
  if ('call' in program) return { ...program, call: path };
  const parts = ('row' in program ? program.row : program.beside).map((part, place) =>
    named(part, `${path}.${String(place)}`),
  );
  return 'row' in program ? { row: parts } : { beside: parts };
}

test('of any program: unchanged it is exact, and no more is promised than comes, but for the code before a call', () => {
  fc.assert(
    fc.property(programs, fc.integer({ min: 1, max: 1_000_000 }), fc.nat(), (shape, seed, which) => {
      const program = named(shape);
      const names = namesOf(program);
      const name = names[which % names.length] ?? '';
      const nodes = recorded(program, seed);
      for (const node of nodes) assert.equal(replayUs(node, emptyChange()), node.request.durationUs);
      const mostUs = 1.02 * trueUs(program, seed, name) + CODE_US * REQUESTS;
      assert.ok(predictedUs(nodes, name) <= mostUs);
    }),
    { numRuns: 100 },
  );
});
