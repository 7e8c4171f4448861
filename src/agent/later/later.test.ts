// Every class that the later part recognizes has a sign by which it is compiled in time. In: the sources of its recognizers.
// Out: the names they look for, each list with at least one sign in it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SIGNS } from './later.ts';

const RECOGNIZER = /^import \{[^}]*\brecognize\w+[^}]*\} from '(.+)';$/gm;
const NAMES = /hasAll\(\s*prototype,\s*([^)]*)\)/g;

function read(file: string): string {
  return readFileSync(new URL(file, import.meta.url), 'utf8');
}

/** Each list of names that a prototype must have all of, with its file. */
function lists(): readonly (readonly [file: string, names: readonly string[]])[] {
  const files = [...read('later-install.ts').matchAll(RECOGNIZER)].map((match) => match[1] ?? '');
  return files.flatMap((file) =>
    [...read(file).matchAll(NAMES)].map(
      (match) => [file, (match[1] ?? '').match(/'\w+'/g)?.map((name) => name.slice(1, -1)) ?? []] as const,
    ),
  );
}

test('each list of names has a sign', () => {
  assert.ok(lists().length > 25, 'the recognizers were found');
  for (const [file, names] of lists())
    assert.ok(
      names.some((name) => SIGNS.includes(name)),
      `${file}: ${names.join(', ')}`,
    );
});

test('each sign is looked for', () => {
  const wanted = new Set(lists().flatMap(([, names]) => names));
  const own = SIGNS.filter((name) => !wanted.has(name));
  // dgram's recognizer asks without `hasAll`.
  assert.deepEqual(own, ['addMembership']);
});
