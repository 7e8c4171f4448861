// `npm test [-- files]`: all tests with node:test. Starts the database servers once, ends them with the tests.

import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

function testFiles(): string[] {
  return ['src', 'test'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.test\.tsx?$/.test(name))
      .map((name) => join(folder, name)),
  );
}

const files = process.argv.slice(2);
const args = [
  '--import',
  'tsx',
  '--test',
  '--test-concurrency=2',
  ...(files.length > 0 ? files : testFiles()),
];
const child = spawn(process.execPath, args, { stdio: 'inherit' });
child.on('exit', (code) => process.exit(code ?? 1));
