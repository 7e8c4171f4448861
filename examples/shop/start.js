// Starts the shop: data, network, payment provider, three services, customers. In: DATABASE_URL and REDIS_URL, and options.
// Ends with the customers (--seconds) or with Ctrl-C. See README.md.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import faults from './faults.cjs';
import { Processes } from './processes.js';

const { values: options } = parseArgs({
  options: {
    fixed: { type: 'string', multiple: true, default: [] },
    rate: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    counts: { type: 'string' },
    'no-python': { type: 'boolean', default: false },
    'no-load': { type: 'boolean', default: false },
  },
});

const fixed = [...options.fixed, ...(process.env.SHOP_FIXED ?? '').split(',')].filter((name) => name !== '');
const folder = mkdtempSync(join(tmpdir(), 'shop-'));
const processes = new Processes(folder, { SHOP_FIXED: fixed.join(',') }, (sentence) => void fail(sentence));
const file = (...path) => join(import.meta.dirname, ...path);
const node = (...path) => [process.execPath, file(...path)];

function say(sentence) {
  console.error(`shop: ${sentence}`);
}

function fail(sentence) {
  say(sentence);
  process.exitCode = 1;
  return processes.end();
}

function mistakeIn() {
  const names = Object.keys(faults.FAULTS);
  const unknown = fixed.find((name) => !names.includes(name));
  if (unknown !== undefined) return `there is no fault "${unknown}"; there are ${names.join(', ')}`;
  if (!process.env.DATABASE_URL || !process.env.REDIS_URL) {
    return 'set DATABASE_URL and REDIS_URL, or use "npm run demo"';
  }
  return undefined;
}

function makeCertificate() {
  const key = join(folder, 'key.pem');
  const certificate = join(folder, 'certificate.pem');
  const request = 'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=payments.example';
  const name = ['-addext', 'subjectAltName=DNS:payments.example'];
  try {
    execFileSync('openssl', [...request.split(' '), ...name, '-keyout', key, '-out', certificate], {
      stdio: 'ignore',
    });
  } catch {
    throw new Error('openssl is needed to make a certificate for the payment provider: install openssl');
  }
  return { key, certificate };
}

async function startPayments() {
  const { key, certificate } = makeCertificate();
  const port = await processes.start('outside', 'payments', node('payments.js'), {
    PAYMENTS_KEY: key,
    PAYMENTS_CERTIFICATE: certificate,
  });
  return { certificate, port };
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
  const printed = await processes.start('outside', 'network', [...node('network.js'), ...routes]);
  const ports = Object.fromEntries(printed.split(' ').map((part) => part.split('=')));
  database.host = `127.0.0.1:${ports.database}`;
  redis.host = `127.0.0.1:${ports.redis}`;
  return {
    DATABASE_URL: database.href,
    REDIS_URL: redis.href,
    PAYMENTS_PORT: ports.payments,
  };
}

/** The Python of a virtual environment with pricing's packages; made the first time. Undefined without Python 3. */
async function pythonForPricing() {
  const python = file('.venv', 'bin', 'python');
  const mark = file('.venv', 'shop-ready');
  if (existsSync(mark)) return python;
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  try {
    say('making a Python environment for pricing (once) …');
    await processes.run('outside', ['python3', '-m', 'venv', file('.venv')]);
    await processes.run('outside', [python, ...pip, '--requirement', file('pricing', 'requirements.txt')]);
    writeFileSync(mark, '');
    return python;
  } catch (error) {
    say(`runs without pricing: it needs Python 3 with venv and pip (${error.message})`);
    return undefined;
  }
}

async function startPricing(network) {
  if (options['no-python']) return {};
  const python = await pythonForPricing();
  if (python === undefined) return {};
  const gunicorn = [python, '-m', 'gunicorn', '--config', file('pricing', 'gunicorn.conf.py'), 'app:app'];
  const port = await processes.start('services', 'pricing', gunicorn, {
    ...network,
    WIRETIME_SERVICE: 'pricing',
  });
  return { PRICING_URL: `http://127.0.0.1:${port}` };
}

async function startServices(network, certificate) {
  const env = { ...network, ...(await startPricing(network)) };
  const cart = await processes.start('services', 'cart', node('cart', 'src', 'server.js'), {
    ...env,
    WIRETIME_SERVICE: 'cart',
  });
  const gateway = await processes.start('services', 'gateway', node('gateway', 'src', 'server.js'), {
    ...env,
    CART_URL: `http://127.0.0.1:${cart}`,
    NODE_EXTRA_CA_CERTS: certificate,
    WIRETIME_SERVICE: 'gateway',
  });
  return `http://127.0.0.1:${gateway}`;
}

function sendCustomers(url) {
  const { rate, seconds, seed, counts } = options;
  const wanted = ['--url', url, '--rate', rate, '--seconds', seconds, '--seed', seed];
  const kept = counts === undefined ? [] : ['--counts', counts];
  return processes.run('customers', [...node('load.js'), ...wanted, ...kept]);
}

async function main() {
  const mistake = mistakeIn();
  if (mistake !== undefined) return fail(mistake);
  say('filling the database …');
  const [payments] = await Promise.all([
    startPayments(),
    processes.run('outside', node('database', 'seed.js')),
  ]);
  const url = await startServices(await startNetwork(payments.port), payments.certificate);
  say(`open at ${url}${fixed.length > 0 ? `, fixed: ${fixed.join(', ')}` : ''}`);
  if (options['no-load']) return undefined;
  await sendCustomers(url);
  return processes.end();
}

process.on('SIGINT', () => void processes.end());
process.on('SIGTERM', () => void processes.end());

try {
  await main();
} catch (error) {
  if (!processes.isEnding) await fail(error.message);
}
