// `npm run bench:page [-- --operations N] [--no-live] [--json FILE]`: how fast the pages are over a large recording, in headless Chromium.
// In: a generated recording. Out: a table, and JSON; exit 1 when a budget is missed. Fails when the work was not done.

import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { gzipSync } from 'node:zlib';
import { Command } from 'commander';
import type { Browser, Page } from 'playwright-core';
import { createAnswers } from '../src/answer/answers.ts';
import { askFirstQuestions } from '../src/answer/first-questions.ts';
import { rememberedStore } from '../src/answer/remembered-store.ts';
import { startServer } from '../src/server/server.ts';
import { openStore } from '../src/store/open.ts';
import { ensureBrowser } from '../scripts/browser.ts';
import { launchBrowser, openPage } from '../test/pages/browser.ts';
import { LARGE_TRACES, recordingWith } from './page/recording.ts';

const RUNS = 5;
const FRAMES = 60;
/** An hour of live mode, a tick a second, in a minute: each does all that a tick does. */
const TICKS = 3600;
const TICK_MS = 1000 / 60;
/** Tenths of the hour after which memory is looked at: what is kept for good is there with the first. */
const LOOKS = [0.1, 0.4, 0.7, 1] as const;

interface Result {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly budget: number | undefined;
}

const {
  operations,
  folder: cache,
  live: hasLive,
  json,
} = new Command('npm run bench:page --')
  .option('--operations <n>', 'operations of the recording', '10000000')
  .option('--folder <dir>', 'where recordings are kept')
  .option('--no-live', 'without the hour of live mode, which takes a minute')
  .option('--json <file>', 'the results as JSON')
  .parse()
  .opts<{ operations: string; folder?: string; live: boolean; json?: string }>();

/** What is used of a page's document; the types of this project have no DOM. */
interface Selectable {
  querySelector(selector: string): unknown;
}

const results: Result[] = [];

function note(name: string, value: number, unit: string, budget?: number): void {
  results.push({ name, value, unit, budget });
  const limit = budget === undefined ? '' : `   budget ${budget}${value > budget ? '   MISSED' : ''}`;
  console.log(`${name.padEnd(46)} ${value.toFixed(1).padStart(9)} ${unit.padEnd(4)}${limit}`);
}

function check(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(`bench:page did not measure what it should: ${what}`);
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

const paintAt = (page: Page) =>
  page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN);

/** ms from the start of the navigation until `selector` is there, and drawn. */
async function shownAt(page: Page, url: string, selector: string): Promise<number> {
  await page.goto(url, { waitUntil: 'commit' });
  // A function, not text: the pages' own policy forbids eval.
  const handle = await page.waitForFunction(
    (wanted) => {
      const { document } = globalThis as unknown as { readonly document: Selectable };
      return document.querySelector(wanted) === null ? false : performance.now();
    },
    selector,
    { polling: 'raf', timeout: 60_000 },
  );
  return Number(await handle.jsonValue());
}

async function firstLoad(browser: Browser, url: string): Promise<void> {
  const paints: number[] = [];
  const complete: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    const bodies: Promise<Buffer>[] = [];
    page.on('response', (response) => {
      if (/\.(js|css)$|\/$/.test(new URL(response.url()).pathname)) bodies.push(response.body());
    });
    complete.push(await shownAt(page, url, 'table tbody tr:nth-child(10)'));
    paints.push(await paintAt(page));
    if (run === 0) {
      const sizes = (await Promise.all(bodies)).map((body) => gzipSync(body).length);
      check(sizes.length >= 3, 'scripts and styles');
      note('first load: page, scripts, styles, gzip', sizes.reduce((a, b) => a + b, 0) / 1024, 'KB', 150);
    }
    await context.close();
  }
  note('Home, first visit: first paint', paints[0] ?? Number.NaN, 'ms');
  note('Home, first visit: endpoints shown', complete[0] ?? Number.NaN, 'ms');
  note('Home: first paint (median)', quantile(paints, 0.5), 'ms', 200);
  note('Home: endpoints shown (median)', quantile(complete, 0.5), 'ms', 500);
}

async function trace(browser: Browser, url: string, large: (typeof LARGE_TRACES)[number]): Promise<void> {
  const name = `trace of ${large.operations} operations`;
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  note(`${name}: open`, await shownAt(page, `${url}/trace/${large.traceId}?open=all`, '.row'), 'ms', 2000);
  await context.close();
  await using watched = await openPage(browser, `${url}/trace/${large.traceId}?open=all`);
  const first = await watched.page.evaluate<number[]>(FRAMES_WHILE_SCROLLING);
  note(`${name}: scroll at once, whole frame p95`, quantile(first, 0.95), 'ms');
  await watched.page.evaluate(FINDINGS_KNOWN);
  const frames = await watched.page.evaluate<number[]>(FRAMES_WHILE_SCROLLING);
  const scrolling = await watched.measure('scrollFrames', FRAMES, 700);
  check(scrolling.length >= FRAMES / 2, `${scrolling.length} frames drawn while scrolling`);
  note(`${name}: scroll, drawing p50`, quantile(scrolling, 0.5), 'ms');
  note(`${name}: scroll, drawing p95`, quantile(scrolling, 0.95), 'ms', 16);
  note(`${name}: scroll, whole frame p50`, quantile(frames, 0.5), 'ms');
  note(`${name}: scroll, whole frame p95`, quantile(frames, 0.95), 'ms', 16);
  await watched.page.evaluate(() => performance.clearMeasures());
  for (let step = 0; step < FRAMES / 2; step++) {
    await watched.page.keyboard.press(step % 10 < 7 ? 'w' : 's');
    // Keys that come faster than frames share one.
    await watched.page.evaluate(NEXT_FRAME);
  }
  const zooming = await watched.page.evaluate(() =>
    performance.getEntriesByName('wiretime-frame').map(({ duration }) => duration),
  );
  check(zooming.length >= 10, `${zooming.length} frames drawn while zooming`);
  note(`${name}: zoom, drawing p95`, quantile(zooming, 0.95), 'ms', 16);
}

/**
 * Runs in the page: how long the page works on a frame, from the scroll to what is handed over to be put on the screen (rows, styles, layout,
 * bars, paint). Putting it there is the browser's: without a graphics card, as here, it takes longer than all else, on any page.
 */
const FRAMES_WHILE_SCROLLING = `(async () => {
  const { port1, port2 } = new MessageChannel();
  const scroller = document.querySelector('.scroller');
  let started = 0;
  // The first to hear of it: rows are made in the same event.
  addEventListener('scroll', () => (started = performance.now()), { capture: true });
  const times = [];
  for (let frame = 0; frame < ${FRAMES}; frame++) {
    scroller.scrollBy(0, 700);
    times.push(await new Promise((resolve) => requestAnimationFrame(() => {
      port1.onmessage = () => resolve(performance.now() - started);
      // It comes when this frame is done.
      port2.postMessage(0);
    })));
  }
  return times;
})()`;
/**
 * The first page that is opened makes the server look for findings, on the same cores: which of the two traces is first has slower frames
 * until that is done. Budgets are for a server that waits; what it is before is told beside it.
 */
const FINDINGS_KNOWN = `fetch('/api/findings?range=').then((answer) => answer.text()).then(() => {
  document.querySelector('.scroller').scrollTo(0, 0);
})`;
const NEXT_FRAME = 'new Promise((resolve) => requestAnimationFrame(() => resolve(performance.now())))';

/** From a key to the results that it leaves, after the first answer is there. */
async function search(browser: Browser, url: string): Promise<void> {
  await using watched = await openPage(browser, url);
  const { page } = watched;
  await page.keyboard.press('/');
  await page.locator('[role="option"]').first().waitFor();
  const times: number[] = [];
  for (const key of 'thing1') {
    const before = await page.evaluate(() => performance.now());
    await page.keyboard.press(key);
    const after = await page.evaluate<number>(NEXT_FRAME);
    times.push(after - before);
  }
  check((await page.locator('[role="option"]').count()) > 0, 'search found something');
  note('search: key to results p95, with the driver', quantile(times, 0.95), 'ms', 50);
}

/** Text: what compiles this file would add names that a page does not have. */
const FAST_EVENTS = `globalThis.EventSource = class extends EventTarget {
  timer = setInterval(() => this.dispatchEvent(new Event('data')), ${TICK_MS});
  close() { clearInterval(this.timer); }
};`;

/** Ticks come faster than in life, and each gets the answer of Home at once: what stays in memory does not depend on either. */
async function live(browser: Browser, url: string): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const home = await (await fetch(`${url}/api/home?range=all`)).text();
  let asked = 0;
  await page.route('**/api/home?*', (route) => {
    asked++;
    return route.fulfill({ body: home, contentType: 'application/json' });
  });
  await page.addInitScript({ content: FAST_EVENTS });
  await page.goto(url);
  await page.locator('h1').first().waitFor();
  const session = await context.newCDPSession(page);
  const look = async () => {
    await session.send('HeapProfiler.collectGarbage');
    const { nodes, jsEventListeners } = await session.send('Memory.getDOMCounters');
    return { heapMb: (await session.send('Runtime.getHeapUsage')).usedSize / 1e6, nodes, jsEventListeners };
  };
  const looks = [];
  for (const part of LOOKS) {
    await ticks(page, () => asked, TICKS * part);
    looks.push(await look());
  }
  const [first, last] = [looks[0], looks.at(-1)];
  check(first !== undefined && last !== undefined, 'memory');
  note(`live: heap after an hour, ${TICKS} ticks`, last?.heapMb ?? Number.NaN, 'MB', 50);
  note('live: heap gained since the first tenth', (last?.heapMb ?? 0) - (first?.heapMb ?? 0), 'MB', 1);
  note('live: elements gained', (last?.nodes ?? 0) - (first?.nodes ?? 0), '', 0);
  note('live: listeners gained', (last?.jsEventListeners ?? 0) - (first?.jsEventListeners ?? 0), '', 0);
  await context.close();
}

async function ticks(page: Page, asked: () => number, wanted: number): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (asked() < wanted) {
    check(performance.now() < deadline, `${asked()} of ${wanted} ticks`);
    await page.waitForTimeout(50);
  }
}

const folder = await recordingWith(Number(operations), (line) => console.error(line), cache);
const store = await openStore(folder);
// As `wiretime open` serves it.
const answers = createAnswers(rememberedStore(store));
const server = await startServer({ answers, port: 0 });
void askFirstQuestions(answers);
await ensureBrowser(console.error);
const browser = await launchBrowser();
const conditions = `${operations} operations, Node ${process.version}, Chromium ${browser.version()}, ${cpus().length} × ${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)}`;
console.log(conditions);
try {
  await firstLoad(browser, server.url);
  for (const large of LARGE_TRACES) await trace(browser, server.url, large);
  await search(browser, server.url);
  if (hasLive) await live(browser, server.url);
} finally {
  await browser.close();
  await server.close();
  await store.close();
}
if (json !== undefined) writeFileSync(json, `${JSON.stringify({ conditions, results }, undefined, 2)}\n`);
process.exitCode = results.some(({ value, budget }) => budget !== undefined && value > budget) ? 1 : 0;
