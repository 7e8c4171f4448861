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

/** Writes the entry into the driver's folder, where `import 'pg'` finds this version. `modules`: the driver first. */
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

function requiring(modules: readonly string[], workload: string): string {
  const loaded = modules.map((module) => `require('${module}')`).join(', ');
  return `const modules = [${loaded}];\nimport('${SERVE}').then(({ serve }) => serve('${workload}', modules));\n`;
}

function importing(modules: readonly string[], workload: string, serve = SERVE): string {
  const names = modules.map((_, index) => `module${index}`);
  const imports = modules.map((module, index) => `import * as module${index} from '${module}';\n`).join('');
  return `${imports}import { serve } from '${serve}';\nserve('${workload}', [${names.join(', ')}]);\n`;
}

/** Drivers that a query builder would load if they were there. */
const EXTERNAL = [
  'better-sqlite3',
  'cloudflare:sockets',
  'mariadb/callback',
  'mysql',
  'oracledb',
  'pg-native',
  'pg-query-stream',
  'sqlite3',
  'tedious',
];

/** Like a production build: everything in one minified file. */
function bundle(folder: string, entry: string, name: string): string {
  const outfile = join(folder, `${name}.bundle.cjs`);
  buildSync({
    entryPoints: [entry],
    outfile,
    bundle: true,
    minify: true,
    sourcemap: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: EXTERNAL,
    logLevel: 'error',
  });
  return outfile;
}
