// `npm test [-- files]`: all tests with node:test. Starts the database servers once, ends them with the tests.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runWithServers } from './servers.ts';

function testFiles(): string[] {
  return ['src', 'test'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.test\.tsx?$/.test(name))
      .map((name) => join(folder, name)),
  );
}

const files = process.argv.slice(2);
process.exitCode = await runWithServers(
  ['postgres', 'redis', 'mariadb'],
  [
    process.execPath,
    '--import',
    'tsx',
    '--test',
    '--test-concurrency=2',
    ...(files.length > 0 ? files : testFiles()),
  ],
  (line) => console.error(line),
);
