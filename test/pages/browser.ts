// A real browser for page tests. In: a server. Out: pages that fail the test on console errors, CSP violations and foreign hosts.
// Uses the system's Chromium (scripts/browser.ts gets it).

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { findBrowser } from '../../scripts/browser.ts';

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Why there is no browser, or undefined when there is one. */
export function browserMissing(): string | undefined {
  return findBrowser() === undefined ? 'Page tests need Chromium: `npm test` says how to get it' : undefined;
}

export function launchBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  assert.ok(executablePath !== undefined, browserMissing());
  return chromium.launch({ executablePath, args: ARGUMENTS });
}

export interface View {
  readonly width: number;
  readonly height: number;
}

/** The functions of ui/in-page.ts that are called by name, with what they return. */
interface InPage {
  lowContrast(): readonly string[];
  ink(selector: string): number;
  image(selector: string): string;
  cutNumbers(): number;
  widthsOf(selector: string): readonly number[];
  scrollFrames(frames: number, step: number): readonly number[];
  focusIsIn(selector: string): boolean;
  scrollWidth(): number;
  theme(): string;
  fontsReady(): boolean;
}

const inPageScript = () =>
  buildSync({
    entryPoints: [fileURLToPath(new URL('ui/in-page.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
  }).outputFiles[0]?.text ?? '';

export interface Watched extends AsyncDisposable {
  readonly page: Page;
  /** Calls a function of ui/in-page.ts. */
  measure<K extends keyof InPage>(name: K, ...values: Parameters<InPage[K]>): Promise<ReturnType<InPage[K]>>;
  /** Throws when the page complained, or asked another host. */
  check(): void;
}

/** A page that notes everything that must not happen. */
export async function openPage(
  browser: Browser,
  url: string,
  view: View = { width: 1440, height: 900 },
): Promise<Watched> {
  const context = await browser.newContext({ viewport: view, reducedMotion: 'reduce' });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (new URL(request.url()).host !== new URL(url).host && !request.url().startsWith('data:'))
      complaints.push(`asked another host: ${request.url()}`);
  });
  await page.addInitScript({ content: inPageScript() });
  await page.goto(url);
  await page.locator('h1').first().waitFor();
  return {
    page,
    measure: (name, ...values) => page.evaluate(`inPage.${name}(...${JSON.stringify(values)})`),
    check: () => assert.deepEqual(complaints, []),
    [Symbol.asyncDispose]: () => context.close(),
  };
}

/** Text as a reader compares it: one kind of space. */
export function plain(text: string | null): string {
  return (text ?? '').replace(/[\s\u202f\u00a0]+/g, ' ').trim();
}

/** Waits until `isSo`: pages draw once per frame, and frames come late on a busy machine. */
export async function becomes(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`did not become so: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits until a canvas has so many painted pixels: it is on the page before its first frame. */
export function drawn({ measure }: Watched, selector: string, least: number): Promise<void> {
  return becomes(`${selector} is drawn`, async () => (await measure('ink', selector)) > least);
}

/** Waits until there are so many: a table is on the page before all of its rows. */
export function counted(locator: Locator, wanted: number): Promise<void> {
  return becomes(`there are ${wanted}`, async () => (await locator.count()) === wanted);
}
