// Every section over a real store: what is shown is what the answers say; by keyboard, in both themes, at three widths, and with
// axe-core finding nothing.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { buildUi } from '../../scripts/build-ui.ts';
import { createAnswers } from '../../src/answer/answers.ts';
import type {
  EndpointAnswer,
  FindingListsAnswer,
  FindingsAnswer,
  MapAnswer,
  OperationAnswer,
  PoolAnswer,
  PoolWindowAnswer,
  TraceAnswer,
  TracesAnswer,
  WhatIfAnswer,
} from '../../src/answer/api.ts';
import { formatCount, formatDuration, formatShare, formatSignedShare } from '../../src/base/numbers.ts';
import { startServer, type RunningServer } from '../../src/server/server.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { traceIdOf } from '../contracts/store-rows.ts';
import {
  becomes,
  browserMissing,
  counted,
  drawn,
  launchBrowser,
  openPage,
  plain,
  type View,
  type Watched,
} from './browser.ts';
import { fullRecording } from './recording.ts';

const ENDPOINT = '/endpoint/gateway/GET/api/cart/:id';
const PAGES = [
  ['home', '/', '.category-key'],
  ['endpoint', ENDPOINT, '.differences'],
  ['traces', '/traces', '.list tbody tr'],
  ['trace', `/trace/${traceIdOf(100)}`, '.row'],
  ['connections', '/connections', '.lanes-chart'],
  ['connections-churn', '/connections/gateway/payments.example', '.lanes-chart'],
  ['map', '/map', '.map-stage'],
] as const;
const VIEWS: readonly View[] = [
  { width: 1440, height: 1000 },
  { width: 1024, height: 900 },
  { width: 390, height: 844 },
];
/** What is used of a page's parser; the types of this project have no DOM. */
interface Parser {
  parseFromString(
    text: string,
    type: string,
  ): {
    querySelector(selector: string): unknown;
    querySelectorAll(selector: string): { readonly length: number };
  };
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe('sections', { skip: browserMissing() }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'wiretime-sections-'));
  let store: Store;
  let server: RunningServer;
  let browser: Browser;

  before(async () => {
    store = await openStore(folder);
    await store.append(fullRecording());
    await buildUi(join(folder, 'ui'));
    server = await startServer({ answers: createAnswers(store), port: 0, uiFolder: join(folder, 'ui') });
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    await server.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = (path: string, view?: View) => openPage(browser, server.url + path, view);
  const ask = async <T>(path: string): Promise<T> => (await (await fetch(server.url + path)).json()) as T;

  test('axe-core finds nothing on any page, in both themes', async () => {
    for (const theme of ['light', 'dark'])
      for (const [name, path, ready] of PAGES) {
        await using watched = await open(`${path}?theme=${theme}`);
        await watched.page.locator(ready).first().waitFor();
        assert.deepEqual(await violations(watched), [], `${name} ${theme}`);
        watched.check();
      }
  });

  test('axe-core finds nothing in search, help, tables and a broken filter', async () => {
    for (const [path, keys] of [
      ['/', ['/']],
      ['/', ['?']],
      [`${ENDPOINT}?as=table`, []],
      ['/connections?as=table', []],
      ['/traces?q=colour:red', ['j', 'x', 'j', 'x']],
    ] as const) {
      await using watched = await open(path);
      for (const key of keys) await watched.page.keyboard.press(key);
      if (path === '/') await watched.page.getByRole('dialog').waitFor();
      assert.deepEqual(await violations(watched), [], `${path} ${keys.join()}`);
    }
  });

  test('no sideways scrolling, no cut numbers, enough contrast: every page, three widths, both themes', async () => {
    const shots = process.env['WIRETIME_SHOTS'];
    for (const view of VIEWS)
      for (const theme of ['light', 'dark'])
        for (const [name, path, ready] of PAGES) {
          await using watched = await open(`${path}?theme=${theme}`, view);
          await watched.page.locator(ready).first().waitFor();
          await watched.measure('fontsReady');
          assert.equal(await watched.measure('scrollWidth'), view.width, `${name} ${view.width} ${theme}`);
          assert.equal(await watched.measure('cutNumbers'), 0, `${name} ${view.width}: cut numbers`);
          if (shots !== undefined)
            writeFileSync(join(shots, `${name}-${view.width}-${theme}.png`), await watched.page.screenshot());
          watched.check();
        }
  });

  test('forced colours and more contrast: charts are drawn, bars keep their fills, nothing complains', async () => {
    for (const [path, ready, chart] of [
      ['/', '.category-key', undefined],
      [ENDPOINT, '.differences', '.brush'],
      [`/trace/${traceIdOf(100)}`, '.row', '.rows > canvas'],
      ['/connections', '.lanes-chart', '.lanes'],
    ] as const) {
      await using watched = await open('/map');
      const { page } = watched;
      await page.emulateMedia({ forcedColors: 'active', contrast: 'more', reducedMotion: 'reduce' });
      await page.goto(server.url + path);
      await page.locator(ready).first().waitFor();
      if (chart !== undefined) await drawn(watched, chart, 500);
      if (path === '/') {
        const fills: unknown = await page.evaluate(
          `[...document.querySelectorAll('.stack.big > i')].map((bar) => getComputedStyle(bar).backgroundColor + getComputedStyle(bar).backgroundImage)`,
        );
        assert.ok(Array.isArray(fills) && new Set(fills).size > 2, String(fills));
      }
      assert.deepEqual(await violations(watched), [], path);
      watched.check();
    }
  });

  test('an endpoint: its numbers, a comparison that adds up, and the way to its traces', async () => {
    const answer = await ask<EndpointAnswer>('/api/endpoint?service=gateway&method=GET&route=/api/cart/:id');
    await using watched = await open(ENDPOINT);
    const { page } = watched;
    await page.locator('.differences').waitFor();
    assert.equal(plain(await page.locator('h1').textContent()), 'GET/api/cart/:id');
    const figures = (await page.locator('.figures dd').allTextContents()).map(plain);
    assert.equal(figures[1], plain(formatDuration(answer.duration.p50Us ?? 0)));
    assert.equal(figures[4], formatShare(answer.share));
    assert.match(plain(await page.locator('.answer').textContent()), /more waiting for a free connection/);
    await drawn(watched, '.brush', 5000);
    const spent = (
      await page.locator('.differences tbody tr:not(.sum) td:nth-child(3)').allTextContents()
    ).map(ms);
    const bar = ms((await page.locator('.compared > b').nth(1).textContent()) ?? '');
    assert.ok(
      Math.abs(spent.reduce((sum, value) => sum + value, 0) - bar) < 0.2,
      `${spent.join()} of ${bar}`,
    );
    const [first = ''] = await page.locator('.call-table tbody tr').allTextContents();
    assert.match(plain(first), /^GET \/api\/cart\/:idgateway/);
    await page.getByRole('link', { name: 'all ›' }).click();
    await page.locator('.list tbody tr').first().waitFor();
    watched.check();
  });

  test('a brush by pointer and by keyboard; the address keeps it; escape undoes it', async () => {
    await using watched = await open(ENDPOINT);
    const { page } = watched;
    await page.locator('.differences').waitFor();
    await drawn(watched, '.brush', 5000);
    const box = await page.locator('.brush').boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + 120, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + 320, box.y + 200, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/sel=\d+%2C\d+%2C\d+%2C\d+/);
    const who = page.locator('.compared .who').nth(1);
    const brushed = plain(await who.textContent());
    assert.match(brushed, /^Selected\d+ requests$/);
    await page.reload();
    await page.locator('.differences').waitFor();
    assert.equal(plain(await who.textContent()), brushed);
    await page.locator('.brush').focus();
    for (let press = 0; press < 12; press++) await page.keyboard.press('ArrowRight');
    assert.notEqual(plain(await who.textContent()), brushed);
    await page.keyboard.press('Escape');
    await page.waitForURL((url) => !url.searchParams.has('sel'));
    assert.match(plain(await who.textContent()), /^Slow\d+ from p95 up$/);
    await page.keyboard.press('t');
    await counted(page.locator('.latency tbody tr'), 12);
    watched.check();
  });

  test('along the time axis the range is narrowed; escape and Back undo it; the numbers are those of the API', async () => {
    await using watched = await open(ENDPOINT);
    const { page } = watched;
    // The second figure is p50.
    const p50 = page.locator('.figures dd').nth(1);
    const all = plain(await p50.textContent());
    const drag = async () => {
      await drawn(watched, '.brush', 5000);
      const box = await page.locator('.brush').boundingBox();
      assert.ok(box);
      await page.mouse.move(box.x + 150, box.y + box.height - 6);
      await page.mouse.down();
      await page.mouse.move(box.x + 330, box.y + box.height - 6, { steps: 4 });
      await page.mouse.up();
      await page.waitForURL(/range=[^&]+Z\.\.[^&]+Z/);
    };
    const becomesAll = () => becomes('all of it', async () => plain(await p50.textContent()) === all);
    await drag();
    const range = new URL(page.url()).searchParams.get('range') ?? '';
    const query = new URLSearchParams({ service: 'gateway', method: 'GET', route: '/api/cart/:id', range });
    const narrowed = await ask<EndpointAnswer>(`/api/endpoint?${query}`);
    const wanted = plain(formatDuration(narrowed.duration.p50Us ?? 0));
    assert.notEqual(wanted, all);
    await becomes('narrowed', async () => plain(await p50.textContent()) === wanted);
    await page.keyboard.press('Escape');
    await becomesAll();
    await drag();
    await page.goBack();
    await becomesAll();
    watched.check();
  });

  test('two times are chosen by keyboard, said in the bar, and kept in the address', async () => {
    await using watched = await open('/');
    const { page } = watched;
    const choice = page.getByRole('combobox', { name: 'Time range' });
    await choice.selectOption('custom');
    const dialog = page.getByRole('dialog', { name: 'Time range' });
    await becomes('focus', () => watched.measure('focusIsIn', '.two-times input'));
    await dialog.getByLabel('From').fill('2025-03-04T12:00:10');
    await dialog.getByLabel('to').fill('2025-03-04T12:00:05');
    assert.ok(await dialog.getByRole('button', { name: 'Show' }).isDisabled());
    await dialog.getByLabel('to').fill('2025-03-04T12:01:00');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    const range = new URL(page.url()).searchParams.get('range') ?? '';
    assert.match(range, /^2025-03-0[345]T\d\d:00:10Z\.\.2025-03-0[345]T\d\d:01:00Z$/);
    assert.match(plain(await choice.locator('option:checked').textContent()), /Mar 4, 12:00:10 – 12:01$/);
    await page.reload();
    await page.locator('h1').first().waitFor();
    assert.equal(await choice.inputValue(), range);
    watched.check();
  });

  test('a chart and the map as SVG: whole, drawable, without anything of the page', async () => {
    for (const [path, ready, texts] of [
      [ENDPOINT, '.brush', ['p95']],
      ['/map', '.map .node', ['Postgres', 'gateway']],
      [`/trace/${traceIdOf(100)}`, '.row', []],
    ] as const) {
      await using watched = await open(path);
      const { page } = watched;
      await page.locator(ready).first().waitFor();
      const saved = async (key: string) => {
        const download = page.waitForEvent('download');
        await page.keyboard.press(key);
        return readFileSync(await (await download).path());
      };
      const svg = (await saved('V')).toString();
      assert.match(svg, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="[1-9]/);
      for (const text of texts) assert.ok(svg.includes(text), `${path}: ${text}`);
      assert.ok(!svg.includes('var('), `${path}: colours by name`);
      const shapes = await page.evaluate((text) => {
        const { DOMParser } = globalThis as unknown as { readonly DOMParser: new () => Parser };
        const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
        return parsed.querySelector('parsererror') === null
          ? parsed.querySelectorAll('rect, path').length
          : -1;
      }, svg);
      assert.ok(shapes > 10, `${path}: ${shapes} shapes`);
      assert.equal((await saved('S')).subarray(1, 4).toString(), 'PNG');
      watched.check();
    }
  });

  test('a chart that is asked for before it was drawn is whole', async () => {
    await using watched = await open('/');
    const { page } = watched;
    await page.addInitScript('globalThis.ResizeObserver = class { observe() {} disconnect() {} };');
    await page.goto(`${server.url}${ENDPOINT}`);
    await page.locator('.brush').waitFor();
    const download = page.waitForEvent('download');
    await page.keyboard.press('V');
    const svg = readFileSync(await (await download).path()).toString();
    assert.match(svg, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="[1-9]/);
    assert.ok(svg.includes('p95'));
    watched.check();
  });

  test('traces: a filter is typed, completed, answered, and shared by the address', async () => {
    await using watched = await open('/traces');
    const { page } = watched;
    const field = page.getByRole('combobox', { name: 'Filter' });
    await field.click();
    await page.keyboard.type('err');
    await page.getByRole('option', { name: 'error:' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.type('yes');
    await page.waitForURL(/q=error%3Ayes/);
    const found = await ask<TracesAnswer>('/api/traces?q=error:yes');
    assert.equal(found.total, 4);
    await page.getByText('4 requests').waitFor();
    await counted(page.locator('.list tbody tr'), 4);
    await page.goto(`${server.url}/traces?q=duration:soon`);
    await page.getByText('duration: is like').waitFor();
    for (const [q, total] of [
      ['db:Postgres', 120],
      ['host:payments', 120],
      ['file:carts.js:41', 120],
      ['file:carts.js error:yes', 4],
      ['db:payments', 0],
    ] as const)
      assert.equal((await ask<TracesAnswer>(`/api/traces?q=${encodeURIComponent(q)}`)).total, total, q);
    await page.goto(`${server.url}/traces?q=service:nobody`);
    await page.getByText('No stored request matches').waitFor();
  });

  test('traces: rows name what they show, a link leads to it, and a filter finds the others', async () => {
    const [first] = (await ask<FindingsAnswer>('/api/findings')).findings;
    assert.ok(first);
    await using watched = await open(`/traces?q=${encodeURIComponent(`finding:${first.id}`)}`);
    const { page } = watched;
    const links = page.locator('.shown-findings a');
    await links.first().waitFor();
    await page
      .getByText(`${formatCount(first.evidence.requests)} requests`, { exact: false })
      .first()
      .waitFor();
    const answer = await ask<TracesAnswer>(`/api/traces?q=${encodeURIComponent(`finding:${first.id}`)}`);
    assert.equal(answer.total, first.evidence.requests);
    assert.ok(answer.traces.every(({ findings }) => findings.includes(first.id)));
    await links.first().click();
    await page.waitForURL(/\/finding\//);
    watched.check();
  });

  test('a trace names the findings that it is evidence of', async () => {
    const { findings } = await ask<FindingsAnswer>('/api/findings');
    const [first] = findings;
    assert.ok(first);
    await using watched = await open(`/trace/${first.evidence.traceIds[0]}`);
    const chips = watched.page.locator('.finding-chips a.chip');
    await chips.first().waitFor();
    const texts = (await chips.allTextContents()).map(plain);
    assert.ok(texts[0]?.endsWith(formatSignedShare(-first.share)), texts.join());
    await chips.first().click();
    await watched.page.waitForURL((url) => url.pathname === `/finding/${encodeURIComponent(first.id)}`);
    watched.check();
  });

  test('from a call to its pool then, and from a request to those that began meanwhile', async () => {
    await using watched = await open(`/trace/${traceIdOf(1000)}`);
    const { page } = watched;
    await page.locator('.row', { hasText: 'SELECT' }).click();
    await page.getByRole('link', { name: 'the pool then' }).click();
    await page.waitForURL(/\/connections\/cart\/Postgres\?.*w=\d+%2C\d+/);
    await drawn(watched, '.lanes', 1000);
    await page.goBack();
    await page.locator('.row').first().click();
    await page.getByRole('link', { name: 'requests that began in this time' }).click();
    const trace = await ask<TraceAnswer>(`/api/trace/${traceIdOf(1000)}`);
    const range = `from=${trace.at}&to=${trace.at + Math.ceil(trace.durationUs / 1000)}`;
    const { total } = await ask<TracesAnswer>(`/api/traces?${range}`);
    assert.ok(total > 1);
    await page
      .getByText(`${formatCount(total)} requests`)
      .first()
      .waitFor();
    watched.check();
  });

  test('two traces beside each other', async () => {
    await using watched = await open('/traces');
    const { page } = watched;
    await page.locator('.list tbody tr').first().waitFor();
    for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key);
    await page.locator('.compare-traces .differences').waitFor();
    await page.waitForURL(/compare=\w{32}%2C\w{32}/);
    await page.keyboard.press('Escape');
    await page.locator('.compare-traces').waitFor({ state: 'detached' });
    watched.check();
  });

  test('search finds an endpoint, a statement, a dependency and a trace, by keyboard alone', async () => {
    await using watched = await open('/');
    const { page } = watched;
    for (const [typed, address] of [
      ['api cart', /\/endpoint\/gateway\/GET\/api\/cart\/%3Aid/],
      ['from products', /\/endpoint\/cart\/GET\/carts\/%3Aid/],
      ['payments.ex', /\/connections\/gateway\/payments\.example/],
      [traceIdOf(100), new RegExp(`/trace/${traceIdOf(100)}`)],
      ['status:5xx', /\/traces\?q=status%3A5xx/],
    ] as const) {
      await page.keyboard.press('/');
      await page.getByRole('combobox', { name: 'Search' }).waitFor();
      await page.keyboard.type(typed);
      await page.getByRole('dialog').getByRole('option').first().waitFor();
      await page.keyboard.press('Enter');
      await page.waitForURL(address);
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    watched.check();
  });

  test('the map: widest link in the sentence, every link in the table', async () => {
    const answer = await ask<MapAnswer>('/api/map');
    await using watched = await open('/map');
    const { page } = watched;
    assert.equal(
      plain(await page.locator('h1').textContent()),
      plain(answer.sentence.map(({ text }) => text).join('')),
    );
    await counted(page.locator('.links tbody tr'), answer.links.length);
    assert.equal(answer.links.length, 3);
    for (const { totalUs, poolUs, setupUs, wireUs } of answer.links)
      assert.equal(poolUs + setupUs + wireUs, totalUs);
    await counted(page.locator('.map .node'), 4);
    await page.getByRole('link', { name: 'Postgres' }).first().click();
    await page.waitForURL(/\/connections/);
    watched.check();
  });

  test('connections: the starved pool first, its line and lanes, and by n to the next long wait', async () => {
    const answer = await ask<PoolAnswer>('/api/connections/pool?service=cart&dependency=Postgres');
    assert.equal(answer.row.verdict, 'starved');
    assert.equal(answer.row.connections, 2);
    assert.ok(answer.maxLine > 5);
    await using watched = await open('/connections');
    const { page } = watched;
    await page.locator('.lanes-chart').waitFor();
    const pools = (await page.locator('.pools a').allTextContents()).map(plain);
    assert.match(pools[0] ?? '', /^cart → Postgres▲ starved2 seen/);
    assert.match(pools.join('\n'), /gateway → payments\.example↻ churn120 seen/);
    assert.ok(
      plain(await page.locator('.figures').textContent()).includes(
        `Longest line${formatCount(answer.maxLine)}`,
      ),
    );
    await drawn(watched, '.lanes', 5000);
    await page.keyboard.press('p');
    await page.waitForURL(/w=\d+%2C\d+/);
    await page.keyboard.press('w');
    await page.keyboard.press('0');
    await page.waitForURL((url) => !url.searchParams.has('w'));
    await page.locator('.lanes').focus();
    // What is in the new window is still on its way at first.
    const openTrace = page.getByRole('button', { name: 'Open its trace' });
    await becomes('a call is selected', async () => {
      await page.keyboard.press('j');
      return openTrace.isVisible();
    });
    await openTrace.click();
    await page.waitForURL(/\/trace\/\w{32}\?op=o\d+/);
    watched.check();
  });

  test('connections: a drag over the overview chooses the window, its edges are pulled, and keys do the same', async () => {
    const { window } = await ask<PoolAnswer>('/api/connections/pool?service=cart&dependency=Postgres');
    const timeOf = (share: number) => Math.round((window.from + share * (window.to - window.from)) * 1000);
    const shareOf = (us: number) => (us / 1000 - window.from) / (window.to - window.from);
    await using watched = await open(`/connections/cart/Postgres?w=${timeOf(0.9)},${timeOf(0.95)}`);
    const { page } = watched;
    const chart = page.locator('.overview-chart canvas');
    await page.locator('.lanes-chart').waitFor();
    await drawn(watched, '.overview-chart canvas', 1000);
    const { x = 0, y = 0, width = 0 } = (await chart.boundingBox()) ?? {};
    const at = (share: number) => x + 74 + share * (width - 74 - 14);
    const windowOf = () => (new URL(page.url()).searchParams.get('w') ?? '').split(',').map(Number);
    const drag = async (from: number, to: number) => {
      await page.mouse.move(at(from), y + 20);
      await page.mouse.down();
      await page.mouse.move(at((from + to) / 2), y + 20);
      await page.mouse.move(at(to), y + 20);
      await page.mouse.up();
    };
    await drag(0.2, 0.6);
    await becomes('the dragged part is the window', async () => {
      const [from = 0, to = 0] = windowOf();
      return Math.abs(shareOf(from) - 0.2) < 0.01 && Math.abs(shareOf(to) - 0.6) < 0.01;
    });
    await drag(0.6, 0.8);
    await becomes('its end was pulled', async () => {
      const [from = 0, to = 0] = windowOf();
      return Math.abs(shareOf(from) - 0.2) < 0.01 && Math.abs(shareOf(to) - 0.8) < 0.01;
    });
    await drag(0.5, 0.4);
    await becomes('it was moved as a whole', async () => {
      const [from = 0, to = 0] = windowOf();
      return Math.abs(shareOf(from) - 0.1) < 0.01 && Math.abs(shareOf(to) - 0.7) < 0.01;
    });
    await chart.focus();
    await page.keyboard.press('ArrowRight');
    await becomes('a key moved its end', async () => Math.abs(shareOf(windowOf()[1] ?? 0) - 0.7056) < 0.004);
    await page.keyboard.press('Shift+ArrowLeft');
    await becomes('and its start', async () => Math.abs(shareOf(windowOf()[0] ?? 0) - 0.0944) < 0.004);
    watched.check();
  });

  test('connections that were closed in the window have their mark, and are counted', async () => {
    await using watched = await open('/connections/gateway/payments.example');
    const { page } = watched;
    await page.locator('.lanes-chart').waitFor();
    const pool = await ask<PoolAnswer>('/api/connections/pool?service=gateway&dependency=payments.example');
    const w = `${pool.first.fromUs},${pool.first.toUs}`;
    const { closed, operations } = await ask<PoolWindowAnswer>(
      `/api/connections/window?service=gateway&dependency=payments.example&w=${w}`,
    );
    assert.ok(closed.length > 10);
    for (const { connection, atUs } of closed) {
      const index = operations.connection.indexOf(connection);
      assert.equal(atUs, (operations.done[index] ?? 0) + 50, `connection ${connection}`);
    }
    const legend = plain(await page.locator('.pool-legend').textContent());
    assert.ok(legend.includes(`✕ closed: ${formatCount(closed.length)} connections`), legend);
    watched.check();
  });

  test('what if the pool were larger: the first row is as recorded, and each is that of the API', async () => {
    const answer = await ask<WhatIfAnswer>('/api/connections/what-if?service=cart&dependency=Postgres');
    assert.equal(answer.sizes[0]?.connections, 2);
    await using watched = await open('/connections/cart/Postgres');
    const rows = watched.page.locator('.what-if tbody tr');
    await rows.first().waitFor();
    const texts = (await rows.allTextContents()).map(plain);
    assert.equal(texts.length, answer.sizes.length);
    answer.sizes.forEach(({ connections, waitShare, p95Us, isEnough }, index) => {
      const text = texts[index] ?? '';
      assert.ok(text.startsWith(String(connections)), text);
      assert.ok(
        text.includes(formatShare(waitShare)) && text.includes(plain(formatDuration(p95Us ?? 0))),
        text,
      );
      assert.equal(text.includes('enough'), isEnough);
    });
    assert.deepEqual(await violations(watched), []);
    await watched.page.goto(`${server.url}/connections/gateway/payments.example`);
    await watched.page.getByText('Kept alive').waitFor();
    watched.check();
  });

  test('a category of Home shows where that time is, and the address keeps it', async () => {
    await using watched = await open('/');
    const { page } = watched;
    await page.locator('.category-key button', { hasText: 'External HTTP' }).click();
    await page.waitForURL(/q=category%3Aext/);
    await becomes('only its dependency is there', async () => {
      const rows = await page.locator('.dependencies tbody tr').allTextContents();
      return rows.map((text) => plain(text).split(/\d/)[0]).join() === 'payments.example';
    });
    assert.deepEqual(await violations(watched), []);
    await page.getByRole('button', { name: 'Show all time' }).click();
    await page.waitForURL((url) => !url.searchParams.has('q'));
    watched.check();
  });

  test('n and p of a trace go to its slow calls', async () => {
    await using watched = await open(`/trace/${traceIdOf(1000)}`);
    const { page } = watched;
    const selected = page.locator('.row[aria-selected=true]');
    await page.locator('.row').first().waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('n');
    const first = plain(await selected.textContent());
    await page.keyboard.press('n');
    assert.notEqual(plain(await selected.textContent()), first);
    await page.keyboard.press('p');
    assert.equal(plain(await selected.textContent()), first);
  });

  test('a trace beside the typical one, and its statement everywhere', async () => {
    const trace = await ask<TraceAnswer>(`/api/trace/${traceIdOf(1000)}`);
    assert.notEqual(trace.typical, '');
    await using watched = await open(`/trace/${traceIdOf(1000)}`);
    const { page } = watched;
    await page.locator('.row', { hasText: 'SELECT' }).click();
    const { calls, p50Us, p95Us } = await ask<OperationAnswer>('/api/operation/1001');
    assert.equal(calls, 120);
    const everywhere = page.locator('.details dl div', { hasText: 'Everywhere' });
    await everywhere.getByText('p95').waitFor();
    const duration = (us: number | undefined) => plain(formatDuration(Math.round(us ?? 0)));
    assert.ok(
      plain(await everywhere.textContent()).includes(`p50 ${duration(p50Us)}, p95 ${duration(p95Us)}`),
    );
    await drawn(watched, '.rows > canvas', 1000);
    const before = await watched.measure('image', '.rows > canvas');
    await page.keyboard.press('m');
    await page.getByText('outlined:').waitFor();
    await page.waitForURL(/cmp=1/);
    await becomes(
      'outlines are drawn',
      async () => (await watched.measure('image', '.rows > canvas')) !== before,
    );
    watched.check();
  });

  test('findings of an endpoint stand beside it, and lead to their pages', async () => {
    const { findings } = await ask<FindingsAnswer>('/api/findings');
    const here = findings.filter(({ effects }) => effects.some(({ route }) => route === '/api/cart/:id'));
    assert.ok(here.length > 0);
    await using watched = await open(ENDPOINT);
    const links = watched.page.locator('.findings-here a');
    await links.first().waitFor();
    assert.deepEqual(
      (await links.locator('.medium').allTextContents()).map(plain),
      here.map(({ title }) => plain(title)),
    );
    await links.first().click();
    await watched.page.waitForURL(/\/finding\//);
  });

  test('what a person says of a finding is kept: on its page, in the lists, on Home, for the next who opens the recording', async () => {
    const [first] = (await ask<FindingsAnswer>('/api/findings')).findings;
    assert.ok(first);
    await using watched = await open(`/finding/${first.id}`);
    const { page } = watched;
    assert.match(
      plain(await page.locator('h1').textContent()),
      new RegExp(`^${escaped(plain(first.title))}`),
    );
    await page.locator('.distribution canvas').waitFor();
    await page.keyboard.press('i');
    await page.getByLabel('Why? (optional)').waitFor();
    await page.keyboard.type('known, next quarter');
    await page.keyboard.press('Enter');
    await page.getByText('Ignored since').waitFor();
    const other = await startServer({ answers: createAnswers(store), port: 0, uiFolder: join(folder, 'ui') });
    try {
      const lists = (await (await fetch(`${other.url}/api/findings/lists`)).json()) as FindingListsAnswer;
      assert.deepEqual(
        lists.lists.ignored.map(({ id, life }) => [id, life.history.at(-1)?.note]),
        [[first.id, 'known, next quarter']],
      );
    } finally {
      await other.close();
    }
    await page.goto(`${server.url}/findings?list=ignored`);
    await page.getByText('known, next quarter').waitFor();
    await page.goto(server.url);
    await page.locator('.findings li, .findings .note').first().waitFor();
    assert.equal(await page.locator('.findings a', { hasText: first.title }).count(), 0);
    await page.goto(`${server.url}/finding/${first.id}`);
    await page.getByRole('button', { name: 'Open again' }).click();
    await page.getByRole('button', { name: 'I changed it' }).click();
    await page.getByText('since the change at').waitFor();
    assert.equal(await page.locator('.steps [aria-current=step]').textContent(), '3Verifying');
    await page.getByRole('button', { name: 'Stop verifying' }).click();
    await page.getByRole('button', { name: 'I changed it' }).waitFor();
    watched.check();
  });

  test('a pool and an endpoint that are not there say so', async () => {
    await using pool = await open('/connections/nobody/nothing');
    await pool.page.getByText('No such connections').waitFor();
    await using endpoint = await open('/endpoint/nobody/GET/none%');
    await endpoint.page.getByText('No requests to GET').waitFor();
  });
});

/** As a pattern that matches it alone. */
function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** `12.3 ms` as a number of ms. */
function ms(text: string): number {
  const [, number = '0', unit] = /([\d.]+)\s*(µs|ms|s)?/.exec(plain(text)) ?? [];
  return Number(number) * (unit === 's' ? 1000 : unit === 'µs' ? 0.001 : 1);
}

/** Rule and places of each violation. Region: the dialogs stand beside the landmarks on purpose. */
async function violations({ page }: Watched): Promise<readonly string[]> {
  await page.evaluate(AXE);
  return page.evaluate(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(' | ')))`,
  );
}
