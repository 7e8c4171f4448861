// What others wrote is shown, never obeyed: markup, other writing directions, control characters, and texts that are far too long.

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
import { traceIdOf } from '../contracts/store-rows.ts';
import { browserMissing, launchBrowser, openPage, type View } from './browser.ts';
import { fullRecording } from './recording.ts';

const MARKUP = '"><img src=x onerror="document.title=1"><script>document.title=2</script>';
const BIDI = '\u202eשלום \u2067עולם\u0000\u001b[31m 👩‍👩‍👧‍👦';
const LONG = 'x'.repeat(1500);
const STATEMENT = `SELECT ${MARKUP} ${BIDI} ${'column_name, '.repeat(8000)} FROM products`;

/** The full recording with hostile texts in every field. */
function hostileRecording(): Batch {
  const batch = fullRecording();
  const service = (name: string) => `${name}${MARKUP}${BIDI}`;
  const route = (text: string) => `${text}/${MARKUP}/${BIDI}/${LONG}`;
  const place = {
    statement: STATEMENT,
    dependency: `Postgres ${MARKUP}${BIDI}`,
    callSite: `${LONG}${MARKUP}.js:1:1`,
  };
  return {
    ...batch,
    processes: batch.processes.map((row) => ({ ...row, service: service(row.service) })),
    requests: batch.requests.map((row) => ({
      ...row,
      service: service(row.service),
      route: route(row.route),
    })),
    operations: batch.operations.map((row) => ({ ...row, ...place, service: service(row.service) })),
    rollups: batch.rollups.map((row, index) => ({
      ...row,
      ...place,
      service: service(row.service),
      route: route(row.route),
      // Rows of one key would be one: the texts before are all that told them apart.
      minute: row.minute + index,
    })),
  };
}

const VIEWS: readonly View[] = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

describe('hostile texts', { skip: browserMissing() }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'wiretime-hostile-'));
  let store: Store;
  let server: RunningServer;
  let browser: Browser;
  let finding = '';

  before(async () => {
    store = await openStore(folder);
    await store.append(hostileRecording());
    await buildUi(join(folder, 'ui'));
    const answers = createAnswers(store);
    finding = (await answers.findings({})).findings[0]?.id ?? '';
    server = await startServer({ answers, port: 0, uiFolder: join(folder, 'ui') });
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    await server.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('every page shows them, runs nothing of them, and keeps its width', async () => {
    assert.notEqual(finding, '');
    const wide: string[] = [];
    for (const view of VIEWS)
      for (const [path, ready] of [
        ['/', '.category-key'],
        ['/findings', '.finding-list'],
        [`/finding/${finding}`, '.finding-columns'],
        ['/traces', '.list tbody tr'],
        [`/trace/${traceIdOf(100)}`, '.row'],
        ['/connections', '.pools'],
        ['/map', '.map-stage'],
      ] as const) {
        await using watched = await openPage(browser, server.url + path, view);
        const { page } = watched;
        await page.locator(ready).first().waitFor();
        assert.match(await page.title(), /wiretime$/, path);
        assert.equal(await page.locator('main img, main script').count(), 0, path);
        const width = await watched.measure('scrollWidth');
        if (width !== view.width) wide.push(`${path} at ${view.width}: ${width}`);
        watched.check();
      }
    assert.deepEqual(wide, []);
  });

  test('from Home to the endpoint by its link: a route may hold anything', async () => {
    await using watched = await openPage(browser, server.url);
    const { page } = watched;
    await page.locator('.endpoints tbody a').first().click();
    await page.locator('.differences').waitFor();
    assert.ok((await page.locator('h1').textContent())?.includes(MARKUP));
    assert.equal(await watched.measure('scrollWidth'), 1440);
    await page.reload();
    await page.locator('.differences').waitFor();
    watched.check();
  });
});
