// `npx tsx scripts/pictures.ts [--data FOLDER]`: the pictures of the README, from a recording of the demo (`npm run demo -- --seconds 120`).
// In: a recording, the built pages, Chromium. Out: docs/images/.

import { Command } from 'commander';
import type { Browser } from 'playwright-core';
import { createAnswers } from '../src/answer/answers.ts';
import { startServer } from '../src/server/server.ts';
import { openStore } from '../src/store/open.ts';
import { ensureBrowser } from './browser.ts';
import { launchBrowser, openPage } from '../test/pages/browser.ts';

const VIEW = { width: 1440, height: 900 };
const ENDPOINT = 'endpoint:"GET /api/cart/*"';
/** A loop is in it, and it still fits on the screen. */
const OPERATIONS = { least: 20, most: 60 } as const;

async function picture(browser: Browser, url: string, ready: string, file: string): Promise<void> {
  await using watched = await openPage(browser, `${url}${url.includes('?') ? '&' : '?'}theme=light`, VIEW);
  await watched.page.locator(ready).first().waitFor();
  await watched.page.evaluate(() =>
    (globalThis as unknown as Fonts).document.fonts.ready.then(() => undefined),
  );
  await watched.page.screenshot({ path: `docs/images/${file}` });
  watched.check();
  console.log(`docs/images/${file}`);
}

/** What is used of a page; the types of this project have no DOM. */
interface Fonts {
  readonly document: { readonly fonts: { readonly ready: Promise<unknown> } };
}

const { data } = new Command('pictures')
  .option('--data <folder>', 'a recording of the demo', '.wiretime/demo')
  .parse()
  .opts<{ data: string }>();

const store = await openStore(data);
const answers = createAnswers(store, undefined, { project: 'shop' });
const server = await startServer({ answers, port: 0 });
await ensureBrowser(console.error);
const browser = await launchBrowser();
try {
  // Home shows them at once when they are there.
  await answers.findings({}, true);
  const { traces } = await answers.traces({ q: ENDPOINT, limit: 500 });
  const shown = traces.filter(
    ({ operations }) => operations >= OPERATIONS.least && operations <= OPERATIONS.most,
  );
  const trace = shown[shown.length >> 1];
  if (trace === undefined)
    throw new Error(`${data} has no request like ${ENDPOINT}: is it a recording of the demo?`);
  await picture(browser, server.url, '.findings li', 'home-light.png');
  await picture(browser, `${server.url}/trace/${trace.traceId}`, '.row', 'trace-light.png');
} finally {
  await browser.close();
  await server.close();
  await store.close();
}
