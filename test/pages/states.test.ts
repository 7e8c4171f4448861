// The states that pages can be in, each brought about for real: by what is in the recording, by a recording that cannot be read, by a
// server that has ended. Nothing here answers in the store's place.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { buildUi } from '../../scripts/build-ui.ts';
import { createAnswers } from '../../src/answer/answers.ts';
import { startServer, type RunningServer } from '../../src/server/server.ts';
import { openStore } from '../../src/store/open.ts';
import type { Batch, Store } from '../../src/store/store.ts';
import {
  batchOf,
  categories,
  NOON_US,
  operation,
  phases,
  processRow,
  request,
  rollup,
  traceIdOf,
} from '../contracts/store-rows.ts';
import { browserMissing, counted, launchBrowser, openPage, plain } from './browser.ts';

/** Seven requests, one of which asked a service whose clock is 9 s late, and one that was under way at the end. */
function oddRecording(): Batch {
  const ids = [1, 2, 3, 4, 5, 6];
  const vector = categories({ own: 4000, db: 1000, http: 5000 });
  const time = { durationUs: 10_000, categories: vector };
  return batchOf({
    processes: [processRow({ id: 1 }), processRow({ id: 2, service: 'stock', host: 'other' })],
    requests: [
      ...ids.map((id) =>
        request({ ...time, id, atUs: NOON_US + id * 60_000, operationCount: 2, treeOperationCount: 2 }),
      ),
      request({
        id: 7,
        traceId: traceIdOf(1),
        parentOperation: 11,
        process: 2,
        service: 'stock',
        route: '/stock',
        atUs: NOON_US - 9_000_000,
        durationUs: 4000,
      }),
    ],
    operations: ids.flatMap((id) => [
      operation({
        id: id * 10,
        request: id,
        atUs: NOON_US + id * 60_000,
        durationUs: 1000,
        outcome: id === 6 ? 'unfinished' : 'ok',
      }),
      operation({
        id: id * 10 + 1,
        request: id,
        atUs: NOON_US + id * 60_000 + 2000,
        protocol: 'http',
        category: 'http',
        statement: 'GET /prices',
        dependency: 'prices',
        phases: phases({ wait: 5000 }),
      }),
    ]),
    rollups: [
      rollup({ count: 6, totalUs: 6000, exclusiveUs: 6000 }),
      rollup({
        protocol: 'http',
        category: 'http',
        statement: 'GET /prices',
        dependency: 'prices',
        count: 6,
        totalUs: 30_000,
        exclusiveUs: 30_000,
        phases: phases({ wait: 30_000 }),
      }),
    ],
    counters: [{ process: 1, name: 'records.droppedByAgent', value: 3 }],
  });
}

describe('states', { skip: browserMissing() }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'wiretime-states-'));
  let store: Store;
  let server: RunningServer;
  let browser: Browser;
  const serve = (over: Store, port = 0) =>
    startServer({ answers: createAnswers(over), port, uiFolder: join(folder, 'ui') });

  before(async () => {
    await buildUi(join(folder, 'ui'));
    store = await openStore(join(folder, 'odd'));
    await store.append(oddRecording());
    server = await serve(store);
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    await server.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const textOf = async (path: string, selector: string): Promise<string> => {
    await using watched = await openPage(browser, server.url + path);
    const place = watched.page.locator(selector).first();
    await place.waitFor();
    return plain(await place.textContent());
  };

  test('an empty recording is ready, and turns into Home with the first request', async () => {
    const empty = await openStore(join(folder, 'empty'));
    const other = await serve(empty);
    try {
      await using watched = await openPage(browser, other.url);
      assert.match(plain(await watched.page.locator('h1').textContent()), /^Ready/);
      await empty.append(oddRecording());
      await watched.page.reload();
      await watched.page.locator('.category-key').waitFor();
    } finally {
      await other.close();
      await empty.close();
    }
  });

  test('a range without requests says when the last one was, and leads there', async () => {
    await using watched = await openPage(
      browser,
      `${server.url}/?range=2026-11-24T10:00:00Z..2026-11-24T10:15:00Z`,
    );
    const { page } = watched;
    assert.match(
      plain(await page.locator('h1').textContent()),
      /^No requests between .* The last one was at /,
    );
    await page.getByRole('button', { name: 'Show the whole recording' }).click();
    await page.locator('.category-key').waitFor();
    watched.check();
  });

  test('few requests: percentiles that would say nothing are n/a, with the reason', async () => {
    await using watched = await openPage(browser, server.url);
    const cell = watched.page.locator('.endpoints tbody tr').first().locator('td').nth(3);
    assert.equal(plain(await cell.textContent()), 'n/a');
    assert.match((await cell.locator('[title]').first().getAttribute('title')) ?? '', /p95 needs 100/);
  });

  test('dropped records, a service that is not traced, and no finding are said on Home', async () => {
    await using watched = await openPage(browser, server.url);
    const notices = (await watched.page.locator('.notice').allTextContents()).map(plain);
    assert.ok(
      notices.some((text) => /20\.0% of what the agents saw was dropped under load/.test(text)),
      notices.join('\n'),
    );
    assert.ok(
      notices.some((text) => /prices is called but not traced/.test(text)),
      notices.join('\n'),
    );
    await watched.page.locator('.findings .note').waitFor();
    watched.check();
  });

  test('a clock that was set back: requests from the future are shown, and said to be', async () => {
    await using watched = await openPage(browser, `${server.url}/`);
    const { page } = watched;
    await page.locator('.brackets').waitFor();
    assert.equal(await page.getByText('a clock was set back').count(), 0);
    await page.clock.setFixedTime(NOON_US / 1000 - 3_600_000);
    await page.reload();
    await page.getByText('a clock was set back').waitFor();
    watched.check();
  });

  test('clocks that differ, and a call that did not finish, are said in the trace', async () => {
    assert.match(
      await textOf(`/trace/${traceIdOf(1)}`, '.remarks'),
      /The clock of stock was adjusted by 9\.\d+ s/,
    );
    assert.match(
      await textOf(`/trace/${traceIdOf(6)}`, '.remarks'),
      /1 operation did not finish while watched/,
    );
  });

  test('a filter that nothing matches is repeated, and cleared by one key', async () => {
    await using watched = await openPage(browser, `${server.url}/traces?q=status:5xx`);
    const { page } = watched;
    await page.getByText('status:5xx').first().waitFor();
    assert.equal(await page.locator('.list tbody tr').count(), 0);
    await page.keyboard.press('Escape');
    await page.locator('.list tbody tr').first().waitFor();
    await counted(page.locator('.list tbody tr'), 6);
  });

  test('a recording that cannot be read any more: the page says why, keeps the rest, and asks again', async () => {
    const closed = await openStore(join(folder, 'closed'));
    await closed.append(oddRecording());
    const other = await serve(closed);
    try {
      await using watched = await openPage(browser, other.url);
      await closed.close();
      await watched.page.getByRole('link', { name: 'Map' }).first().click();
      const alert = watched.page.getByRole('alert');
      await alert.waitFor();
      assert.match(
        plain(await alert.textContent()),
        /The map did not come\. .*the store is closed.*Try again/,
      );
    } finally {
      await other.close();
    }
  });

  test('wiretime ends: what is there stays, with since when; it comes back by itself', async () => {
    const other = await serve(store);
    await using watched = await openPage(browser, other.url);
    await watched.page.locator('.category-key').waitFor();
    await other.close();
    await watched.page.getByText('No connection to wiretime').waitFor();
    assert.ok(await watched.page.locator('.category-key').isVisible());
    const back = await serve(store, other.port);
    await watched.page.getByText('No connection to wiretime').waitFor({ state: 'detached' });
    await back.close();
  });
});
