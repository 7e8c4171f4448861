// `npm run test:python [-- pytest options]`: all tests of the Python agent, with the servers and packages they need.
// WIRETIME_TEST_PYTHON: another interpreter to make their environment with.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { pythonWith } from './python-environment.ts';
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
  'litestar',
  'waitress',
  'hypercorn',
  'daphne',
  'sqlalchemy',
  'greenlet',
  'psycopg2-binary',
  'psycopg[binary,pool]',
  'pymysql',
  'aiomysql',
  'pg8000',
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
  'confluent-kafka',
  // Its tests also need ODBC drivers (apt: odbc-postgresql, libsqliteodbc, odbc-mariadb), and are left out without them.
  'pyodbc',
];
/**
 * mysqlclient must be compiled here (apt: libmariadb-dev, default-libmysqlclient-dev). arq asks for an older redis than the others get, and runs
 * with that as well. Their tests are left out without them.
 */
const OPTIONAL = ['mysqlclient', 'arq'];

// Some run the whole of `wiretime run`.
if (!existsSync('dist/cli.js')) execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
const python = pythonWith('python', PACKAGES, OPTIONAL);
execFileSync(python, ['-m', 'ruff', 'check', '--quiet', 'python'], { stdio: 'inherit' });
execFileSync(python, ['-m', 'ruff', 'format', '--check', '--quiet', 'python'], { stdio: 'inherit' });
process.env['WIRETIME_TEST_PYTHON'] = python;
process.exitCode = await runWithServers(
  ['postgres', 'redis', 'mariadb'],
  [python, '-m', 'pytest', '-q', 'python/tests', ...process.argv.slice(2)],
  (line) => console.error(line),
);
