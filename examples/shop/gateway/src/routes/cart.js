// GET /api/cart/:id: the cart page. Lines from the cart service, prices from the pricing service,
// addresses and stock from our own stores.

import { pool } from '../db.js';
import { redis } from '../redis.js';
import { quoteLocally } from '../lib/pricing.js';

const CART_URL = process.env.CART_URL;
const PRICING_URL = process.env.PRICING_URL;

async function quote(cart) {
  if (!PRICING_URL) return quoteLocally(cart);
  const response = await fetch(`${PRICING_URL}/quote`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ region: cart.region, coupon: cart.coupon, lines: cart.lines }),
  });
  return response.json();
}

const ADDRESSES = 'SELECT id, line1, city, country FROM addresses WHERE user_id = $1';

export async function cart(req, res) {
  const response = await fetch(`${CART_URL}/carts/${req.params.id}`);
  if (!response.ok) {
    res.status(response.status).json({ error: 'no such cart' });
    return;
  }
  const cart = await response.json();
  const [price, addresses, stock] = await Promise.all([
    quote(cart),
    pool.query(ADDRESSES, [req.session.userId]),
    redis.mget(cart.lines.map((line) => `stock:${line.productId}`)),
  ]);
  const lines = cart.lines.map((line, index) => ({ ...line, inStock: Number(stock[index]) }));
  res.json({ id: cart.id, lines, price, addresses: addresses.rows });
}
