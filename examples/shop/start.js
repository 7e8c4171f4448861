// Starts the shop: data, network, payment provider, three services, customers. In: DATABASE_URL and REDIS_URL, and options.
// Ends with the customers (--seconds) or with Ctrl-C. See README.md.

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import faults from './faults.cjs';

const { values: options } = parseArgs({
  options: {
    fixed: { type: 'string', multiple: true, default: [] },
    rate: { type: 'string', default: '25' },
    seconds: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    counts: { type: 'string' },
    'no-python': { type: 'boolean', default: false },
    'no-load': { type: 'boolean', default: false },
  },
});

const here = import.meta.dirname;
const folder = mkdtempSync(join(tmpdir(), 'shop-'));
const children = [];
let isEnding = false;

const fixed = [...options.fixed, ...(process.env.SHOP_FIXED ?? '').split(',')].filter((name) => name !== '');
/** What is no part of the backend is not measured either. */
const OUTSIDE = { WIRETIME_DISABLED: '1', NODE_OPTIONS: '' };

function say(text) {
  console.error(`shop: ${text}`);
}

function fail(text) {
  say(text);
  process.exitCode = 1;
  return end();
}

function checkOptions() {
  const unknown = fixed.find((name) => !Object.hasOwn(faults.FAULTS, name));
  if (unknown !== undefined)
    return `there is no fault "${unknown}"; there are ${Object.keys(faults.FAULTS).join(', ')}`;
  if (!process.env.DATABASE_URL || !process.env.REDIS_URL)
    return 'set DATABASE_URL and REDIS_URL, or use "npm run demo"';
  return undefined;
}

/**
 * Ends what is left when we end, should we be killed: the kernel then closes our end of the pipe that it reads from.
 * They are out of reach of the terminal's Ctrl-C, so that the customers go first.
 */
const watchdog = spawn(
  'sh',
  [
    '-c',
    'trap "" INT TERM HUP; pids=; while read -r pid; do pids="$pids $pid"; done; kill -TERM $pids 2>/dev/null; rm -rf "$1"',
    'sh',
    folder,
  ],
  { stdio: ['pipe', 'ignore', 'ignore'], detached: true },
);

function keep(child) {
  children.push(child);
  if (child.pid !== undefined) watchdog.stdin.write(`${child.pid}\n`);
}

/** A program that runs until the shop ends. Resolves with the end of its line "… listening on …". */
function start(name, command, args, env) {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, SHOP_FIXED: fixed.join(','), ...env },
  });
  keep(child);
  child.stderr.on('data', (chunk) => process.stderr.write(chunk));
  child.once('exit', (code, signal) => {
    if (!isEnding) void fail(`${name} ended by itself (${signal ?? code})`);
  });
  return new Promise((resolve, reject) => {
    let printed = '';
    child.once('error', (error) => reject(new Error(`${name} does not start: ${error.message}`)));
    child.once('exit', () => reject(new Error(`${name} does not start`)));
    child.stdout.on('data', (chunk) => {
      printed += chunk;
      const found = / listening on (.*)\n/.exec(printed);
      if (found !== null) resolve(found[1]);
    });
  });
}

function startNode(name, file, args, env) {
  return start(name, process.execPath, [join(here, file), ...args], env);
}

/** Runs a program to its end. */
function run(command, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      detached: true,
      env: { ...process.env, ...OUTSIDE, ...env },
    });
    keep(child);
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ${args[0]} failed`)),
    );
  });
}

function makeCertificate() {
  const key = join(folder, 'key.pem');
  const certificate = join(folder, 'certificate.pem');
  try {
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=payments.example',
        '-addext',
      ].concat('subjectAltName=DNS:payments.example', '-keyout', key, '-out', certificate),
      { stdio: 'ignore' },
    );
  } catch {
    throw new Error('openssl is needed to make a certificate for the payment provider: install openssl');
  }
  return { key, certificate };
}

async function startPayments() {
  const { key, certificate } = makeCertificate();
  const files = { PAYMENTS_KEY: key, PAYMENTS_CERTIFICATE: certificate };
  return { certificate, port: await startNode('payments', 'payments.js', [], { ...OUTSIDE, ...files }) };
}

/** Round trips: 1 ms to the databases, 25 ms to the payment provider. */
async function startNetwork(paymentsPort) {
  const database = new URL(process.env.DATABASE_URL);
  const redis = new URL(process.env.REDIS_URL);
  const routes = [
    `database,${database.hostname},${database.port || 5432},1`,
    `redis,${redis.hostname},${redis.port || 6379},1`,
    `payments,127.0.0.1,${paymentsPort},25`,
  ];
  const ports = Object.fromEntries(
    (await startNode('network', 'network.js', routes, OUTSIDE)).split(' ').map((part) => part.split('=')),
  );
  database.host = `127.0.0.1:${ports.database}`;
  redis.host = `127.0.0.1:${ports.redis}`;
  return {
    DATABASE_URL: database.href,
    REDIS_URL: redis.href,
    PAYMENTS_URL: `https://payments.example:${ports.payments}`,
  };
}

/** The Python of a virtual environment with pricing's packages; made the first time. Undefined without Python 3. */
async function pythonForPricing() {
  const python = join(here, '.venv', 'bin', 'python');
  const isMade = join(here, '.venv', 'shop-ready');
  if (existsSync(isMade)) return python;
  try {
    say('making a Python environment for pricing (once) …');
    await run('python3', ['-m', 'venv', join(here, '.venv')]);
    await run(python, [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '-r',
      join(here, 'pricing', 'requirements.txt'),
    ]);
    await run(python, ['-c', `open(${JSON.stringify(isMade)}, "w").close()`]);
    return python;
  } catch (error) {
    say(`runs without pricing: Python 3 with venv and pip is needed (${error.message})`);
    return undefined;
  }
}

async function startPricing(network) {
  if (options['no-python']) return undefined;
  const python = await pythonForPricing();
  if (python === undefined) return undefined;
  const args = [
    '-m',
    'gunicorn',
    '--chdir',
    join(here, 'pricing'),
    '--bind',
    '127.0.0.1:0',
    '--threads',
    '4',
    '--log-level',
    'warning',
    '--keep-alive',
    '60',
  ];
  const port = await start(
    'pricing',
    python,
    [...args, '--config', join(here, 'pricing', 'gunicorn.py'), 'app:app'],
    {
      ...network,
      WIRETIME_SERVICE: 'pricing',
    },
  );
  return `http://127.0.0.1:${port}`;
}

async function startServices(network, certificate) {
  const pricing = await startPricing(network);
  const env = { ...network, ...(pricing === undefined ? {} : { PRICING_URL: pricing }) };
  const cart = await startNode('cart', 'cart/src/server.js', [], { ...env, WIRETIME_SERVICE: 'cart' });
  const port = await startNode('gateway', 'gateway/src/server.js', [], {
    ...env,
    CART_URL: `http://127.0.0.1:${cart}`,
    NODE_EXTRA_CA_CERTS: certificate,
    WIRETIME_SERVICE: 'gateway',
  });
  return `http://127.0.0.1:${port}`;
}

async function sendCustomers(url) {
  const { rate, seconds, seed, counts } = options;
  const args = ['--url', url, '--rate', rate, '--seconds', seconds, '--seed', seed];
  const child = spawn(
    process.execPath,
    [join(here, 'load.js'), ...args, ...(counts === undefined ? [] : ['--counts', counts])],
    {
      stdio: 'inherit',
      detached: true,
      env: { ...process.env, ...OUTSIDE },
    },
  );
  keep(child);
  customers = child;
  await new Promise((resolve) => child.once('exit', resolve));
}
let customers;

/** First the customers, so that no request is cut off, then everything else. */
async function end() {
  if (isEnding) return;
  isEnding = true;
  if (customers !== undefined && customers.exitCode === null) {
    customers.kill('SIGTERM');
    await new Promise((resolve) => customers.once('exit', resolve));
  }
  await Promise.all(children.map(endChild));
  watchdog.stdin.end();
}

function endChild(child) {
  if (child.exitCode !== null || child.signalCode !== null) return undefined;
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  child.kill('SIGTERM');
  return new Promise((resolve) => {
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

process.on('SIGINT', () => void end());
process.on('SIGTERM', () => void end());

async function main() {
  const mistake = checkOptions();
  if (mistake !== undefined) return fail(mistake);
  say('filling the database …');
  const [payments] = await Promise.all([
    startPayments(),
    run(process.execPath, [join(here, 'database', 'seed.js')]),
  ]);
  const url = await startServices(await startNetwork(payments.port), payments.certificate);
  say(`open at ${url}${fixed.length > 0 ? `, fixed: ${fixed.join(', ')}` : ''}`);
  if (options['no-load']) return undefined;
  await sendCustomers(url);
  return end();
}

try {
  await main();
} catch (error) {
  if (!isEnding) await fail(error.message);
}
