import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { agentVariables } from './agent-environment.ts';

const folder = mkdtempSync(join(tmpdir(), 'wiretime-environment-'));
after(() => rmSync(folder, { recursive: true }));

/** Runs Node with the variables; the stand-in for the agent says that it was loaded. */
function loadedBy(variables: Record<string, string>): string {
  const env = { PATH: process.env['PATH'], ...variables };
  return execFileSync(process.execPath, ['-e', 'console.log("program")'], { env, encoding: 'utf8' });
}

for (const name of ['plain', 'with space', 'with "quotes"', String.raw`with \ backslash`, "it's"])
  test(`Node loads the agent from a folder ${name}`, () => {
    mkdirSync(join(folder, name));
    const agentFile = join(folder, name, 'agent.cjs');
    writeFileSync(agentFile, 'console.log("agent")');
    const variables = agentVariables({ agentFile, socketPath: '/s' }, { NODE_OPTIONS: '--no-warnings' });
    assert.equal(loadedBy(variables), 'agent\nprogram\n');
  });

test('what was in NODE_OPTIONS stays, and the agent is there once', () => {
  const settings = { agentFile: '/a/agent.cjs', socketPath: '/s' };
  const first = agentVariables(settings, { NODE_OPTIONS: '--max-old-space-size=100' });
  assert.equal(first['NODE_OPTIONS'], '--max-old-space-size=100 --require=/a/agent.cjs');
  assert.equal(agentVariables(settings, first)['NODE_OPTIONS'], first['NODE_OPTIONS']);
});

test('Python looks for its sitecustomize in our folder first, and once', () => {
  const settings = { agentFile: '/a/agent.cjs', pythonFolder: '/w/python/boot', socketPath: '/s' };
  const first = agentVariables(settings, { PYTHONPATH: '/mine:/w/python/boot' });
  assert.equal(first['PYTHONPATH'], '/w/python/boot:/mine');
  assert.equal(agentVariables(settings, first)['PYTHONPATH'], first['PYTHONPATH']);
  assert.equal(agentVariables(settings, {})['PYTHONPATH'], '/w/python/boot');
});

test('a name is only set when it was asked for', () => {
  const settings = { agentFile: '/a/agent.cjs', socketPath: '/s' };
  assert.deepEqual(Object.keys(agentVariables(settings, {})), ['NODE_OPTIONS', 'WIRETIME_SOCKET']);
  assert.equal(agentVariables({ ...settings, service: 'cart' }, {})['WIRETIME_SERVICE'], 'cart');
  assert.equal(agentVariables({ ...settings, profile: true }, {})['WIRETIME_PROFILE'], '1');
  const off = agentVariables({ ...settings, profile: true }, { WIRETIME_PROFILE: '0' });
  assert.equal(off['WIRETIME_PROFILE'], undefined, 'what the program inherits holds');
  assert.equal(agentVariables({ ...settings, propagate: 'off' }, {})['WIRETIME_PROPAGATE'], 'off');
});
