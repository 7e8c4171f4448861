import { Pool } from 'pg';

export const pool = new Pool({
  connectionString: process.env.DATABASE_URL,
  max: 10,
  options: '-c search_path=shop',
});

// An idle connection that breaks is replaced by the pool.
pool.on('error', (error) => console.error(`postgres: ${error.message}`));

/** Runs work in a transaction; rolls back when it throws. */
export async function transaction(work) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}
