// The pages as files with hashed names. In: src/ui. Out: a folder with index.html, assets/ and preloads.json, as src/server/pages.ts serves it.
// The styles and the theme are in index.html: nothing has to be fetched before the first paint.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';

const source = fileURLToPath(new URL('../src/ui/', import.meta.url));
/** Pages that are loaded when they are needed, by the first part of their address. */
const SECTIONS = ['endpoint', 'findings', 'finding', 'map', 'connections', 'traces', 'trace'] as const;

/** Builds into `folder`; returns what esbuild knows of the outputs, for size budgets. */
export async function buildUi(folder: string): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: {
      main: join(source, 'main.tsx'),
      theme: join(source, 'theme.ts'),
      style: join(source, 'style/all.css'),
    },
    outdir: join(folder, 'assets'),
    publicPath: '/assets',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    metafile: true,
    legalComments: 'none',
    logLevel: 'warning',
    loader: { '.woff2': 'file' },
  });
  const outputs = new Outputs(metafile);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.html'), indexHtml(folder, outputs));
  const preloads = Object.fromEntries(
    SECTIONS.map((name) => [name, outputs.ofPage(`src/ui/pages/${name}.tsx`)]),
  );
  writeFileSync(join(folder, 'preloads.json'), `${JSON.stringify(preloads)}\n`);
  return metafile;
}

class Outputs {
  readonly #outputs: Metafile['outputs'];

  constructor(metafile: Metafile) {
    this.#outputs = metafile.outputs;
  }

  /** The file of an entry, as a name in assets/. */
  named(name: string, extension: string): string {
    const path = Object.keys(this.#outputs).find((file) =>
      new RegExp(`^${name}-\\w+\\.${extension}$`).test(basename(file)),
    );
    if (path === undefined) throw new Error(`build-ui: no output for ${name}.${extension}`);
    return basename(path);
  }

  /** What main.js imports, and what that imports: a browser finds each only when the one before is there. */
  ofMain(): string[] {
    return this.#withImports('src/ui/main.tsx');
  }

  /** What a page needs besides main.js. */
  ofPage(entryPoint: string): string[] {
    const known = new Set(this.ofMain());
    return this.#withImports(entryPoint).filter((name) => !known.has(name));
  }

  #withImports(entryPoint: string): string[] {
    const [first] =
      Object.entries(this.#outputs).find(([, output]) => output.entryPoint?.endsWith(entryPoint)) ?? [];
    if (first === undefined) throw new Error(`build-ui: no output for ${entryPoint}`);
    const found = new Set<string>();
    const queue = [first];
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
      if (found.has(path)) continue;
      found.add(path);
      const imports = this.#outputs[path]?.imports ?? [];
      queue.push(...imports.filter(({ kind }) => kind === 'import-statement').map((each) => each.path));
    }
    return [...found].map((path) => basename(path));
  }
}

/** The template names its files as `/assets/main.js`; that one gets its hashed name, the small ones that a paint waits for are put in. */
function indexHtml(folder: string, outputs: Outputs): string {
  const text = (name: string, extension: string) =>
    readFileSync(join(folder, 'assets', outputs.named(name, extension)), 'utf8').trim();
  const replaced = (html: string, from: string, to: string): string => {
    if (!html.includes(from)) throw new Error(`build-ui: index.html has no ${from}`);
    return html.replace(from, () => to);
  };
  const main = '<script type="module" src="/assets/main.js"></script>';
  const modules = outputs.ofMain().map((name) => `<link rel="modulepreload" href="/assets/${name}" />`);
  let html = readFileSync(join(source, 'index.html'), 'utf8');
  html = replaced(
    html,
    '<script src="/assets/theme.js"></script>',
    `<script>${text('theme', 'js')}</script>`,
  );
  html = replaced(
    html,
    '<link rel="stylesheet" href="/assets/style.css" />',
    `<style>${text('style', 'css')}</style>`,
  );
  html = replaced(html, main, [...modules, main].join('\n    '));
  return html.replaceAll('/assets/main.js', `/assets/${outputs.named('main', 'js')}`);
}
