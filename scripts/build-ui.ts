// The pages as files with hashed names. In: src/ui. Out: a folder with index.html and assets/, as src/server/pages.ts serves it.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';

const source = fileURLToPath(new URL('../src/ui/', import.meta.url));

/** Builds into `folder`; returns what esbuild knows of the outputs, for size budgets. */
export async function buildUi(folder: string): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: {
      main: join(source, 'main.tsx'),
      theme: join(source, 'theme.ts'),
      style: join(source, 'style/all.css'),
    },
    outdir: join(folder, 'assets'),
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
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.html'), indexHtml(metafile));
  return metafile;
}

/** The template names its files as `/assets/main.js`; they become the hashed ones. */
function indexHtml(metafile: Metafile): string {
  const names = Object.keys(metafile.outputs).map((path) => basename(path));
  return readFileSync(join(source, 'index.html'), 'utf8').replace(
    /\/assets\/(\w+)\.(js|css)/g,
    (_, name: string, extension: string) => {
      const hashed = names.find((file) => new RegExp(`^${name}-\\w+\\.${extension}$`).test(file));
      if (hashed === undefined) throw new Error(`build-ui: no output for ${name}.${extension}`);
      return `/assets/${hashed}`;
    },
  );
}
