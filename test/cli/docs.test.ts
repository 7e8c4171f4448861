// docs/cli.md against the commands: every option and every variable has its row, in the section of its command.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { createProgram } from '../../src/cli/program.ts';

const text = readFileSync('docs/cli.md', 'utf8');
const program = createProgram({ root: '', version: '0', agentFile: '' }, () => {});

function sectionOf(command: string): string {
  const start = text.indexOf(`\n## \`wiretime ${command}\``);
  assert.ok(start >= 0, `docs/cli.md has no section for ${command}`);
  return text.slice(start, text.indexOf('\n## ', start + 1));
}

for (const command of program.commands)
  test(`docs/cli.md describes wiretime ${command.name()}`, () => {
    const section = sectionOf(command.name());
    for (const { flags, envVar } of command.options)
      assert.ok(section.includes(`| \`${flags}\` | \`${envVar}\` |`), `${flags} (${envVar})`);
    const rows = section.match(/^\| `--/gm)?.length ?? 0;
    assert.equal(rows, command.options.length, 'an option that is not there');
  });

test('every command is in the first table', () => {
  for (const command of program.commands)
    assert.ok(text.includes(`| [\`${command.name()}\`]`), command.name());
});
