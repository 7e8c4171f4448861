// What looks like a fault and is none, with MySQL and Redis. In: how to add an endpoint. Nothing may be found here.

import { pause } from './flags.js';
import { read } from './peer-calls.js';

export function addDecoys(route, pool, redis, peer) {
  const kept = new Map();

  route('get', '/decoys/cache-aside/:id', async (row) => {
    // A cache that warms up: each thread is asked for once.
    const cached = await redis.get(`thread:${row}`);
    if (cached !== null) return;
    const [[thread]] = await pool.query('SELECT title FROM threads WHERE id = ?', [row]);
    await redis.set(`thread:${row}`, thread.title);
  });

  route('get', '/decoys/kept/:id', async (row) => {
    if (!kept.has(row)) kept.set(row, await pool.query('SELECT board_id FROM threads WHERE id = ?', [row]));
  });

  route('get', '/decoys/pipeline/:id', (row) =>
    redis
      .pipeline()
      .get(`badge:${row}`)
      .get(`session:${row}`)
      .ttl(`badge:${row}`)
      .exec()
      .then(() => undefined),
  );

  route('get', '/decoys/many-at-once/:id', (row) =>
    Promise.all([0, 1, 2, 3, 4, 5].map((step) => redis.get(`badge:${(row + step) % 500}`))).then(
      () => undefined,
    ),
  );

  route('get', '/decoys/limiter/:id', async (row) => {
    await redis.incr(`limit:${row}`);
    await redis.expire(`limit:${row}`, 60);
    await pool.query('SELECT text FROM posts WHERE id = ?', [row]);
  });

  route('get', '/decoys/parent/:id', async (row) => {
    // Each needs a value of the one before.
    const [[post]] = await pool.query('SELECT author_id FROM posts WHERE id = ?', [row]);
    await pool.query('SELECT name FROM authors WHERE id = ?', [post.author_id]);
  });

  route('post', '/decoys/counter/:id', async (row) => {
    const badge = await redis.get(`counter:${row}`);
    await redis.set(`counter:${row}`, Number(badge ?? 0) + 1);
    await redis.get(`counter:${row}`);
  });

  route('get', '/decoys/random/:id', async () => {
    // The same text each time, and each time another answer.
    await pool.query('SELECT title FROM threads WHERE id = FLOOR(RAND() * 500)');
  });

  route('get', '/decoys/large-customer/:id', async (row) => {
    // Some boards have many more threads than others.
    await pool.query('SELECT title FROM threads WHERE board_id = ? LIMIT ?', [
      row % 9,
      row % 9 === 0 ? 50 : 5,
    ]);
  });

  route('get', '/decoys/other-company/:id', (row) => read(fetch(`${peer}/captcha/${row}?ms=120`)));
  route('get', '/decoys/forty/:id', (row) => read(fetch(`${peer}/vault/${row}?ms=40`)));

  route('post', '/decoys/lock/:id', async (row) => {
    while ((await redis.set(`lock:${row}`, '1', 'PX', 500, 'NX')) === null) await pause(20);
    await pool.query('UPDATE authors SET name = ? WHERE id = ?', ['locked', row % 90]);
    await redis.del(`lock:${row}`);
  });

  route('post', '/decoys/transaction/:id', async (row) => {
    const client = await pool.getConnection();
    await client.query('BEGIN');
    await client.query('UPDATE threads SET title = ? WHERE id = ?', ['moved', row]);
    await client.query('UPDATE posts SET text = ? WHERE id = ?', ['moved', row]);
    await client.query('COMMIT');
    client.release();
  });

  route('get', '/decoys/small-list/:id', async (row) => {
    const [list] = await pool.query('SELECT author_id FROM posts WHERE thread_id = ? LIMIT 2', [row]);
    for (const { author_id } of list) await pool.query('SELECT name FROM authors WHERE id = ?', [author_id]);
  });
}
