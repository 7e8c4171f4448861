// `npm run build`: the three bundles of the package. dist/agent.cjs has no dependencies; dist/ui/ is served by dist/cli.js.

import { mkdirSync, rmSync, statSync } from 'node:fs';
import { build, type BuildOptions } from 'esbuild';
import { agentOptions } from './build-agent.ts';
import { buildUi } from './build-ui.ts';

const started = performance.now();
rmSync('dist', { recursive: true, force: true });
mkdirSync('dist', { recursive: true });

const common: BuildOptions = { bundle: true, logLevel: 'warning', legalComments: 'none' };

/** The collector, server and commands. DuckDB is native and stays outside; the store's worker is a file of its own. */
const cli: BuildOptions = {
  ...common,
  entryPoints: { cli: 'src/cli/main.ts', 'store-worker': 'src/store/duckdb/worker.ts' },
  outdir: 'dist',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  external: ['@duckdb/node-api', '@duckdb/node-bindings'],
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
};

await Promise.all([build(agentOptions('dist/agent.cjs')), build(cli), buildUi('dist/ui')]);
const agentKb = (statSync('dist/agent.cjs').size / 1024).toFixed(1);
console.error(`build: dist/ in ${Math.round(performance.now() - started)} ms, agent ${agentKb} KB`);
