const { Pool } = require('pg');
const { isFixed } = require('../../faults.cjs');

/** "3 should be enough", said when the shop had ten visitors. */
const max = isFixed('small-pool') ? 10 : 3;
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max, options: '-c search_path=shop' });

// An idle connection that breaks is replaced by the pool.
pool.on('error', (error) => console.error(`postgres: ${error.message}`));

module.exports = { pool };
