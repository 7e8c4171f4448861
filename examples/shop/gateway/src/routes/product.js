// GET /api/products/:id: one product, from Redis when somebody has just looked at it.

import { pool } from '../db.js';
import { redis } from '../redis.js';

const CACHE_SECONDS = 30;

export async function product(req, res) {
  const key = `product:${req.params.id}`;
  const cached = await redis.get(key);
  if (cached !== null) {
    res.type('json').send(cached);
    return;
  }

  const { rows } = await pool.query('SELECT * FROM products WHERE id = $1', [req.params.id]);
  if (rows.length === 0) {
    res.status(404).json({ error: 'no such product' });
    return;
  }
  await redis.set(key, JSON.stringify(rows[0]), 'EX', CACHE_SECONDS);
  res.json(rows[0]);
}
