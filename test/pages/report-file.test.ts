// The report as one file, opened from the disk: the same pages and numbers, no request, no script but its own.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { renderReportPage } from '../../src/cli/report-page.ts';
import { launchBrowser, plain, browserMissing } from './browser.ts';
import { LOOP_ID } from './shop-findings.ts';
import { CART_ID, shopAnswers, shopHome } from './shop.ts';

const HOSTILE = '</script><script>document.title="owned"</script><!--';
const progress = { step: () => {}, end: () => {} };

function hostileAnswers() {
  const home = shopHome();
  const endpoints = home.endpoints.map((endpoint, index) =>
    index === 0 ? { ...endpoint, route: HOSTILE } : endpoint,
  );
  return shopAnswers({ home: async () => ({ ...home, project: HOSTILE, endpoints }) });
}

test('a report in one file', { skip: browserMissing() ?? false, timeout: 90_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wiretime-report-'));
  const file = join(folder, 'report.html');
  const options = { range: {}, traces: [CART_ID], progress };
  writeFileSync(file, await renderReportPage(hostileAnswers(), options));
  const browser = await launchBrowser();
  t.after(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!/^(data:|file:)/.test(request.url())) complaints.push(request.url());
  });
  await page.goto(pathToFileURL(file).href);
  await page.locator('h1').first().waitFor();

  await t.test('is at most 1 MB', () => assert.ok(statSync(file).size <= 1024 * 1024));

  await t.test('holds no source code', () =>
    assert.ok(!readFileSync(file, 'utf8').includes('const lines = [];')),
  );

  await t.test('begins with the answer of Home, and runs nothing that a route says', async () => {
    const sentence = plain(
      shopHome()
        .sentence.map(({ text }) => text)
        .join(''),
    );
    assert.equal(plain(await page.locator('h1').textContent()), sentence);
    assert.ok((await page.locator('main').textContent())?.includes(HOSTILE));
    assert.doesNotMatch(await page.title(), /^owned$/);
  });

  await t.test('leads to findings and traces, and Back leads back', async () => {
    const [first] = shopHome().findings?.rows ?? [];
    await page.locator(`a[href*="/finding/${LOOP_ID}"]`).first().click();
    await page.getByRole('heading', { name: 'How to fix' }).waitFor();
    assert.ok(plain(await page.locator('h1').textContent()).startsWith(first?.title ?? 'no finding'));
    assert.equal(await page.locator('.finding-actions').isVisible(), false);
    assert.match(page.url(), /report\.html#\/finding\//);
    await page.goBack();
    await page.locator(`a[href*="/finding/${LOOP_ID}"]`).first().waitFor();
  });

  await t.test('opens a link to a trace that it holds, and says so of one that it does not', async () => {
    const other = await browser.newPage();
    await other.goto(`${pathToFileURL(file).href}#/trace/${CART_ID}`);
    await other.locator('.row', { hasText: 'SELECT' }).first().waitFor();
    const missing = await browser.newPage();
    await missing.goto(`${pathToFileURL(file).href}#/trace/00000000000000000000000000000000`);
    await missing
      .getByText(/no longer stored|not in the report/)
      .first()
      .waitFor();
  });

  await t.test('asks nobody, and breaks no rule of its own', () => assert.deepEqual(complaints, []));
});
