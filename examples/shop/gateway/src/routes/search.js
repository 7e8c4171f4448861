// GET /api/search?q=: products with a word in their name or description.

import faults from '../../../faults.cjs';
import { pool } from '../db.js';

const LIMIT = 20;

const SCAN = `
  SELECT id, name, price_cents FROM products
  WHERE name ILIKE $1 OR description ILIKE $1 LIMIT $2`;

const INDEXED = `
  SELECT id, name, price_cents FROM products
  WHERE words @@ plainto_tsquery('simple', $1) LIMIT $2`;

export async function search(req, res) {
  const word = String(req.query.q ?? '');
  const found = faults.isFixed('search')
    ? await pool.query(INDEXED, [word, LIMIT])
    : await pool.query(SCAN, [`%${word}%`, LIMIT]);
  res.json({ products: found.rows });
}
