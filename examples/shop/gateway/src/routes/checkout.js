// POST /api/checkout: prices the cart, charges the card, and keeps the order.

import { randomUUID } from 'node:crypto';
import { transaction } from '../db.js';
import { charge } from '../lib/payments.js';
import { quoteLocally } from '../lib/pricing.js';

const CART_URL = process.env.CART_URL;
const PRICING_URL = process.env.PRICING_URL;

async function loadCart(id) {
  const response = await fetch(`${CART_URL}/carts/${id}`);
  if (!response.ok) throw Object.assign(new Error('no such cart'), { status: response.status });
  return response.json();
}

async function quote(cart) {
  if (!PRICING_URL) return quoteLocally(cart);
  const response = await fetch(`${PRICING_URL}/quote`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ region: cart.region, coupon: cart.coupon, lines: cart.lines }),
  });
  return response.json();
}

/** In the order of the products, so that two orders never wait for each other in a circle. */
function byProduct(lines) {
  return lines.toSorted((left, right) => left.productId - right.productId);
}

function keepOrder(userId, total, paymentRef, lines) {
  const products = lines.map((line) => line.productId);
  const quantities = lines.map((line) => line.qty);
  return transaction(async (client) => {
    const { rows } = await client.query(
      'INSERT INTO orders (user_id, total_cents, payment_ref) VALUES ($1, $2, $3) RETURNING id',
      [userId, total, paymentRef],
    );
    const orderId = rows[0].id;
    await client.query(
      'INSERT INTO order_items SELECT $1::integer, * FROM unnest($2::integer[], $3::integer[])',
      [orderId, products, quantities],
    );
    await client.query(
      'UPDATE products SET stock = stock - d.qty FROM unnest($1::integer[], $2::integer[]) AS d(id, qty) WHERE products.id = d.id',
      [products, quantities],
    );
    return orderId;
  });
}

export async function checkout(req, res) {
  const cart = await loadCart(req.body.cartId);
  const price = await quote(cart);
  const paymentRef = await charge(price.totalCents, randomUUID());
  const orderId = await keepOrder(req.session.userId, price.totalCents, paymentRef, byProduct(cart.lines));
  res.status(201).json({ orderId, totalCents: price.totalCents });
}
