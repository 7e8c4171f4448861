// The pages over a real store: what was appended is what the browser shows, and what the API says.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildUi } from '../../scripts/build-ui.ts';
import { createAnswers } from '../../src/answer/answers.ts';
import type { HomeAnswer, TraceAnswer } from '../../src/answer/api.ts';
import { formatDuration, formatShare } from '../../src/base/numbers.ts';
import { startServer } from '../../src/server/server.ts';
import { openStore } from '../../src/store/open.ts';
import type { Batch } from '../../src/store/store.ts';
import {
  batchOf,
  categories,
  NOON_US,
  operation,
  phases,
  processRow,
  request,
  traceIdOf,
} from '../contracts/store-rows.ts';
import { browserMissing, counted, launchBrowser, openPage, plain } from './browser.ts';

/** 40 requests of 1 to 40 ms, each with five equal queries, the first of which waited for the pool. */
function recording(): Batch {
  const numbers = Array.from({ length: 40 }, (_, index) => index + 1);
  return batchOf({
    processes: [processRow({ id: 1 })],
    requests: numbers.map((id) =>
      request({
        id,
        atUs: NOON_US + id * 1_000_000,
        durationUs: 1000 * id,
        categories: categories({ own: 500 * id, pool: 100 * id, db: 400 * id }),
        operationCount: 5,
        treeOperationCount: 5,
      }),
    ),
    operations: numbers.flatMap((id) =>
      [0, 1, 2, 3, 4].map((nth) =>
        operation({
          id: id * 10 + nth,
          request: id,
          atUs: NOON_US + id * 1_000_000 + nth * 150 * id + (nth > 0 ? 100 * id : 0),
          phases: phases(nth === 0 ? { pool: 100 * id, wait: 80 * id } : { wait: 80 * id }),
        }),
      ),
    ),
  });
}

test('pages over a real store', { skip: browserMissing() }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wiretime-store-pages-'));
  const store = await openStore(folder);
  await store.append(recording());
  await buildUi(join(folder, 'ui'));
  const server = await startServer({ answers: createAnswers(store), port: 0, uiFolder: join(folder, 'ui') });
  const browser = await launchBrowser();
  try {
    const home = (await (await fetch(`${server.url}/api/home`)).json()) as HomeAnswer;
    assert.equal(home.requests, 40);
    assert.equal(home.totalUs, 820_000);
    assert.deepEqual(
      home.duration,
      { meanUs: 20_500, p50Us: 20_000, maxUs: 40_000 },
      'p95 of 40 requests is not said',
    );
    await using first = await openPage(browser, server.url);
    const { page } = first;
    const key = (await page.locator('.category-key li').allTextContents()).map(plain);
    const shown = home.categories.filter(({ us }) => us > 0);
    assert.deepEqual(
      key.map((text) => /(\d+\.\d%) (.+)$/.exec(text)?.slice(1)),
      shown.map(({ us, share }) => [formatShare(share), plain(formatDuration(us))]),
    );
    await page.locator('.endpoints tbody a').first().click();
    await page.getByRole('link', { name: 'all ›' }).click();
    await page.locator('.list tbody tr').first().waitFor();
    await counted(page.locator('.list tbody tr'), 40);
    await page.locator('.list tbody a').first().click();
    await page.locator('.row').first().waitFor();
    const trace = (await (await fetch(`${server.url}/api/trace/${traceIdOf(40)}`)).json()) as TraceAnswer;
    assert.equal(trace.durationUs, 40_000);
    assert.equal(
      trace.categories.reduce((sum, us) => sum + us, 0),
      trace.durationUs,
    );
    assert.equal(plain(await page.locator('.facts-line b').textContent()), '40.0 ms');
    assert.match(plain(await page.locator('.row').nth(1).textContent()), /× 5/);
    first.check();
  } finally {
    await browser.close();
    await server.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
