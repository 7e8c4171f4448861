// The pages. In: a path. Out: files of dist/ui, and index.html with the data of the first view in it, so that the answer
// line is there with the first paint. Not here: what the data means.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { InlineHashes } from './guard.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
};

/** Where the data goes in index.html. */
const DATA_PLACE = '<!--data-->';

/** dist/ui, seen from the bundle (dist/cli.js) or from the source (src/server/pages.ts). */
export function defaultUiFolder(): string {
  const beside = fileURLToPath(new URL('ui/', import.meta.url));
  return existsSync(join(beside, 'index.html'))
    ? beside
    : fileURLToPath(new URL('../../dist/ui/', import.meta.url));
}

export interface StaticFile {
  readonly body: Uint8Array<ArrayBuffer>;
  /** For who takes it; fonts are compressed already. */
  readonly gzipped: Uint8Array<ArrayBuffer> | undefined;
  readonly type: string;
}

/** Some thirty files of 0.3 MB in all. Their names are hashes: one that was read never changes. */
const assets = new Map<string, StaticFile>();

/**
 * One file with a hashed name, or undefined. Names are flat: nothing outside assets/ can be named. Read and compressed at once, not in
 * node's threads: there it would wait behind the questions of the very page that it belongs to.
 */
export function readAsset(folder: string, name: string): StaticFile | undefined {
  const type = TYPES[extname(name)];
  if (type === undefined || !/^[\w.-]+$/.test(name)) return undefined;
  const path = join(folder, 'assets', name);
  const known = assets.get(path);
  if (known !== undefined) return known;
  const file = fileAt(path, type);
  if (file !== undefined) assets.set(path, file);
  return file;
}

function fileAt(path: string, type: string): StaticFile | undefined {
  if (!existsSync(path)) return undefined;
  const body = new Uint8Array(readFileSync(path));
  return { body, gzipped: type.startsWith('text/') ? new Uint8Array(gzipSync(body)) : undefined, type };
}

export interface PageParts {
  /** Styles, scripts and the frame of the page: what can be loaded and painted before any answer is there. */
  readonly before: string;
  readonly after: string;
  readonly hashes: InlineHashes;
}

/** The page that was read last: it changes with a build only. */
let lastPage: { readonly html: string; readonly parts: PageParts } | undefined;

/** index.html, without what goes between (`dataBlock`, `preloadOf`). undefined: there is none. */
export function readPage(folder: string): PageParts | undefined {
  const path = join(folder, 'index.html');
  if (!existsSync(path)) return undefined;
  const html = readFileSync(path, 'utf8');
  if (lastPage?.html !== html) lastPage = { html, parts: partsOf(html) };
  return lastPage.parts;
}

function partsOf(html: string): PageParts {
  const [before = '', after = ''] = html.split(DATA_PLACE);
  return { before, after, hashes: { scripts: hashesOf(html, 'script'), styles: hashesOf(html, 'style') } };
}

/** Of what stands between tags without attributes: the build puts the theme and the styles there. */
function hashesOf(html: string, tag: 'script' | 'style'): string[] {
  return [...html.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))].map(
    ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
  );
}

/** By the folder of the pages: the modules of each page that is loaded when it is needed. */
const preloads = new Map<string, Readonly<Record<string, readonly string[] | undefined>>>();

/** The browser fetches the modules of the page at `path` while it loads those of all pages. */
export function modulesOf(folder: string, path: string): string {
  let known = preloads.get(folder);
  if (known === undefined) {
    const file = join(folder, 'preloads.json');
    // Written by the build.
    known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string[]>) : {};
    preloads.set(folder, known);
  }
  const section = path.split('/')[1] ?? '';
  const names = (Object.hasOwn(known, section) ? known[section] : undefined) ?? [];
  return names.map((name) => `<link rel="modulepreload" href="/assets/${name}" />`).join('');
}

/** The browser asks for `path` while it still loads scripts. Percent-encoded: no character of it ends an attribute. */
export function preloadOf(path: string): string {
  return `<link rel="preload" as="fetch" crossorigin="anonymous" href="${path}" />`;
}

/** The pages as one file that needs no server, with `data` in it (scripts/build-report-page.ts). */
export async function readReportPage(folder: string, data: unknown): Promise<string> {
  const html = await readFile(join(folder, 'report.html'), 'utf8');
  return html.replace(DATA_PLACE, () => dataBlock(data, 'saved-answers'));
}

/** Any JSON value as a block that is never executed. `<` would end it early; U+2028 and U+2029 are line ends to older parsers. */
export function dataBlock(data: unknown, id = 'first-view'): string {
  const json = JSON.stringify(data).replace(
    /[<\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `<script type="application/json" id="${id}">${json}</script>`;
}
