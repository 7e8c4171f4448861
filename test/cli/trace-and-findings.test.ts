// `wiretime trace` and `wiretime findings` as text: every width, every kind of terminal, hostile names, numbers that add up.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';

import type { FindingAnswer, FindingListsAnswer, TraceAnswer, TraceOperation } from '../../src/answer/api.ts';
import { renderFinding } from '../../src/cli/terminal/finding-detail.ts';
import { LISTS, renderFindingLists } from '../../src/cli/terminal/finding-lists.ts';
import { fileLink, showsLinks } from '../../src/cli/terminal/link.ts';
import { widthOf } from '../../src/cli/terminal/text.ts';
import { renderTrace } from '../../src/cli/terminal/trace.ts';
import { traceRows } from '../../src/cli/terminal/trace-rows.ts';
import type { TerminalTraits } from '../../src/cli/terminal/traits.ts';
import { LOOP_ID } from '../pages/shop-findings.ts';
import { cartTrace, reindexTrace, shopAnswers } from '../pages/shop.ts';
import { assertGolden } from './golden.ts';

const traits: TerminalTraits = { width: 100, colour: 'none', background: 'dark', isUnicode: true };
const answers = shopAnswers();
const lists = (await answers.findingLists?.({})) as FindingListsAnswer;
const finding = (await answers.finding?.(LOOP_ID, {})) as FindingAnswer;

const TEXTS: Readonly<Record<string, (traits: TerminalTraits) => string>> = {
  trace: (terminal) => renderTrace(cartTrace(), { showsAll: false }, terminal),
  findings: (terminal) => renderFindingLists(lists, LISTS, terminal),
  finding: (terminal) => renderFinding(finding, terminal, false),
};

for (const [name, render] of Object.entries(TEXTS))
  for (const width of [80, 120])
    test(`${name} at ${width} columns`, () => {
      const text = render({ ...traits, width });
      assertGolden(`${name}-${width}.txt`, text);
      for (const line of text.split('\n')) assert.ok(widthOf(line) <= width, line);
      assert.equal(stripVTControlCharacters(render({ ...traits, width, colour: 'full' })), text);
      // oxlint-disable-next-line no-control-regex -- all of ASCII
      assert.match(render({ ...traits, width, isUnicode: false }), /^[\u0000-\u007f]*$/);
    });

test('equal calls in a row are one line, and with --all a line each', () => {
  const answer = cartTrace();
  const calls = (isFolded: boolean) =>
    traceRows(answer, isFolded).reduce((sum, { operations }) => sum + operations.length, 0);
  assert.equal(calls(true), answer.operations.length);
  assert.equal(calls(false), answer.operations.length);
  assert.ok(traceRows(answer, true).some(({ operations }) => operations.length >= 4));
  assert.ok(traceRows(answer, false).every(({ operations }) => operations.length <= 1));
});

/** One request that reads, asks, writes: `times` times, each 3 ms after the other. The second is answered by a traced service. */
function cycleTrace(times: number): TraceAnswer {
  const answer = cartTrace();
  const [root] = answer.requests;
  const [like] = answer.operations;
  assert.ok(root !== undefined && like !== undefined);
  const statements = ['SELECT a FROM t', 'POST /quote', 'INSERT INTO u'];
  const operations = Array.from({ length: times * 3 }, (_, index) => ({
    ...like,
    id: 1000 + index,
    request: root.id,
    statement: statements[index % 3] ?? '',
    callSite: `export.js:${index % 3}`,
    startUs: index * 1000,
    durationUs: 900,
  }));
  const callees = operations
    .filter((_, index) => index % 3 === 1)
    .map(({ id, startUs }) => ({ ...root, id: 5000 + id, parentOperation: id, startUs, durationUs: 500 }));
  return { ...answer, requests: [root, ...callees], operations };
}

test('a cycle of several calls is one row, and a row for each of them; from four times on, and not with --all', () => {
  const [, cycle, ...calls] = traceRows(cycleTrace(20), true);
  assert.deepEqual(cycle?.cycle, { times: 20, calls: 3 });
  assert.equal(cycle.operations.length, 60);
  assert.deepEqual(
    calls.map(({ depth, operations }) => [depth, operations.length, operations[0]?.statement]),
    [
      [2, 20, 'SELECT a FROM t'],
      [2, 20, 'POST /quote'],
      [2, 20, 'INSERT INTO u'],
    ],
  );
  assert.equal(traceRows(cycleTrace(4), true).length, 5);
  assert.equal(traceRows(cycleTrace(3), true).length, 1 + 9);
  assert.equal(traceRows(cycleTrace(20), false).length, 1 + 60);
  const text = renderTrace(cycleTrace(20), { showsAll: false }, traits);
  assert.match(text, /20 times these 3 calls: +59\.9/);
  assert.match(text, /× 20 {2}POST \/quote +18\.0/);
  assert.match(text, /a row for each call: --all/);
});

test('messages of one queue are one row, and nobody waited for them', () => {
  const answer = cartTrace();
  const [root] = answer.requests;
  const [like] = answer.operations;
  assert.ok(root !== undefined && like !== undefined);
  const consumed = Array.from({ length: 20 }, (_, index) => ({
    ...root,
    id: 7000 + index,
    method: 'CONSUME',
    route: 'positions',
    parentOperation: 0,
    startUs: 1000 * index,
    durationUs: 900,
  }));
  const inside = consumed.map(({ id, startUs }) => ({
    ...like,
    id: id + 1000,
    request: id,
    startUs,
    durationUs: 500,
  }));
  const with20 = { ...answer, requests: [root, ...consumed], operations: [...answer.operations, ...inside] };
  const [last] = traceRows(with20, true).slice(-1);
  assert.deepEqual([last?.run?.length, last?.isCritical, last?.depth], [20, false, 0]);
  assert.match(
    renderTrace(with20, { showsAll: false }, traits),
    / {2}× 20 {2}CONSUME positions +19\.9[^]*--all/,
  );
  const single = traceRows(with20, false).filter(({ request }) => request?.method === 'CONSUME');
  assert.deepEqual([single.length, single.some(({ isCritical }) => isCritical)], [20, false]);
  assert.equal(traceRows(with20, true)[0]?.isCritical, true);
});

test('a retry, a stall and a run with equal values are marked in the waterfall', () => {
  const answer = cartTrace();
  const [first, second] = answer.operations;
  assert.ok(first && second);
  const marked = (change: Partial<TraceOperation>, stalls: readonly number[] = []) => {
    const operations = answer.operations.map((each) => ({ ...each, question: 7, ...change }));
    return renderTrace({ ...answer, operations }, { showsAll: false, stalls: new Set(stalls) }, traits);
  };
  assert.match(marked({ isRetry: true }), /↻ GET sess.*[^]*↻ asked again after a failure/);
  assert.doesNotMatch(marked({}), /↻/);
  assert.match(marked({}, [first.id]), /40 ms stall: GET sess/);
  assert.match(marked({}), /× \d+, same values {2}SELECT/);
  assert.doesNotMatch(marked({ question: 0 }), /same values/);
});

test('a call below a call that nobody waited for is not what the request waited for', () => {
  const answer = cartTrace();
  const operations = answer.operations.map((operation) => ({ ...operation, isBlocking: false }));
  const critical = traceRows({ ...answer, operations }, true).filter(({ isCritical }) => isCritical);
  assert.deepEqual(
    critical.map(({ request }) => request?.route),
    [answer.requests[0]?.route],
  );
});

test('of a trace with 10 000 different operations 500 rows are shown, and the rest is counted', () => {
  const long = reindexTrace();
  const operations = long.operations.map((each) => ({ ...each, statement: `${each.statement} ${each.id}` }));
  const answer = { ...long, operations };
  const rows = traceRows(answer, true).length;
  const hidden = String(rows - 500).replace(/(\d)(\d{3})$/, '$1 $2');
  assert.ok(renderTrace(answer, { showsAll: false }, traits).includes(`${hidden} more rows: --all`));
  const all = renderTrace(answer, { showsAll: true }, traits);
  assert.doesNotMatch(all, /--all/);
  assert.ok(all.split('\n').length > rows);
});

const HOSTILE = `\u001b]0;owned\u0007\u001b[2J\u202eab\u2066 🤷🏽‍♀️ 漢字 \r\n${'x'.repeat(100_000)}`;

function hostileTrace(): TraceAnswer {
  const answer = cartTrace();
  const names = { statement: HOSTILE, callSite: HOSTILE, dependency: HOSTILE };
  return {
    ...answer,
    id: HOSTILE,
    sentence: [{ text: HOSTILE }],
    requests: answer.requests.map((request) => ({
      ...request,
      route: HOSTILE,
      method: HOSTILE,
      service: HOSTILE,
    })),
    operations: answer.operations.map((operation) => ({ ...operation, ...names })),
    byOperation: answer.byOperation.map((row) => ({ ...row, ...names, service: HOSTILE })),
  };
}

test('hostile names cannot command the terminal, or make lines longer', () => {
  const hostile = {
    ...finding,
    sentence: [{ text: HOSTILE }],
    finding: { ...finding.finding, title: HOSTILE, statement: HOSTILE, callSite: HOSTILE, service: HOSTILE },
  };
  const [line] = lists.lists.open;
  assert.ok(line !== undefined);
  const open = [{ ...line, title: HOSTILE, callSite: HOSTILE, id: HOSTILE }];
  for (const text of [
    renderTrace(hostileTrace(), { showsAll: true }, traits),
    renderFinding(hostile, traits, false),
    renderFindingLists({ ...lists, lists: { ...lists.lists, open } }, LISTS, traits),
  ]) {
    // oxlint-disable-next-line no-control-regex -- all but the newline
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    for (const each of text.split('\n')) assert.ok(widthOf(each) <= 100, each.slice(0, 300));
    assert.ok(text.length < 100_000, 'nobody reads 100 KB of one statement');
  }
});

test('links only where a terminal is known to have them', () => {
  assert.ok(showsLinks(true, { TERM: 'xterm-256color', VTE_VERSION: '7600' }));
  assert.ok(showsLinks(true, { TERM: 'xterm-256color', TERM_PROGRAM: 'WezTerm' }));
  assert.ok(!showsLinks(true, { TERM: 'xterm-256color' }));
  assert.ok(!showsLinks(true, { TERM: 'tmux-256color', VTE_VERSION: '7600' }));
  assert.ok(!showsLinks(false, { TERM: 'xterm-kitty' }));
  assert.equal(widthOf(fileLink('a.ts:1', '/x y/a.ts')), 6);
  assert.match(fileLink('a.ts:1', '/x y\u001b/a.ts'), /\/x%20y%1B\/a\.ts/);
});
