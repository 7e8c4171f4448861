// The agent under test, from its sources. In: with or without driver hints. Out: a bundle in a temporary folder.

import { build, type Plugin } from 'esbuild';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const MAIN = resolve(import.meta.dirname, '../../src/agent/main.ts');

/** Without hints it gives many operations to the wrong request: to see that the harness notices. */
export async function buildAgent(hasHints: boolean): Promise<string> {
  const outfile = join(mkdtempSync(join(tmpdir(), 'wiretime-agent-')), 'agent.cjs');
  await build({
    entryPoints: [MAIN],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
    plugins: hasHints ? [] : [NO_HINTS],
  });
  return outfile;
}

const NO_HINTS: Plugin = {
  name: 'no-hints',
  setup(building) {
    building.onLoad({ filter: /hints[\\/]install\.ts$/ }, () => ({
      contents: 'export function installHints(): void {}',
      loader: 'ts',
    }));
  },
};
