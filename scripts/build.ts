// `npm run build`: the three bundles of the package. dist/agent.cjs has no dependencies; dist/ui/ is served by dist/cli.js.

import { existsSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { build, type BuildOptions } from 'esbuild';
import { agentOptions } from './build-agent.ts';
import { buildReportPage } from './build-report-page.ts';
import { buildUi } from './build-ui.ts';

const started = performance.now();
/** Built beside and swapped at the end: whoever runs dist/ meanwhile never finds half of it. */
const next = mkdtempSync('dist-');

const common: BuildOptions = { bundle: true, logLevel: 'warning', legalComments: 'none' };

/** The collector, server and commands. DuckDB is native and stays outside; workers are files of their own. */
const cli: BuildOptions = {
  ...common,
  entryPoints: {
    cli: 'src/cli/main.ts',
    'store-worker': 'src/store/duckdb/worker.ts',
    'finding-worker': 'src/answer/findings/finding-worker.ts',
  },
  outdir: next,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  external: ['@duckdb/node-api', '@duckdb/node-bindings'],
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
};

await Promise.all([build(agentOptions(`${next}/agent.cjs`)), build(cli), buildUi(`${next}/ui`)]);
await buildReportPage(`${next}/ui`);
if (existsSync('dist')) renameSync('dist', `${next}-old`);
renameSync(next, 'dist');
rmSync(`${next}-old`, { recursive: true, force: true });
const agentKb = (statSync('dist/agent.cjs').size / 1024).toFixed(1);
console.error(`build: dist/ in ${Math.round(performance.now() - started)} ms, agent ${agentKb} KB`);
