// GET /api/orders: the user's last orders, with what is still in the cart and the tax that applies.

import faults from '../../../faults.cjs';
import { pool } from '../db.js';

const CART_URL = process.env.CART_URL;
const PRICING_URL = process.env.PRICING_URL;

const ORDERS = `
  SELECT id, total_cents, status, created_at FROM orders
  WHERE user_id = $1 ORDER BY created_at DESC LIMIT $2`;

async function lastOrders(userId) {
  const { rows } = await pool.query(ORDERS, [userId, 20]);
  return rows;
}

async function summary(cartId) {
  const response = await fetch(`${CART_URL}/carts/${cartId}/summary`);
  return response.json();
}

async function tax(region) {
  if (!PRICING_URL) return { percent: 20 };
  const response = await fetch(`${PRICING_URL}/tax/${region}`);
  return response.json();
}

async function oneAfterTheOther(userId) {
  const orders = await lastOrders(userId);
  const cart = await summary(userId);
  return [orders, cart, await tax('eu')];
}

export async function orders(req, res) {
  const { userId } = req.session;
  const [orders, cart, rate] = faults.isFixed('sequential')
    ? await Promise.all([lastOrders(userId), summary(userId), tax('eu')])
    : await oneAfterTheOther(userId);
  res.json({ orders, cart, tax: rate });
}
