// The shop's built-in faults. Each is what real backends do; `--fixed NAME` (SHOP_FIXED) runs the shop without it.

const FAULTS = {
  'cart-loop': 'cart asks the database once per cart line instead of once',
  'small-pool': 'cart has 3 connections to PostgreSQL and needs more',
  'payment-connections': 'gateway opens a TLS connection for each payment',
  'password-check': 'gateway checks a password synchronously and blocks everything else',
  sequential: 'gateway asks for two things one after the other that do not need each other',
  search: 'search reads the whole products table instead of an index',
  'duplicate-session': 'gateway reads the same session twice',
  'redis-connections': 'pricing connects to Redis for each call',
};

const list = (process.env.SHOP_FIXED ?? '').split(',').filter((name) => name !== '');

/** Whether the shop runs without this fault. */
function isFixed(name) {
  return list.includes(name);
}

module.exports = { FAULTS, isFixed };
