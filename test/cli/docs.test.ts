// The documents against the code: every option and variable of a command has its row, every link leads somewhere.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { createProgram } from '../../src/cli/program.ts';

const text = readFileSync('docs/cli.md', 'utf8');
const program = createProgram({ root: '', version: '0', agentFile: '', pythonFolder: '' }, () => {});

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

const DOCUMENTS = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync('docs').flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
];

for (const document of DOCUMENTS)
  test(`${document} links to what is there`, () => {
    const links = readFileSync(document, 'utf8').matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g);
    for (const [, target = ''] of links)
      assert.ok(existsSync(join(dirname(document), target)), `${target} is not there`);
  });

test('the import table of ARCHITECTURE.md is that of scripts/check-layers.ts', () => {
  const source = readFileSync('scripts/check-layers.ts', 'utf8');
  const [, data = ''] = /MAY_IMPORT[^=]*= (\{[^}]*\});/.exec(source) ?? [];
  const table = [...data.matchAll(/^ {2}(\w+): \[([^\]]*)\]/gm)].map(
    ([, folder = '', list = '']) =>
      `| \`${folder}\` | ${cell([...list.matchAll(/'([^']+)'/g)].map(([, name = '']) => name))} |`,
  );
  assert.ok(table.length > 10);
  const architecture = readFileSync('ARCHITECTURE.md', 'utf8');
  for (const row of table) assert.ok(architecture.includes(row), row);
});

function cell(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.map((name) => `\`${name}\``).join(', ');
}
