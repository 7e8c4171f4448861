// `npm run test:python [-- pytest options]`: all tests of the Python agent, with the servers and packages they need.
// Makes a virtual environment in node_modules/.cache, once. WIRETIME_TEST_PYTHON: another interpreter to make it with.

import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runWithServers } from './servers.ts';

const PACKAGES = [
  'pytest',
  'ruff',
  'flask',
  'gunicorn',
  'uvicorn[standard]',
  'fastapi',
  'aiohttp',
  'httpx',
  'requests',
  'redis',
  'asyncpg',
];

const interpreter = process.env['WIRETIME_TEST_PYTHON'] ?? 'python3';

/** The Python of the virtual environment; one for each version of Python. */
function environment(): string {
  const version = execFileSync(interpreter, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], {
    encoding: 'utf8',
  }).trim();
  const folder = resolve('node_modules/.cache/wiretime', `python-${version}`);
  const python = join(folder, 'bin/python');
  const mark = join(folder, 'packages');
  if (existsSync(mark)) return python;
  console.error(`python: making an environment for Python ${version} (once) …`);
  execFileSync(interpreter, ['-m', 'venv', folder], { stdio: 'inherit' });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  execFileSync(python, [...pip, ...PACKAGES], { stdio: 'inherit' });
  writeFileSync(mark, PACKAGES.join('\n'));
  return python;
}

const python = environment();
execFileSync(python, ['-m', 'ruff', 'check', '--quiet', 'python'], { stdio: 'inherit' });
execFileSync(python, ['-m', 'ruff', 'format', '--check', '--quiet', 'python'], { stdio: 'inherit' });
process.env['WIRETIME_TEST_PYTHON'] = python;
process.exitCode = await runWithServers(
  ['postgres', 'redis'],
  [python, '-m', 'pytest', '-q', 'python/tests', ...process.argv.slice(2)],
  (line) => console.error(line),
);
