// The ways in which people start programs. In: nothing. Out: for each what is run, in a folder with the application's files and the tools.
// Not here: how it is run and judged (run-way.ts).

import { buildSync } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Way {
  readonly name: string;
  /** Makes files that are not there yet. */
  prepare?(folder: string): void;
  /** Program and arguments; `node` is the Node under test. */
  readonly command: readonly string[];
  /** Processes and threads of the application that use the network. */
  readonly processes: number;
  /** What goes on when the application has ended: it is ended by this command, or by SIGTERM. */
  readonly stop?: readonly string[] | 'SIGTERM';
}

const bin = (name: string): string => `node_modules/.bin/${name}`;

function way(name: string, command: readonly string[], more: Partial<Way> = {}): Way {
  return { name, command, processes: 1, ...more };
}

function esbuild(folder: string, outfile: string, minify: boolean): void {
  buildSync({
    absWorkingDir: folder,
    entryPoints: ['app.mts'],
    outfile,
    bundle: true,
    minify,
    sourcemap: true,
    platform: 'node',
    format: 'cjs',
    external: ['pg-native', 'cloudflare:sockets'],
    logLevel: 'error',
  });
}

/** `production` is minified. ts-loader, as most do; its names of sources are webpack's own. */
function webpack(folder: string, mode: 'development' | 'production'): void {
  const settings = {
    mode,
    context: folder,
    target: 'node',
    entry: './app.mts',
    devtool: 'source-map',
    output: { path: join(folder, mode), filename: 'app.cjs' },
    module: { rules: [{ test: /\.mts$/, use: { loader: 'ts-loader', options: { transpileOnly: true } } }] },
    externals: { 'pg-native': 'commonjs pg-native', 'pg-cloudflare': 'commonjs pg-cloudflare' },
  };
  // JSON has no regular expressions.
  const script = `
    const settings = JSON.parse(process.argv[1]);
    settings.module.rules[0].test = /\\.mts$/;
    require('webpack')(settings, (error, stats) => {
      if (error || stats.hasErrors()) { console.error(String(error ?? stats.toString())); process.exitCode = 1; }
    });`;
  execFileSync(process.execPath, ['-e', script, JSON.stringify(settings)], { cwd: folder, stdio: 'inherit' });
}

/** ts-node runs CommonJS: no `.mts`. */
function commonTypeScript(folder: string): void {
  execFileSync('cp', ['app.mts', 'app.ts'], { cwd: folder });
}

/** A home of its own, so that it meets no other. */
const PM2 = ['env', 'PM2_HOME=.pm2', bin('pm2')] as const;
const PM2_STOP = [...PM2, 'kill'];

export const WAYS: readonly Way[] = [
  way('CommonJS', ['node', 'app.cjs']),
  way('ESM', ['node', 'app.mjs'], {
    prepare: (folder) =>
      buildSync({
        absWorkingDir: folder,
        entryPoints: ['app.mts'],
        outfile: 'app.mjs',
        format: 'esm',
        sourcemap: true,
      }),
  }),
  way('tsx', [bin('tsx'), 'app.mts']),
  way('node --import tsx', ['node', '--import', 'tsx', 'app.mts']),
  way('ts-node', [bin('ts-node'), '--transpile-only', 'app.ts'], { prepare: commonTypeScript }),
  way('node -r ts-node/register', ['node', '-r', 'ts-node/register/transpile-only', 'app.ts'], {
    prepare: commonTypeScript,
  }),
  way('esbuild', ['node', 'bundle.cjs'], { prepare: (folder) => esbuild(folder, 'bundle.cjs', false) }),
  way('esbuild, minified', ['node', 'small.cjs'], {
    prepare: (folder) => esbuild(folder, 'small.cjs', true),
  }),
  way('webpack', ['node', 'development/app.cjs'], { prepare: (folder) => webpack(folder, 'development') }),
  way('webpack, minified', ['node', 'production/app.cjs'], {
    prepare: (folder) => webpack(folder, 'production'),
  }),
  way('npm start', ['npm', 'start']),
  way('npx', ['npx', '--no', 'tsx', 'app.mts']),
  way('pnpm start', [bin('pnpm'), 'start']),
  way('nodemon', [bin('nodemon'), '--quiet', 'app.cjs'], { stop: 'SIGTERM' }),
  way('pm2', [...PM2, 'start', 'app.cjs', '--no-autorestart', '--silent'], { stop: PM2_STOP }),
  way('pm2, cluster', [...PM2, 'start', 'app.cjs', '-i', '2', '--no-autorestart', '--silent'], {
    stop: PM2_STOP,
    processes: 2,
  }),
  // The primary listens for its workers.
  way('cluster', ['node', 'cluster.cjs'], { processes: 3 }),
  way('child_process.fork', ['node', 'fork.cjs']),
  way('child_process.spawn', ['node', 'spawn.cjs']),
  way('worker_threads', ['node', 'thread.cjs']),
];

/** What `npm test` has time for: nothing to install beside what the project has. */
export const QUICK_WAYS: ReadonlySet<string> = new Set([
  'node --import tsx',
  'esbuild, minified',
  'npm start',
  'cluster',
  'child_process.fork',
  'worker_threads',
]);

const APPLICATION = join(import.meta.dirname, 'app');
const MANIFEST = { name: 'ways', private: true, scripts: { start: 'node app.cjs' } };

/** Copies the application into a folder whose packages are those of `modules`. */
export function installWays(folder: string, modules: string): void {
  for (const name of readdirSync(APPLICATION)) execFileSync('cp', [join(APPLICATION, name), folder]);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(MANIFEST));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TYPESCRIPT));
  if (!existsSync(join(folder, 'node_modules')))
    execFileSync('ln', ['-s', modules, join(folder, 'node_modules')]);
}

const TYPESCRIPT = {
  compilerOptions: { target: 'es2022', module: 'commonjs', esModuleInterop: true, sourceMap: true },
};
