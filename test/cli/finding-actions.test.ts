// What a person says of a finding, with the command alone: every step is a process of its own over the same recording, so what is
// asserted is what was kept. In: a real recording. Out: what the command prints, and how it ends.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { FindingListsAnswer } from '../../src/answer/api.ts';
import type { FindingLife, FindingList } from '../../src/model/finding.ts';
import { createAnswers } from '../../src/answer/answers.ts';
import { startServer } from '../../src/server/server.ts';
import { openStore } from '../../src/store/open.ts';
import type { Batch } from '../../src/store/store.ts';
import { batchOf, categories, NOON_US, operation, phases, request } from '../contracts/store-rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'wiretime-finding-actions-'));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function findings(...args: string[]): Promise<Ended> {
  const command = ['--import', 'tsx', 'src/cli/main.ts', 'findings', ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, command, { env: { ...process.env, NO_COLOR: '1' } }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

const ofRecording = (...args: string[]) => findings(...args, '--data', folder);

async function lists(): Promise<FindingListsAnswer['lists']> {
  const { code, stdout, stderr } = await ofRecording('--state', 'all', '--json');
  assert.equal(code, 0, stderr);
  return (JSON.parse(stdout) as FindingListsAnswer).lists;
}

async function listOf(id: string): Promise<FindingList | undefined> {
  const all = await lists();
  return (['open', 'verifying', 'verified', 'ignored'] as const).find((name) =>
    all[name].some((each) => each.id === id),
  );
}

async function act(...args: string[]): Promise<FindingLife> {
  const { code, stdout, stderr } = await ofRecording(...args, '--json');
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as FindingLife;
}

const ROWS = 8;

/** Two endpoints, each with a query for every row of a list. */
function twoLoops(): Batch {
  const requests = Array.from({ length: 600 }, (_, index) => {
    const durationUs = (ROWS + 1) * 1100;
    return request({
      id: index + 1,
      route: index % 2 === 0 ? '/carts/:id' : '/orders/:id',
      atUs: NOON_US + index * 20_000,
      durationUs,
      categories: categories({ own: (ROWS + 1) * 100, db: (ROWS + 1) * 1000 }),
      operationCount: ROWS + 1,
    });
  });
  const operations = requests.flatMap(({ id, atUs, route }) =>
    Array.from({ length: ROWS + 1 }, (_, call) => {
      const table = route.includes('carts') ? 'carts' : 'orders';
      return operation({
        id: id * 20 + call,
        request: id,
        atUs: atUs + 100 + call * 1100,
        phases: phases({ wait: 1000 }),
        statement:
          call === 0
            ? `SELECT item FROM ${table} WHERE id = $1`
            : `SELECT name FROM ${table}_items WHERE id = $1`,
        rows: call === 0 ? ROWS : 1,
        callSite: `src/${table}.ts:${call === 0 ? 12 : 20}:5`,
      });
    }),
  );
  return batchOf({ requests, operations });
}

before(async () => {
  const store = await openStore(folder);
  await store.append(twoLoops());
  await store.close();
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('ignore, reopen, verify: each is kept, with its reason, and takes the finding to its list', async () => {
  const [first, second] = (await lists()).open;
  assert.ok(first && second, 'two findings to tell apart');
  const { id } = first;
  // Of the two, the end alone says which.
  const end = id.slice(-8);
  assert.ok(!second.id.endsWith(end));

  const ignored = await ofRecording('ignore', end, '--reason', 'known, next quarter');
  assert.equal(ignored.code, 0, ignored.stderr);
  assert.equal(ignored.stdout, `${id}: ignored (known, next quarter)\n`);
  const kept = await lists();
  assert.deepEqual(
    kept.ignored.map((each) => [each.id, each.life.history.at(-1)?.note]),
    [[id, 'known, next quarter']],
  );
  assert.deepEqual(
    kept.open.map((each) => each.id),
    [second.id],
  );

  assert.equal((await act('reopen', end)).state, 'open');
  const life = await act('verify', id);
  assert.equal(life.state, 'verifying');
  assert.equal(life.verification?.measured.requests, 0, 'measured from now on');
  assert.deepEqual(life.history.map(({ state }) => state).slice(-3), ['ignored', 'open', 'verifying']);
  assert.equal(await listOf(id), 'verifying');
  assert.equal((await act('reopen', id)).state, 'open');
});

test('a finding that there is not, that is not named, or that could be two: one sentence, and nothing is kept', async () => {
  const unknown = await ofRecording('ignore', 'no-such-finding');
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /There is no finding "no-such-finding".*wiretime findings --state all/);
  const unnamed = await ofRecording('verify');
  assert.equal(unnamed.code, 2);
  assert.match(unnamed.stderr, /wiretime findings verify ID/);
  const both = await ofRecording('ignore', 'n-plus-one');
  assert.equal(both.code, 1);
  assert.match(both.stderr, /"n-plus-one" could be n-plus-one-\w+, n-plus-one-\w+\./);
  assert.equal((await lists()).open.length, 2);
});

test('while wiretime runs on the recording it is asked, and keeps it', async () => {
  const store = await openStore(folder);
  const server = await startServer({ answers: createAnswers(store), port: 0 });
  let id = '';
  try {
    const asked = await findings('--state', 'all', '--json', '--url', server.url);
    id = (JSON.parse(asked.stdout) as FindingListsAnswer).lists.open[0]?.id ?? '';
    const { code, stdout, stderr } = await findings('ignore', id, '--url', server.url);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, `${id}: ignored\n`);
  } finally {
    await server.close();
    await store.close();
  }
  assert.equal(await listOf(id), 'ignored');
});
