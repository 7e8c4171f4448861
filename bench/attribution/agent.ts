// The agent under test, from its sources. In: with or without driver hints. Out: a bundle in a temporary folder.

import { build, type Plugin } from 'esbuild';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentOptions } from '../../scripts/build-agent.ts';

/** Without hints it gives many operations to the wrong request: to see that the harness notices. */
export async function buildAgent(hasHints: boolean): Promise<string> {
  const outfile = join(mkdtempSync(join(tmpdir(), 'wiretime-agent-')), 'agent.cjs');
  await build(hasHints ? agentOptions(outfile) : agentOptions(outfile, [NO_HINTS]));
  return outfile;
}

/** The later part, where the drivers are, is left out with them. */
const NO_HINTS: Plugin = {
  name: 'no-hints',
  setup(building) {
    building.onLoad({ filter: /hints[\\/]install\.ts$/ }, () => ({
      contents: 'export function installHints(): void {}',
      loader: 'ts',
    }));
  },
};
