// `npm test [-- files]`: all tests with node:test. Installs what is missing where it can, starts the database servers once, ends them with the
// tests. Without a browser the tests of pages are skipped, and it says so.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBrowser } from './browser.ts';
import { runWithServers } from './servers.ts';

function testFiles(): string[] {
  return ['src', 'test'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.test\.tsx?$/.test(name))
      .map((name) => join(folder, name)),
  );
}

function say(line: string): void {
  console.error(line);
}

const named = process.argv.slice(2);
const files = named.length > 0 ? named : testFiles();
if (files.some((file) => file.includes(join('test', 'pages'))))
  await ensureBrowser(say).catch((error: unknown) =>
    say(`tests of pages are skipped. ${error instanceof Error ? error.message : String(error)}`),
  );
process.exitCode = await runWithServers(
  ['postgres', 'redis', 'mariadb'],
  [process.execPath, '--import', 'tsx', '--test', '--test-concurrency=2', ...files],
  say,
);
