// GET /api/products?page=: a page of the catalogue, newest first, and how many there are.

import faults from '../../../faults.cjs';
import { pool } from '../db.js';

const PAGE = 24;

const LIST = 'SELECT * FROM products ORDER BY created_at DESC LIMIT $1 OFFSET $2';
const COUNT = 'SELECT count(*) FROM products WHERE active';

async function list(page) {
  const { rows } = await pool.query(LIST, [PAGE, page * PAGE]);
  return rows.map(({ words: _words, ...product }) => product);
}

async function count() {
  const { rows } = await pool.query(COUNT);
  return Number(rows[0].count);
}

async function oneAfterTheOther(page) {
  const products = await list(page);
  return [products, await count()];
}

export async function products(req, res) {
  const page = Number(req.query.page ?? 0);
  const [products, total] = faults.isFixed('sequential')
    ? await Promise.all([list(page), count()])
    : await oneAfterTheOther(page);
  res.json({ products, total, page });
}
