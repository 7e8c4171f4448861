// Fills PostgreSQL and Redis for the shop. In: DATABASE_URL, REDIS_URL. The same content every time.

import { readFileSync } from 'node:fs';
import { scryptSync } from 'node:crypto';
import { Client } from 'pg';
import { Redis } from 'ioredis';

/** One salt and one password for all users: 1000 real hashes would take a minute to make. */
const SALT = 'shop-example';
const HASH = scryptSync('correct horse', SALT, 64, { N: 32768, maxmem: 64 * 1024 * 1024 }).toString('hex');

async function seedPostgres() {
  const client = new Client(process.env.DATABASE_URL);
  await client.connect();
  const schema = readFileSync(new URL('schema.sql', import.meta.url), 'utf8')
    .replace('$SALT$', `'${SALT}'`)
    .replace('$HASH$', `'${HASH}'`);
  // One statement at a time: VACUUM does not run inside the transaction that several would form.
  for (const statement of schema.split(/;\s*$/m)) if (statement.trim() !== '') await client.query(statement);
  await client.end();
}

async function seedRedis() {
  const redis = new Redis(process.env.REDIS_URL);
  const pipeline = redis.pipeline();
  for (let user = 1; user <= 1000; user++) {
    pipeline.set(`sess:${user}`, JSON.stringify({ userId: user, flags: ['new-checkout'] }));
  }
  for (let product = 1; product <= 5000; product++) pipeline.set(`stock:${product}`, 100 + (product % 50));
  for (const [region, rate] of Object.entries({ eu: 21, uk: 20, us: 8, apac: 10 })) {
    pipeline.set(`tax:${region}`, rate);
  }
  await pipeline.exec();
  await redis.quit();
}

await Promise.all([seedPostgres(), seedRedis()]);
