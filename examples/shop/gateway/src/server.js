// gateway: what the browser talks to. Express 5, sessions in Redis, products and orders in PostgreSQL.

import express from 'express';
import { session } from './middleware/session.js';
import { flags } from './middleware/flags.js';
import { cart } from './routes/cart.js';
import { checkout } from './routes/checkout.js';
import { items } from './routes/items.js';
import { login } from './routes/login.js';
import { orders } from './routes/orders.js';
import { product } from './routes/product.js';
import { products } from './routes/products.js';
import { search } from './routes/search.js';
import { pool } from './db.js';
import { redis } from './redis.js';

const app = express();
app.use(express.json());

app.get('/healthz', (req, res) => res.json({ ok: true }));
app.post('/api/login', login);
app.get('/api/search', search);
app.get('/api/products', session, products);
app.get('/api/products/:id', session, flags, product);
app.get('/api/cart/:id', session, cart);
app.post('/api/cart/:id/items', session, items);
app.get('/api/orders', session, orders);
app.post('/api/checkout', session, checkout);

app.use((error, req, res, _next) => {
  res.status(error.status ?? 500).json({ error: error.message });
});

const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`gateway listening on ${server.address().port}`);
});

process.once('SIGTERM', () => {
  server.close(async () => {
    await pool.end();
    redis.disconnect();
    process.exit(0);
  });
  server.closeIdleConnections();
});
