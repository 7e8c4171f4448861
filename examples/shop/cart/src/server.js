// cart: keeps the carts. Fastify, PostgreSQL.

const fastify = require('fastify');
const { pool } = require('./db.js');

const app = fastify();
app.register(require('./routes/carts.js'));
app.register(require('./routes/items.js'));

app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 0) }).then(() => {
  console.log(`cart listening on ${app.server.address().port}`);
});

process.once('SIGTERM', async () => {
  await app.close();
  await pool.end();
  process.exit(0);
});
