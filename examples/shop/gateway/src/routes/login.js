// POST /api/login: a session for an e-mail address and a password.

import { randomUUID, scrypt, scryptSync, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import faults from '../../../faults.cjs';
import { pool } from '../db.js';
import { redis } from '../redis.js';

const COST = { N: 32768, maxmem: 64 * 1024 * 1024 };
const SESSION_SECONDS = 3600;

async function hash(password, salt) {
  if (faults.isFixed('password-check')) return promisify(scrypt)(password, salt, 64, COST);
  return scryptSync(password, salt, 64, COST);
}

async function findUser(email) {
  const { rows } = await pool.query('SELECT id, password_salt, password_hash FROM users WHERE email = $1', [
    email,
  ]);
  return rows[0];
}

export async function login(req, res) {
  const { email, password } = req.body;
  const user = await findUser(email);
  const known = user ?? { password_salt: 'none', password_hash: '00'.repeat(64) };
  const actual = await hash(password, known.password_salt);
  const isRight = timingSafeEqual(actual, Buffer.from(known.password_hash, 'hex'));
  if (!isRight || user === undefined) {
    res.status(401).json({ error: 'wrong e-mail address or password' });
    return;
  }
  const token = randomUUID();
  await redis.set(`sess:${token}`, JSON.stringify({ userId: user.id, flags: [] }), 'EX', SESSION_SECONDS);
  res.json({ token });
}
