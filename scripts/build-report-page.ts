// The pages as one file that opens from the disk. In: src/ui. Out: report.html with scripts, styles and fonts in it, and a policy that allows
// exactly these. `wiretime report --format html` puts the answers in (src/server/pages.ts); they are data, which no policy executes.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const source = fileURLToPath(new URL('../src/ui/', import.meta.url));

/** Lazy pages are in the one script: a file cannot load others. */
async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(source, entry)],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    loader: { '.woff2': 'dataurl' },
  });
  return outputFiles[0]?.text.trim() ?? '';
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** Nothing is loaded, nothing is sent, and only what is named here is executed. */
function policy(scripts: readonly string[], style: string): string {
  return [
    "default-src 'none'",
    `script-src ${scripts.map(hashOf).join(' ')}`,
    `style-src ${hashOf(style)}`,
    'font-src data:',
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

export async function buildReportPage(folder: string): Promise<void> {
  const [theme, main, style] = await Promise.all([
    bundled('theme.ts'),
    bundled('main.tsx'),
    bundled('style/all.css'),
  ]);
  const replaced = (html: string, from: RegExp, to: string): string => {
    if (!from.test(html)) throw new Error(`build-report-page: index.html has no ${from.source}`);
    return html.replace(from, () => to);
  };
  let html = readFileSync(join(source, 'index.html'), 'utf8');
  html = replaced(
    html,
    /<meta charset="utf-8" \/>/,
    `<meta charset="utf-8" />\n    <meta http-equiv="content-security-policy" content="${policy([theme, main], style)}" />`,
  );
  html = replaced(html, /<script src="\/assets\/theme\.js"><\/script>/, `<script>${theme}</script>`);
  html = replaced(html, /<link rel="stylesheet"[^>]*>/, `<style>${style}</style>`);
  html = replaced(html, /\s*<script type="module"[^>]*><\/script>/, '');
  // After the data and the place where it is drawn.
  html = replaced(html, /<!--data-->/, `<!--data-->\n    <script>${main}</script>`);
  writeFileSync(join(folder, 'report.html'), html);
}
