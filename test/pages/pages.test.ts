// The built pages in a real browser, served by the real server over a hand-written recording.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Metafile } from 'esbuild';
import type { Browser } from 'playwright-core';
import { buildUi } from '../../scripts/build-ui.ts';
import type { HomeAnswer, StatusAnswer } from '../../src/answer/api.ts';
import { formatCount, formatDuration, formatShare } from '../../src/base/numbers.ts';
import { CATEGORIES } from '../../src/model/category.ts';
import { phases } from '../contracts/store-rows.ts';
import type { Answers } from '../../src/answer/answers.ts';
import { startServer, type RunningServer } from '../../src/server/server.ts';
import {
  becomes,
  browserMissing,
  counted,
  drawn,
  launchBrowser,
  openPage,
  plain,
  type Watched,
} from './browser.ts';
import { sampleFindings } from '../cli/sample-findings.ts';
import { CART_ID, cartTrace, REINDEX_ID, reindexTrace, shopAnswers, shopHome, shopStatus } from './shop.ts';

const missing = browserMissing();
const folder = mkdtempSync(join(tmpdir(), 'wiretime-pages-'));
const VIEWS = [
  { width: 1440, height: 900 },
  { width: 1024, height: 900 },
  { width: 390, height: 844 },
] as const;

describe('pages', { skip: missing }, () => {
  let browser: Browser;
  let server: RunningServer;
  let built: Metafile;
  /** Replaced by tests that need other answers. */
  let answers: Answers = shopAnswers();
  const current = new Proxy(shopAnswers(), { get: (_, name) => Reflect.get(answers, name) });

  before(async () => {
    built = await buildUi(join(folder, 'ui'));
    server = await startServer({ answers: current, port: 0, uiFolder: join(folder, 'ui') });
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = (path: string, view?: (typeof VIEWS)[number]) => openPage(browser, server.url + path, view);

  test('Home shows the numbers of the answer, and they add up', async () => {
    const home = shopHome();
    await using watched = await open('/');
    const { page } = watched;
    const sentence = home.sentence.map(({ text }) => text).join('');
    assert.equal(plain(await page.locator('h1').textContent()), plain(sentence));
    const key = await page.locator('.category-key li').allTextContents();
    const shown = home.categories.filter(({ share }) => share >= 0.0005);
    assert.equal(key.length, shown.length);
    shown.forEach(({ key: category, share, us }, index) => {
      const name = CATEGORIES.find((each) => each.key === category)?.name;
      assert.equal(plain(key[index] ?? ''), plain(`${name}${formatShare(share)} ${formatDuration(us)}`));
    });
    const shares = key.map((text) => Number(/(\d+\.\d)%/.exec(text)?.[1] ?? 0));
    assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 100) < 0.5);
    const widths = await watched.measure('widthsOf', '.stack.big > i');
    const [bar = 0] = await watched.measure('widthsOf', '.stack.big');
    shown.forEach(({ key: category, share }, index) =>
      assert.ok(
        Math.abs((widths[index] ?? 0) - share * bar) < 2,
        `${category}: ${widths[index]} of ${bar} px`,
      ),
    );
    watched.check();
  });

  test('each endpoint line is its row of the answer', async () => {
    const home = shopHome();
    await using watched = await open('/?scope=all');
    const rows = home.endpoints.toSorted((a, b) => b.totalUs - a.totalUs);
    const lines = watched.page.locator('.endpoints tbody tr');
    assert.equal(await lines.count(), rows.length);
    for (const [index, row] of rows.entries()) {
      const cells = (await lines.nth(index).locator('td').allTextContents()).map(plain);
      const percentile = (us: number | undefined) => (us === undefined ? 'n/a' : plain(formatDuration(us)));
      assert.equal(cells[0], `${row.method}${row.route}${row.service}`);
      assert.equal(cells[1], plain(formatCount(row.requests / 15)));
      assert.deepEqual(
        cells.slice(2, 5),
        [row.duration.p50Us, row.duration.p95Us, row.duration.p99Us].map(percentile),
      );
      assert.equal(cells[5], formatShare(row.totalUs / home.totalUs));
      assert.equal(cells[7], row.errors === 0 ? '0' : `✕ ${formatShare(row.errors / row.requests)}`);
    }
    watched.check();
  });

  test('a thousand endpoints: the first hundred at once, the others when asked for, near the screen', async () => {
    const home = shopHome();
    const [first] = home.endpoints;
    assert.ok(first);
    const endpoints = Array.from({ length: 1000 }, (_, index) => ({
      ...first,
      route: `/r${index}`,
      totalUs: first.totalUs - index,
    }));
    answers = shopAnswers({ home: async () => ({ ...home, endpoints }) });
    await using watched = await open('/');
    const lines = watched.page.locator('.endpoints tbody tr');
    await counted(lines, 100);
    await watched.page.getByRole('button', { name: 'more' }).click();
    // Only those near the screen are in the page; the others have their room.
    assert.ok((await lines.count()) < 200);
    await watched.page.keyboard.press('End');
    await watched.page.getByRole('link', { name: '/r999' }).waitFor();
    assert.ok(Number(await watched.page.evaluate('document.documentElement.scrollHeight')) > 36_000);
    answers = shopAnswers();
    watched.check();
  });

  test('dependencies: pool wait, set-up and wire are what callers wait', async () => {
    await using watched = await open('/');
    const lines = watched.page.locator('.dependencies tbody tr');
    for (const [index, row] of shopHome().dependencies.entries()) {
      const text = plain(await lines.nth(index).textContent());
      assert.ok(text.startsWith(row.name) && text.endsWith(plain(formatDuration(row.totalUs))), text);
      assert.equal(text.includes('every call'), row.newConnections / row.calls > 0.9, row.name);
    }
  });

  test('findings: what, how much, where; a number opens the first one', async () => {
    await using watched = await open('/');
    const { page } = watched;
    const { rows } = sampleFindings;
    const lines = page.locator('.findings li');
    assert.equal(await lines.count(), rows.length);
    const first = plain(await lines.first().textContent());
    for (const part of [
      'One query per row of cart_items',
      '−30.0%',
      'N+1 queries',
      '237 ms → 99.1 ms',
      'carts.js:41',
    ])
      assert.ok(first.includes(part), `${part} in ${first}`);
    assert.match(plain(await page.locator('.findings footer').textContent()), /All 6 together.*−64\.2%/);
    await page.keyboard.press('1');
    await page.waitForURL(/\/finding\/n-plus-one-0$/);
    assert.match(plain(await page.locator('h1').textContent()), /^One query per row of cart_items/);
  });

  test('findings that are still being made are asked for, and come by themselves', async () => {
    const { findings: _, ...pending } = shopHome();
    let made = false;
    answers = shopAnswers({
      home: async () => (made ? shopHome() : pending),
      findings: async () => {
        made = true;
        return { findings: [], firstThreeShare: 0, togetherShare: 0 };
      },
    });
    await using watched = await open('/');
    await watched.page.locator('.findings li').first().waitFor();
    answers = shopAnswers();
  });

  test('headers sort, say so, and the address keeps it', async () => {
    await using watched = await open('/');
    const { page } = watched;
    const sortedBy = async () => plain(await page.locator('.endpoints th[aria-sort]').textContent());
    assert.equal(await sortedBy(), 'Share of total ↓');
    await page.getByRole('button', { name: 'p95' }).click();
    assert.equal(await sortedBy(), 'p95 ↓');
    assert.equal(
      plain(await page.locator('.endpoints tbody tr').first().locator('a').textContent()),
      '/api/checkout',
    );
    await page.waitForURL(/sort=-p95/);
    await page.reload();
    assert.equal(await sortedBy(), 'p95 ↓');
    await page.keyboard.press('o');
    assert.equal(await sortedBy(), 'p99 ↓');
    watched.check();
  });

  test('by keyboard from Home to the bars of one request', async () => {
    await using watched = await open('/');
    const { page } = watched;
    await page.keyboard.press('j');
    assert.equal(plain(await page.locator(':focus').textContent()), '/api/cart/:id');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/endpoint\/gateway\/GET\/api\/cart\/%3Aid$/);
    await page.locator('.slowest tbody tr').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(new RegExp(`/trace/${CART_ID}`));
    await page.locator('[role=treeitem][aria-selected=true]').waitFor();
    await page.goBack();
    await page.locator('.slowest tbody tr').first().waitFor();
    watched.check();
  });

  test('help opens with ?, holds the focus, and gives it back', async () => {
    await using watched = await open('/');
    const { page } = watched;
    await page.keyboard.press('j');
    await page.keyboard.press('?');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    for (let count = 0; count < 4; count++) await page.keyboard.press('Tab');
    assert.ok(await watched.measure('focusIsIn', '[role=dialog]'));
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.equal(plain(await page.locator(':focus').textContent()), '/api/cart/:id');
  });

  test('the theme switches, is remembered, and both have enough contrast', async () => {
    await using watched = await open('/?range=15m');
    const { page } = watched;
    const theme = () => page.locator('html').getAttribute('data-theme');
    assert.equal(await theme(), 'light');
    await assertContrast(watched);
    await page.keyboard.press('T');
    assert.equal(await theme(), 'dark');
    await assertContrast(watched);
    await page.reload();
    assert.equal(await theme(), 'dark');
    await page.goto(`${server.url}/trace/${CART_ID}`);
    await page.locator('.row').first().waitFor();
    await assertContrast(watched);
    await page.goto(`${server.url}/trace/${CART_ID}?theme=light`);
    await page.locator('.row').first().waitFor();
    await assertContrast(watched);
    watched.check();
  });

  test('a trace: rows, facts and the table add up to the request', async () => {
    const trace = cartTrace();
    await using watched = await open(`/trace/${CART_ID}`);
    const { page } = watched;
    await page.locator('.row').first().waitFor();
    await counted(page.locator('.row'), 11);
    assert.equal(
      plain(await page.locator('.facts-line b').textContent()),
      plain(formatDuration(trace.durationUs)),
    );
    assert.equal(plain(await page.locator('h1').textContent()), 'GET/api/cart/:id');
    const times = await page.locator('.by-operation tbody tr').count();
    assert.equal(times, trace.byOperation.length);
    assert.equal(
      trace.byOperation.reduce((sum, { us }) => sum + us, 0),
      trace.durationUs,
    );
    assert.match(
      plain(await page.locator('.by-operation header').textContent()),
      new RegExp(plain(formatDuration(trace.durationUs))),
    );
    const shares = await page.locator('.by-operation tbody tr td:nth-child(4)').allTextContents();
    const sum = shares.reduce((total, text) => total + (Number.parseFloat(text) || 0), 0);
    assert.ok(Math.abs(sum - 100) < 1, `${sum}`);
    await drawn(watched, '.rows > canvas', 1000);
    await drawn(watched, '.overview canvas', 500);
    watched.check();
  });

  test('a trace by keyboard: select, fold, critical path, zoom; the address shows the same view again', async () => {
    await using watched = await open(`/trace/${CART_ID}`);
    const { page } = watched;
    const rows = page.locator('.row');
    const selected = page.locator('.row[aria-selected=true]');
    await rows.first().waitFor();
    assert.match(plain(await selected.textContent()), /× 24/, 'the run is selected at first');
    await page.keyboard.press('Space');
    assert.equal(await selected.getAttribute('aria-expanded'), 'true');
    await page.keyboard.press('j');
    await page.keyboard.press('ArrowDown');
    assert.match(plain(await page.locator('.details').textContent()), /call 2 of 24/);
    await page.keyboard.press('c');
    await page.keyboard.press('w');
    await page.keyboard.press('w');
    await page.keyboard.press('d');
    // The address bar follows a moment later; the link that is copied is of now.
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.keyboard.press('y');
    await page.getByText('Link to this view copied').waitFor();
    const link = String(await page.evaluate('navigator.clipboard.readText()'));
    assert.match(link, /op=o\d+/);
    for (const part of [/open=all/, /crit=1/, /z=\d+/]) assert.match(link, part);
    await using again = await openPage(browser, link);
    await again.page.locator('.row').first().waitFor();
    assert.match(plain(await again.page.locator('.details').textContent()), /call 2 of 24/);
    await again.measure('fontsReady');
    await becomes('both show the same', async () => {
      const ink = await again.measure('ink', '.rows > canvas');
      return Math.abs(ink - (await watched.measure('ink', '.rows > canvas'))) < 50;
    });
    await page.keyboard.press('t');
    await page.locator('.by-operation').waitFor();
    await page.waitForURL(/as=table/);
    await page.keyboard.press('0');
    await page.keyboard.press('[');
    assert.match(plain(await selected.textContent()), /× 24/);
    await page.keyboard.press('Escape');
    assert.equal(await selected.count(), 0);
    watched.check();
    again.check();
  });

  test('the pointer pans, zooms, selects and unfolds', async () => {
    await using watched = await open(`/trace/${CART_ID}`);
    const { page } = watched;
    await page.locator('.row').first().waitFor();
    await page.locator('.row', { hasText: '× 24' }).locator('.twisty').click();
    await becomes('the run is unfolded', async () => (await page.locator('.row').count()) > 20);
    const bars = await page.locator('.rows > canvas').boundingBox();
    assert.ok(bars);
    await page.mouse.click(bars.x + 300, bars.y + 13);
    assert.match(plain(await page.locator('.details').textContent()), /^gateway/);
    await drawn(watched, '.ruler canvas', 50);
    const before = await watched.measure('image', '.ruler canvas');
    await page.mouse.move(bars.x + 300, bars.y + 40);
    await page.mouse.down();
    await page.mouse.move(bars.x + 100, bars.y + 40, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/z=/);
    await becomes(
      'the ruler has moved',
      async () => (await watched.measure('image', '.ruler canvas')) !== before,
    );
    await page.getByRole('button', { name: 'Fit' }).click();
    await page.waitForURL((url) => !url.searchParams.has('z'));
    const edge = await page.getByRole('separator').boundingBox();
    assert.ok(edge);
    await page.mouse.move(edge.x + 4, edge.y + 100);
    await page.mouse.down();
    await page.mouse.move(edge.x - 96, edge.y + 100, { steps: 3 });
    await page.mouse.up();
    const left = async () => Math.round((await page.locator('.rows > canvas').boundingBox())?.x ?? 0);
    await becomes('the names are narrower', async () => Math.abs((await left()) - (bars.x - 100)) <= 2);
    await page.getByRole('separator').press('Home');
    await becomes('and as they were', async () => (await left()) === Math.round(bars.x));
    watched.check();
  });

  test('a retry, a stall and equal values: on the bars, in the details, for screen readers', async () => {
    const trace = cartTrace();
    const quote = trace.operations.find(({ statement }) => statement === 'POST /quote');
    assert.ok(quote);
    const operations = trace.operations.map((operation) => ({
      ...operation,
      isRetry: operation.statement.startsWith('MGET'),
      question: operation.statement.includes('FROM products') ? 1 + (operation.id % 2) : 0,
      // The callee takes part of it: what is left is the pause.
      ...(operation.id === quote.id && { phases: phases({ wait: quote.durationUs }) }),
    }));
    const callee = trace.requests.find(({ parentOperation }) => parentOperation === quote.id);
    assert.ok(callee);
    const requests = trace.requests.map((each) =>
      each === callee ? { ...each, durationUs: quote.durationUs - 41_000 } : each,
    );
    const [row] = sampleFindings.rows;
    assert.ok(row);
    const { exampleTrace: _, effect, requests: seen, ...finding } = row;
    const { statement, dependency, callSite } = quote;
    const evidence = { requests: seen, lookedAt: seen, traceIds: [] };
    const kind = 'stall-40-ms' as const;
    const stall = { ...finding, kind, statement, dependency, callSite, evidence, effects: [effect] };
    answers = shopAnswers({
      trace: async () => ({ ...trace, operations, requests }),
      findings: async () => ({ findings: [stall], firstThreeShare: 0, togetherShare: 0 }),
    });
    await using watched = await open(`/trace/${CART_ID}`);
    const { page } = watched;
    const spoken = (text: string) => page.locator(`.row[aria-label*="${text}"]`);
    await spoken('failed, asked again after a failure').waitFor();
    await spoken('POST /quote').and(spoken('a stall of 40 ms')).waitFor();
    const details = page.locator('.details');
    await spoken('MGET').click();
    await details.getByText('asked again, after the call before it had failed').waitFor();
    await spoken('× 24').click();
    await details.getByText('2 different values, one of them 12 times').waitFor();
    answers = shopAnswers();
    watched.check();
  });

  test('what is looked for is found row by row, and a stretch of the ruler is measured; both are in the address', async () => {
    await using watched = await open(`/trace/${CART_ID}`);
    const { page } = watched;
    await page.locator('.row').first().waitFor();
    // Nothing is selected: the first match is the first.
    await page.keyboard.press('Escape');
    await page.keyboard.press('F');
    await page.keyboard.type('postgres');
    const matches = page.locator('.row.is-match');
    await becomes('there are matches', async () => (await matches.count()) >= 3);
    const status = page.locator('.find [role=status]');
    await page.keyboard.press('Enter');
    await becomes('the first is selected', async () => /^1 of \d$/.test((await status.textContent()) ?? ''));
    const selected = page.locator('.row[aria-selected=true]');
    assert.match((await selected.getAttribute('class')) ?? '', /is-match/);
    await page.keyboard.press('Shift+Enter');
    await becomes('round to the last', async () => /^(\d) of \1$/.test((await status.textContent()) ?? ''));
    await page.waitForURL(/find=postgres/);
    const ruler = await page.locator('.ruler canvas').boundingBox();
    assert.ok(ruler);
    await page.mouse.move(ruler.x + 100, ruler.y + 10);
    await page.mouse.down();
    await page.mouse.move(ruler.x + 300, ruler.y + 10, { steps: 4 });
    await page.mouse.up();
    await page.getByText('What this stretch was spent on').waitFor();
    const shares = (
      await page.locator('.details table').first().locator('td:nth-child(3)').allTextContents()
    ).map((text) => Number.parseFloat(text.replace('<', '')));
    assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 100) < 0.5, shares.join());
    await page.waitForURL(/m=\d+%2C\d+/);
    await using again = await openPage(browser, page.url());
    await again.page.getByText('What this stretch was spent on').waitFor();
    assert.equal(await again.page.locator('.find input').inputValue(), 'postgres');
    await page.locator('.scroller').focus();
    await page.keyboard.press('f');
    await page.waitForURL(/z=/);
    await page.keyboard.press('Escape');
    await page.waitForURL((url) => !url.searchParams.has('m'));
    await page.keyboard.press('Escape');
    await page.waitForURL((url) => !url.searchParams.has('find'));
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'JSON' }).click(),
    ]);
    assert.equal(file.suggestedFilename(), `trace-${CART_ID}.json`);
    watched.check();
    again.check();
  });

  test('10 000 operations: few rows in the DOM, and frames within the budget', async (context) => {
    await using watched = await open(`/trace/${REINDEX_ID}?open=all`);
    const { page } = watched;
    await page.locator('.row').first().waitFor();
    assert.ok(reindexTrace().operations.length > 10_000);
    const frames = await watched.measure('scrollFrames', 60, 700);
    const median = frames.toSorted((a, b) => a - b)[Math.floor(frames.length / 2)] ?? 0;
    context.diagnostic(
      `${frames.length} frames, median ${median.toFixed(2)} ms, longest ${Math.max(...frames).toFixed(2)} ms`,
    );
    assert.ok(frames.length >= 30, `${frames.length} frames were drawn`);
    assert.ok((await page.locator('.row').count()) < 60);
    assert.ok((await page.locator('.scroller').evaluate((element) => element.scrollTop)) > 30_000);
    watched.check();
  });

  test('a trace that is gone says so', async () => {
    await using watched = await open('/trace/0000');
    assert.match(plain(await watched.page.locator('h1').textContent()), /no longer stored/);
  });

  test('a trace that is under way: how long, what it did, nothing summed; then the trace by itself', async () => {
    let hasEnded = false;
    const call = { dependency: 'Postgres', category: 'db' } as const;
    const running = {
      traceId: CART_ID,
      service: 'gateway',
      method: 'GET',
      route: '',
      startedAt: 10_000,
      operations: 3,
      latest: [
        {
          ...call,
          statement: 'SELECT a FROM t',
          startUs: 500,
          durationUs: 1500,
          phases: phases({ wait: 1500 }),
        },
      ],
      open: [{ ...call, statement: 'SELECT b FROM t', startUs: 500_000, durationUs: 0, phases: phases({}) }],
    };
    const whole = shopAnswers();
    answers = shopAnswers({
      trace: async (id) => (hasEnded ? whole.trace(id) : undefined),
      underWay: async () => ({
        now: 15_500,
        total: hasEnded ? 0 : 1,
        requests: hasEnded ? [] : [running],
      }),
    });
    await using list = await open('/traces');
    await list.page.getByText('Still under way').waitFor();
    assert.match(
      plain(await list.page.locator('.under-way li').textContent()),
      /5\.50 s so far, 3 calls have ended, waits for Postgres, 5\.00 s so far/,
    );
    await list.page.locator('.under-way a').click();
    const { page } = list;
    await page.locator('h1', { hasText: 'is still under way' }).waitFor();
    assert.equal(
      plain(await page.locator('h1').textContent()),
      'GET request of gateway is still under way: 5.50 s so far.',
    );
    assert.match(
      plain(await page.locator('table').textContent()),
      /SELECT … FROM t ?Postgres ?\+500 ms ?waits for 5\.00 s ?SELECT … FROM t ?Postgres ?\+500 µs ?1\.50 ms/,
    );
    assert.equal(await page.locator('.stack').count(), 0);
    // The waterfall: the request and both calls, the open one up to now.
    assert.deepEqual(
      await page.locator('.row').evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label'))),
      [
        'gateway GET request, 5.50\u202fs so far, starts at 0',
        'SELECT … FROM t, 1.50\u202fms, starts at 500\u202fµs',
        'SELECT … FROM t, 5.00\u202fs so far, starts at 500\u202fms',
      ],
    );
    await drawn(list, '.rows > canvas', 100);
    hasEnded = true;
    await page.locator('.details').waitFor();
    // What is not there is answered with 404 meanwhile, which the browser's console has.
  });

  test('before the first request: ready, with who is connected; then Home by itself', async () => {
    let requests = 0;
    const home = async (): Promise<HomeAnswer> =>
      requests === 0 ? { ...shopHome(), requests: 0, endpoints: [] } : shopHome();
    const status = async (): Promise<StatusAnswer> => {
      const { lastRequestAt, ...rest } = shopStatus();
      return {
        ...rest,
        coverage: { ...rest.coverage, requests },
        lastRequestAt: requests === 0 ? undefined : lastRequestAt,
      };
    };
    answers = shopAnswers({ home, status });
    await using watched = await open('/');
    const { page } = watched;
    assert.match(plain(await page.locator('h1').textContent()), /^Ready\. Send your backend a request/);
    assert.match(
      plain(await page.locator('.checks').textContent()),
      /gateway connected, node 20\.20, pid 48 ?213/,
    );
    requests = 1;
    await page.locator('.category-key').waitFor();
    answers = shopAnswers();
    watched.check();
  });

  test('a range without requests says when the last one was, and leads back', async () => {
    const home: Answers['home'] = async (range) =>
      range.from === undefined ? shopHome() : { ...shopHome(), requests: 0, endpoints: [], categories: [] };
    answers = shopAnswers({ home });
    await using watched = await open('/?range=5m');
    const { page } = watched;
    assert.match(
      plain(await page.locator('h1').textContent()),
      /^No requests between \d\d:\d\d:\d\d and \d\d:\d\d:\d\d\. The last one was at \d\d:\d\d:\d\d\.$/,
    );
    await page.getByRole('button', { name: 'Show the whole recording' }).click();
    await page.locator('.category-key').waitFor();
    await page.waitForURL((url) => !url.searchParams.has('range'));
    answers = shopAnswers();
    watched.check();
  });

  test('no finding: said so, with the way to the biggest kind of time', async () => {
    const none = { rows: [], firstThreeShare: 0, togetherShare: 0 };
    answers = shopAnswers({ home: async () => ({ ...shopHome(), findings: none }) });
    await using watched = await open('/');
    const { page } = watched;
    assert.match(plain(await page.locator('.findings .note').textContent()), /Most of the time: Database\.$/);
    await page.locator('.findings .note a').click();
    await page.waitForURL(/q=category%3Adb/);
    answers = shopAnswers();
    watched.check();
  });

  test('a failed answer keeps the page, says why, and can be tried again', async () => {
    // Without a status nothing tells the page to ask again: only the button does.
    const fail = () => Promise.reject(new Error('the file is damaged'));
    answers = shopAnswers({ home: fail, status: fail });
    await using watched = await open('/');
    const { page } = watched;
    assert.match(plain(await page.getByRole('alert').textContent()), /the file is damaged/);
    answers = shopAnswers({ status: fail });
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.category-key').waitFor();
    answers = shopAnswers();
  });

  test('when wiretime goes away the page keeps its data, says since when, and recovers', async () => {
    const other = await startServer({ answers: current, port: 0, uiFolder: join(folder, 'ui') });
    await using watched = await openPage(browser, other.url);
    const { page } = watched;
    await page.locator('.category-key').waitFor();
    await other.close();
    await page.getByText('No connection to wiretime').waitFor();
    assert.ok(await page.locator('.category-key').isVisible());
    const back = await startServer({ answers: current, port: other.port, uiFolder: join(folder, 'ui') });
    await page.getByText('No connection to wiretime').waitFor({ state: 'detached' });
    await back.close();
  });

  test('a service that is called but not traced is named', async () => {
    const home = shopHome();
    const [first] = home.dependencies;
    assert.ok(first);
    const dependencies = [
      ...home.dependencies,
      { ...first, name: 'cart', category: 'http' as const },
      { ...first, name: '<b>stock</b>', category: 'http' as const },
    ];
    answers = shopAnswers({ home: async () => ({ ...home, dependencies }) });
    await using watched = await open('/');
    assert.match(
      plain(await watched.page.locator('.notice').textContent()),
      /^▲<b>stock<\/b> is called but not traced: the time inside is one block, HTTP\./,
    );
    answers = shopAnswers();
    watched.check();
  });

  test('dropped data is not hidden', async () => {
    const home = shopHome();
    answers = shopAnswers({ home: async () => ({ ...home, coverage: { ...home.coverage, dropped: 5000 } }) });
    await using watched = await open('/');
    assert.match(
      plain(await watched.page.locator('.notice').textContent()),
      /1\.0% of what the agents saw was dropped/,
    );
    answers = shopAnswers();
  });

  test('no sideways scrolling and no cut numbers at 1440, 1024 and 390 px, in both themes', async () => {
    const shots = process.env['WIRETIME_SHOTS'];
    for (const view of VIEWS)
      for (const theme of ['light', 'dark'])
        for (const [name, path] of [
          ['home', '/'],
          ['traces', '/traces'],
          ['trace', `/trace/${CART_ID}`],
        ] as const) {
          await using watched = await open(`${path}?theme=${theme}`, view);
          const { page } = watched;
          assert.ok(await watched.measure('fontsReady'), 'Inter is there');
          if (name === 'trace') await page.locator('.row').first().waitFor();
          const width = await watched.measure('scrollWidth');
          assert.equal(width, view.width, `${name} ${view.width} ${theme}`);
          const cut = await watched.measure('cutNumbers');
          assert.equal(cut, 0, `${name} ${view.width}: cut numbers`);
          if (shots !== undefined)
            writeFileSync(join(shots, `${name}-${view.width}-${theme}.png`), await page.screenshot());
          watched.check();
        }
  });

  test('a page as Markdown, and a chart as an image', async () => {
    await using watched = await open('/');
    const { page } = watched;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.keyboard.press('M');
    await page.getByText('Copied as Markdown').waitFor();
    const text = plain(await page.evaluate('navigator.clipboard.readText()'));
    const home = shopHome();
    assert.ok(
      text.startsWith(`## ${plain(home.sentence.map((words) => words.text).join(''))}`),
      text.slice(0, 200),
    );
    assert.ok(text.includes('### Endpoints | Endpoint | Req/min | p50 |'), text.slice(0, 600));
    assert.match(text, /\| GET ?\/api\/cart\/:id \| 979 \| 101 ms \|/);
    await page.goto(`${server.url}/endpoint/gateway/GET/api/cart/:id`);
    await page.locator('.brush').waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the chart' }).click();
    const file = await download;
    assert.equal(file.suggestedFilename(), 'wiretime-endpoint-gateway-GET-api-cart-id.png');
    const bytes = readFileSync(await file.path());
    assert.equal(bytes.subarray(1, 4).toString(), 'PNG');
    assert.ok(bytes.length > 2000);
    watched.check();
  });

  test('sizes stay within the budget', () => {
    const outputs = Object.entries(built.outputs);
    const gzip = (path: string) => gzipSync(readFileSync(path)).length;
    const scripts = outputs.filter(([path]) => path.endsWith('.js'));
    const all = scripts.reduce((sum, [path]) => sum + gzip(path), 0);
    const home = [...loadedWith(built, /\/main-\w+\.js$/)].reduce((sum, path) => sum + gzip(path), 0);
    const css = outputs
      .filter(([path]) => path.endsWith('.css'))
      .reduce((sum, [path]) => sum + gzip(path), 0);
    const fonts = outputs
      .filter(([path]) => path.endsWith('.woff2'))
      .reduce((sum, [, { bytes }]) => sum + bytes, 0);
    assert.ok(all <= 150 * 1024, `scripts: ${all}`);
    assert.ok(home > 10_000 && home <= 50 * 1024, `Home: ${home}`);
    assert.ok(css <= 15 * 1024, `styles: ${css}`);
    assert.ok(fonts > 0 && fonts <= 100 * 1024, `fonts: ${fonts}`);
  });
});

/** A script and all that it imports: what is imported later, when it is needed, is not among them. */
function loadedWith({ outputs }: Metafile, name: RegExp): ReadonlySet<string> {
  const loaded = new Set(Object.keys(outputs).filter((path) => name.test(path)));
  for (const path of loaded)
    for (const { path: imported, kind } of outputs[path]?.imports ?? [])
      if (kind === 'import-statement') loaded.add(imported);
  return loaded;
}

/** Both themes promise at least 4.5 : 1 for every text. */
async function assertContrast({ measure }: Watched): Promise<void> {
  assert.deepEqual(await measure('lowContrast'), []);
}
