// GET /carts/:id and GET /carts/:id/summary: a cart with its lines.

const { pool } = require('../db.js');
const { isFixed } = require('../../../faults.cjs');

const CART = 'SELECT id, user_id, region, coupon FROM carts WHERE id = $1';
const ITEMS = 'SELECT product_id, qty FROM cart_items WHERE cart_id = $1';
const PRODUCT = 'SELECT id, name, price_cents, stock FROM products WHERE id = $1';
const PRODUCTS = 'SELECT id, name, price_cents, stock FROM products WHERE id = ANY($1)';

function lineOf(item, product) {
  return {
    productId: product.id,
    name: product.name,
    priceCents: product.price_cents,
    qty: item.qty,
    isInStock: product.stock >= item.qty,
  };
}

/** One question for all lines of a cart. */
async function linesAtOnce(items) {
  const { rows } = await pool.query(PRODUCTS, [items.map((item) => item.product_id)]);
  const products = new Map(rows.map((product) => [product.id, product]));
  return items.map((item) => lineOf(item, products.get(item.product_id)));
}

async function loadCart(id) {
  const { rows } = await pool.query(CART, [id]);
  return rows[0];
}
async function loadItems(id) {
  const { rows } = await pool.query(ITEMS, [id]);
  return rows;
}

async function loadLines(items) {
  if (isFixed('cart-loop')) return linesAtOnce(items);
  const lines = [];
  for (const item of items) {
    const { rows } = await pool.query(PRODUCT, [item.product_id]);
    lines.push(lineOf(item, rows[0]));
  }
  return lines;
}

module.exports = async function carts(app) {
  app.get('/carts/:id', async (request, reply) => {
    const cart = await loadCart(request.params.id);
    if (cart === undefined) return reply.code(404).send({ error: 'no such cart' });
    const lines = await loadLines(await loadItems(cart.id));
    return { id: cart.id, region: cart.region, coupon: cart.coupon, lines };
  });

  app.get('/carts/:id/summary', async (request, reply) => {
    const cart = await loadCart(request.params.id);
    if (cart === undefined) return reply.code(404).send({ error: 'no such cart' });
    return { id: cart.id, region: cart.region };
  });
};
