// POST /carts/:id/items: puts something into a cart, at the price of the moment.

const { pool } = require('../db.js');

const PRICING_URL = process.env.PRICING_URL;

const ADD = `
  INSERT INTO cart_items (cart_id, product_id, qty, price_cents) VALUES ($1, $2, $3, $4)
  ON CONFLICT (cart_id, product_id) DO UPDATE SET qty = cart_items.qty + excluded.qty`;

async function priceOf(productId) {
  if (!PRICING_URL) return 1000;
  const sku = `SKU-${String(productId).padStart(5, '0')}`;
  const response = await fetch(`${PRICING_URL}/price/${sku}`);
  const { priceCents } = await response.json();
  return priceCents;
}

async function addItem(cartId, productId, qty, priceCents) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    // One change of a cart at a time.
    await client.query('SELECT id FROM carts WHERE id = $1 FOR UPDATE', [cartId]);
    await client.query(ADD, [cartId, productId, qty, priceCents]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

module.exports = async function items(app) {
  app.post('/carts/:id/items', async (request, reply) => {
    const { productId, qty } = request.body;
    const priceCents = await priceOf(productId);
    await addItem(request.params.id, productId, qty, priceCents);
    return reply.code(201).send({ productId, qty, priceCents });
  });
};
