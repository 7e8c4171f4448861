// The file that starts the backend under test, one for each way in which programs load drivers. In: driver, workload, way.
// Out: the file and the flags of node to run it with.

import { buildSync } from 'esbuild';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** How the application loads the driver. */
export type Style = 'cjs' | 'esm' | 'tsx' | 'bundle';

const SERVE_FILE = resolve(import.meta.dirname, 'app/serve.mjs');
const SERVE = pathToFileURL(SERVE_FILE).href;
const TSX = import.meta.resolve('tsx');

export interface Entry {
  readonly file: string;
  readonly flags: readonly string[];
}

/** Writes the entry into the driver's folder, where `import 'pg'` finds this version. `modules`: `pg`, and what is added to it by name. */
export function writeEntry(
  folder: string,
  modules: readonly string[],
  workload: string,
  style: Style,
): Entry {
  mkdirSync(folder, { recursive: true });
  const name = `${style}-${workload.replaceAll(/\W+/g, '-')}`;
  switch (style) {
    case 'cjs':
      return { file: write(folder, `${name}.cjs`, requiring(modules, workload)), flags: [] };
    case 'esm':
      return { file: write(folder, `${name}.mjs`, importing(modules, workload)), flags: [] };
    case 'tsx':
      return { file: write(folder, `${name}.mts`, importing(modules, workload)), flags: ['--import', TSX] };
    case 'bundle':
      return {
        file: bundle(folder, write(folder, `${name}.mjs`, importing(modules, workload, SERVE_FILE)), name),
        flags: [],
      };
  }
}

function write(folder: string, name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

function requiring([driver, ...others]: readonly string[], workload: string): string {
  const added = others.map((module) => `driver.Cursor = require('${module}');\n`).join('');
  return `const driver = Object.create(require('${driver}'));\n${added}import('${SERVE}').then(({ serve }) => serve(${
    others.length > 0 ? 'driver' : 'Object.getPrototypeOf(driver)'
  }, '${workload}'));\n`;
}

function importing([driver]: readonly string[], workload: string, serve = SERVE): string {
  return `import * as driver from '${driver}';\nimport { serve } from '${serve}';\nserve(driver, '${workload}');\n`;
}

/** Like a production build: everything in one minified file. */
function bundle(folder: string, entry: string, name: string): string {
  const outfile = join(folder, `${name}.bundle.cjs`);
  buildSync({
    entryPoints: [entry],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['pg-native', 'cloudflare:sockets'],
    logLevel: 'error',
  });
  return outfile;
}
