// Findings in a real browser: the lists, the page of one in each of its states, what a person can say, what is copied.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { buildUi } from '../../scripts/build-ui.ts';
import { formatSignedShare } from '../../src/base/numbers.ts';
import { FINDING_STATES, type FindingState } from '../../src/model/finding.ts';
import { startServer, type RunningServer } from '../../src/server/server.ts';
import { sampleFindings } from '../cli/sample-findings.ts';
import {
  browserMissing,
  counted,
  drawn,
  launchBrowser,
  openPage,
  plain,
  type View,
  type Watched,
} from './browser.ts';
import { findingDesk, LOOP_ID } from './shop-findings.ts';
import { shopAnswers, shopHome } from './shop.ts';

const PAGE = `/finding/${LOOP_ID}`;
const VIEWS: readonly View[] = [
  { width: 1440, height: 1000 },
  { width: 1024, height: 900 },
  { width: 390, height: 844 },
];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe('findings', { skip: browserMissing() }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'wiretime-findings-'));
  let server: RunningServer;
  let browser: Browser;
  let desk = findingDesk(shopHome().window, []);

  before(async () => {
    await buildUi(join(folder, 'ui'));
    const traces = (await shopAnswers().traces({})).traces.slice(0, 4);
    desk = findingDesk(shopHome().window, traces);
    server = await startServer({ answers: shopAnswers(desk), port: 0, uiFolder: join(folder, 'ui') });
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => desk.states.clear());

  const open = (path: string, view?: View) => openPage(browser, server.url + path, view);
  const stateOf = (state: FindingState) => desk.states.set(LOOP_ID, state);

  test('the list: what saves most first, small ones folded, all of it in the address', async () => {
    await using watched = await open('/findings');
    const { page } = watched;
    const lines = page.locator('.finding-table tbody tr');
    await counted(lines, sampleFindings.rows.length);
    const texts = (await lines.allTextContents()).map(plain);
    sampleFindings.rows.forEach(({ title, share }, index) => {
      assert.ok(texts[index]?.includes(plain(title)), title);
      assert.ok(texts[index]?.startsWith(formatSignedShare(-share)), texts[index]);
    });
    await page.getByRole('button', { name: '2 smaller findings' }).click();
    await counted(lines, sampleFindings.rows.length + 2);
    await page.waitForURL(/small=1/);
    await page.getByRole('button', { name: 'p95 now' }).click();
    await page.waitForURL(/sort=-p95/);
    assert.match(plain(await lines.first().textContent()), /477 ms → 43\.8 ms/);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/finding\/slow-operation-1/);
    await page.goBack();
    assert.match(plain(await lines.first().textContent()), /477 ms → 43\.8 ms/);
    watched.check();
  });

  test('an endpoint says why its slow requests are slow', async () => {
    await using watched = await open('/endpoint/gateway/GET/api/cart/:id');
    await watched.page.locator('.why-slow').waitFor();
    const [part = '', rest = ''] = (await watched.page.locator('.why-slow tr').allTextContents()).map(plain);
    assert.match(part, /\+100 ms.*SELECT … FROM products WHERE id = \$1.*34\.0 calls instead of 9\.00/);
    assert.match(rest, /\+20\.0 ms.*everything else together/);
    const shared = plain(await watched.page.locator('.in-common').textContent());
    assert.match(shared, /80%.*while 8 or more others were under way in their process.*of typical ones: 12%/);
    watched.check();
  });

  test('the other lists, and what they say when they are empty', async () => {
    desk.states.set(LOOP_ID, 'verified');
    await using watched = await open('/findings?list=verified');
    const { page } = watched;
    assert.match(
      plain(await page.locator('.finding-table tbody tr').textContent()),
      /p95 236 ms → 87\.8 ms, predicted 87\.3 ms/,
    );
    assert.match(plain(await page.locator('.finding-list').textContent()), /off by 4% in the median/);
    await page.getByRole('button', { name: 'Ignored 0' }).click();
    await page.getByText('Nothing is ignored.').waitFor();
    await page.waitForURL(/list=ignored/);
    watched.check();
  });

  test('the page of one: answer, both distributions, source, effect, fix, evidence', async () => {
    await using watched = await open(PAGE);
    const { page } = watched;
    const text = async (selector: string) => plain(await page.locator(selector).textContent());
    assert.match(await text('h1'), /^One query per row of cart_items/);
    assert.match(await text('.steps'), /1Found2Changed, not yet3Verified, not yet/);
    assert.match(await text('.finding-figures'), /p95236 ms → 87\.3 ms.*Calls per request19\.8 → 5\.00/);
    await drawn(watched, '.distribution canvas', 1000);
    assert.match(await text('.code .is-here'), /^41× 15\.8 66\.4 ms/);
    assert.ok((await page.locator('.code').first().textContent())?.includes('<script>alert(1)</script>'));
    await counted(page.locator('.effects tbody tr'), 2);
    assert.match(await text('.diff'), /−removed: for \(const item of items\)/);
    await page.locator('.strip canvas').waitFor();
    assert.match(await text('.evidence'), /queries from this line per request: .* on average/);
    await counted(page.locator('.evidence tbody tr'), 4);
    const editor = page.getByRole('link', { name: 'Open in editor' });
    assert.equal(
      await editor.getAttribute('href'),
      'vscode://file/srv/shop%20with%20space/cart/src/routes/carts.js:41',
    );
    await page.keyboard.press('t');
    await page.waitForURL(/as=table/);
    await page.locator('.finding table').first().locator('tbody tr:not(.sum)').first().waitFor();
    const shares = await page
      .locator('.finding table')
      .first()
      .locator('tbody tr:not(.sum) td:nth-child(2)')
      .allTextContents();
    const sum = shares.reduce((total, each) => total + (Number.parseFloat(each) || 0), 0);
    assert.ok(Math.abs(sum - 100) < 1.5, `${sum}`);
    watched.check();
  });

  test('by keyboard: verify, stop, ignore with a reason, open again; the server is told', async () => {
    await using watched = await open(PAGE);
    const { page } = watched;
    await page.keyboard.press('v');
    await page.getByText('12 of 200 requests').waitFor();
    assert.equal(desk.states.get(LOOP_ID), 'verifying');
    assert.equal(await page.locator('progress').getAttribute('value'), '12');
    await page.getByRole('button', { name: 'Stop verifying' }).click();
    await page.getByRole('button', { name: 'I changed it' }).waitFor();
    await page.keyboard.press('i');
    await page.getByLabel('Why? (optional)').waitFor();
    await page.keyboard.type('needed for <b>audit</b>');
    await page.keyboard.press('Enter');
    await page.getByText('Ignored since').waitFor();
    assert.equal(desk.reasons.get(LOOP_ID), 'needed for <b>audit</b>');
    assert.match(plain(await page.locator('.notice').textContent()), /needed for <b>audit<\/b>/);
    await page.getByRole('button', { name: 'Open again' }).click();
    await page.getByRole('button', { name: 'Ignore' }).waitFor();
    watched.check();
  });

  test('every state has its steps and its words', async () => {
    const said: Record<FindingState, RegExp | undefined> = {
      open: undefined,
      reopened: /It came back\. Verified .* seen again/,
      'no-change': /No change\. It is still there in 100% of the 230 requests/,
      worse: /Worse\. p95 236 ms before, 374 ms measured on 230 requests.*87\.3 ms was predicted/,
      verifying: /12 of 200 requests since the change .* 3\.00 min more at this rate/,
      verified: /Verified on 4 903 requests.*Predicted p95 87\.3 ms, measured 87\.8 ms, before 236 ms/,
      ignored: /Ignored since/,
    };
    for (const { key } of FINDING_STATES) {
      stateOf(key);
      await using watched = await open(PAGE);
      const words = said[key];
      assert.equal(await watched.page.locator('.finding .notice').count(), words === undefined ? 0 : 1, key);
      if (words !== undefined)
        assert.match(plain(await watched.page.locator('.finding .notice').textContent()), words);
      assert.deepEqual(await violations(watched), [], key);
      watched.check();
    }
  });

  test('copied as an issue: the numbers, the place, the diff, links', async () => {
    await using watched = await open(PAGE);
    const { page } = watched;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.keyboard.press('m');
    await page.getByText('Copied as Markdown').waitFor();
    const markdown = plain(await page.evaluate('navigator.clipboard.readText()'));
    for (const part of [
      '## One query per row of cart\\_items: 16 per request',
      'at `examples/shop/cart/src/routes/carts.js:41`',
      '| `GET /api/cart/:id` | 237 ms → 99.1 ms |',
      '```diff - for (const item of items) {',
      `${server.url.replace(/\/$/, '')}${PAGE}`,
    ])
      assert.ok(markdown.includes(part), `${part} in ${markdown}`);
  });

  test('the editor can be chosen, and is remembered', async () => {
    await using watched = await open(PAGE);
    const { page } = watched;
    await page.keyboard.press('?');
    await page.getByLabel('Editor').selectOption('idea');
    await page.keyboard.press('Escape');
    await page.reload();
    const link = page.getByRole('link', { name: 'Open in editor' });
    assert.match(
      (await link.getAttribute('href')) ?? '',
      /^idea:\/\/open\?file=\/srv\/shop%20with%20space\/.*&line=41$/,
    );
  });

  test('a finding that nobody knows says so', async () => {
    await using watched = await open('/finding/none');
    await watched.page.getByText('There is no such finding in this time').waitFor();
  });

  test('no sideways scrolling, no cut numbers, enough contrast, nothing for axe: three widths, both themes', async () => {
    const shots = process.env['WIRETIME_SHOTS'];
    for (const view of VIEWS)
      for (const theme of ['light', 'dark'])
        for (const [name, path, state] of [
          ['findings', '/findings', 'open'],
          ['finding', PAGE, 'open'],
          ['finding-verified', PAGE, 'verified'],
        ] as const) {
          stateOf(state);
          await using watched = await open(`${path}?theme=${theme}`, view);
          if (name !== 'findings') await watched.page.locator('.strip canvas').waitFor();
          await watched.measure('fontsReady');
          assert.equal(await watched.measure('scrollWidth'), view.width, `${name} ${view.width} ${theme}`);
          assert.equal(await watched.measure('cutNumbers'), 0, `${name} ${view.width}: cut numbers`);
          assert.deepEqual(await watched.measure('lowContrast'), [], `${name} ${theme}`);
          if (view === VIEWS[0])
            assert.deepEqual(await violations(watched), [], `${name} ${view.width} ${theme}`);
          if (shots !== undefined)
            writeFileSync(
              join(shots, `${name}-${view.width}-${theme}.png`),
              await watched.page.screenshot({ fullPage: true }),
            );
          watched.check();
        }
  });
});

/** Rule and places of each violation. */
async function violations({ page }: Watched): Promise<readonly string[]> {
  await page.evaluate(AXE);
  return page.evaluate(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(' | ')))`,
  );
}
