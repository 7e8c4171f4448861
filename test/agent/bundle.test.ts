// How much of the agent's bundle is compiled at the start of every process (docs/decisions/0023-later-part.md). In: the bundle.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build } from 'esbuild';
import { agentOptions } from '../../scripts/build-agent.ts';

const KB = 1024;
/** Half of a start's cost is in proportion to it: 1 ms for 25 KB. */
const CORE_LIMIT = 64 * KB;
/** Read by every process; a text costs 0.1 ms for 45 KB. */
const WHOLE_LIMIT = 128 * KB;

const { outputFiles } = await build({ ...agentOptions('agent.cjs'), write: false });
const bundle = outputFiles[0]?.text ?? '';
/** The longest text in a program, quotes included. */
function longestText(program: string): string {
  const texts = program.matchAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[^])*`/g);
  return [...texts].map(([text]) => text).toSorted((one, other) => other.length - one.length)[0] ?? '';
}

/** The agent, in the bundle as a comment (src/agent/gate.ts), and its later part, as a text in that. */
const core = bundle.slice(bundle.indexOf('/*') + 2, bundle.indexOf('*/'));
const later = longestText(core);

test('the core is small, and so is the whole', (context) => {
  context.diagnostic(`${bundle.length} bytes, ${core.length - later.length} without the later part`);
  assert.ok(later.length > 20 * KB, 'the later part was found');
  assert.ok(core.length - later.length <= CORE_LIMIT);
  assert.ok(bundle.length <= WHOLE_LIMIT);
});
