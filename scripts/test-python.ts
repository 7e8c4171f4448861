// `npm run test:python [-- pytest options]`: all tests of the Python agent, with the servers and packages they need.
// Makes a virtual environment in node_modules/.cache, once. WIRETIME_TEST_PYTHON: another interpreter to make it with.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
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
  'httpx[http2]',
  'requests',
  'redis',
  'asyncpg',
  'django',
  'tornado',
  'bottle',
  'falcon',
  'pyramid',
  // pyramid imports pkg_resources.
  'setuptools<81',
  'sanic',
  'waitress',
  'hypercorn',
  'daphne',
  'sqlalchemy',
  'greenlet',
  'psycopg2-binary',
  'psycopg[binary,pool]',
  'pymysql',
  'cryptography',
  'celery',
  'rq',
  'gevent',
  'eventlet',
  'trio',
  'grpcio',
  'pika',
  'pycurl',
  'nats-py',
];
/** Must be compiled here (apt: libmariadb-dev, default-libmysqlclient-dev): its tests are left out without it. */
const COMPILED = ['mysqlclient'];

const interpreter = process.env['WIRETIME_TEST_PYTHON'] ?? 'python3';

/** The Python of the virtual environment; one for each version of Python. */
function environment(): string {
  const version = execFileSync(interpreter, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], {
    encoding: 'utf8',
  }).trim();
  const folder = resolve('node_modules/.cache/wiretime', `python-${version}`);
  const python = join(folder, 'bin/python');
  const mark = join(folder, 'packages');
  const wanted = [...PACKAGES, ...COMPILED].join('\n');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return python;
  console.error(`python: making an environment for Python ${version} (once) …`);
  execFileSync(interpreter, ['-m', 'venv', folder], { stdio: 'inherit' });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  execFileSync(python, [...pip, ...PACKAGES], { stdio: 'inherit' });
  tryToInstall(python, pip);
  writeFileSync(mark, wanted);
  return python;
}

function tryToInstall(python: string, pip: readonly string[]): void {
  try {
    execFileSync(python, [...pip, ...COMPILED], { stdio: 'ignore' });
  } catch {
    console.error(`python: could not compile ${COMPILED.join(', ')}; its tests are left out`);
  }
}

// Some run the whole of `wiretime run`.
if (!existsSync('dist/cli.js')) execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
const python = environment();
execFileSync(python, ['-m', 'ruff', 'check', '--quiet', 'python'], { stdio: 'inherit' });
execFileSync(python, ['-m', 'ruff', 'format', '--check', '--quiet', 'python'], { stdio: 'inherit' });
process.env['WIRETIME_TEST_PYTHON'] = python;
process.exitCode = await runWithServers(
  ['postgres', 'redis', 'mariadb'],
  [python, '-m', 'pytest', '-q', 'python/tests', ...process.argv.slice(2)],
  (line) => console.error(line),
);
