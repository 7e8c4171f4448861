// Hono as CommonJS, on Node's own server.
require('./hono-app.cjs')(require('hono').Hono, require('@hono/node-server').serve);
