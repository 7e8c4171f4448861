// What looks like a fault and is none. In: how to add an endpoint. Each is right as it is: nothing may be found here.

import { pause } from './flags.js';
import { read } from './peer-calls.js';

export function addDecoys(route, pool, peer) {
  const ask = (text, values) => pool.query(text, values);

  route('get', '/decoys/three-look-ups/:id', async (row) => {
    // Of different rows, always three: nobody would batch that.
    for (const id of [row, (row + 7) % 500, (row + 9) % 500])
      await ask('SELECT value FROM settings WHERE id = $1', [id]);
  });

  route('get', '/decoys/at-once/:id', (row) =>
    Promise.all([
      ask('SELECT owner FROM accounts WHERE id = $1', [row]),
      ask('SELECT value FROM settings WHERE id = $1', [row]),
      read(fetch(`${peer}/limits/${row}`)),
    ]).then(() => undefined),
  );

  route('get', '/decoys/scatter/:id', (row) =>
    Promise.all([1, 2, 3, 4].map((shard) => read(fetch(`${peer}/shards/${shard}?of=${row}&ms=10`)))).then(
      () => undefined,
    ),
  );

  route('get', '/decoys/wide/:id', (row) =>
    // Twelve at once, which are answered side by side.
    Promise.all(
      Array.from({ length: 12 }, (_, shard) => read(fetch(`${peer}/regions/${shard}?of=${row}&ms=12`))),
    ).then(() => undefined),
  );

  route('get', '/decoys/text/:id', (row) =>
    // Uncompressed, but from next door.
    read(fetch(`${peer}/manuals/${row}?text=${60_000 + (row % 20) * 1000}`)),
  );

  route('get', '/decoys/pages/:id', async (row) => {
    // Each page begins where the one before ended.
    let last = -1;
    for (let page = 0; page < 2 + (row % 2); page++) {
      const { rows } = await ask(
        'SELECT id, amount FROM entries WHERE account_id = $1 AND id > $2 ORDER BY id LIMIT 12',
        [row, last],
      );
      last = rows.at(-1)?.id ?? last;
    }
  });

  route('get', '/decoys/needed/:id', async (row) => {
    // The second needs a value of the first.
    const { rows } = await ask('SELECT category_id FROM entries WHERE account_id = $1 LIMIT 1', [row]);
    await ask('SELECT name FROM categories WHERE id = $1', [rows[0].category_id]);
  });

  route('get', '/decoys/across/:id', async (row) => {
    // The second needs a value of the first, and no join reaches across a database and a service.
    const { rows } = await ask('SELECT source_id FROM transfers_from WHERE id = $1', [1000 + row]);
    await read(fetch(`${peer}/places/${rows[0].source_id}`));
  });

  route('get', '/decoys/permission/:id', async (row) => {
    await read(fetch(`${peer}/permissions/${row}?ms=5`));
    await ask('SELECT amount FROM entries WHERE account_id = $1 LIMIT 5', [row]);
  });

  route('post', '/decoys/read-after-write/:id', async (row) => {
    await ask('SELECT value FROM settings WHERE id = $1', [row]);
    await ask('UPDATE settings SET value = $2 WHERE id = $1', [row, 'changed']);
    await ask('SELECT value FROM settings WHERE id = $1', [row]);
  });

  route('post', '/decoys/transaction/:id', async (row) => {
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query('SELECT amount FROM entries WHERE account_id = $1 LIMIT 3', [row]);
    await client.query('SELECT currency FROM accounts WHERE id = $1 FOR UPDATE', [row]);
    await client.query('UPDATE accounts SET currency = $2 WHERE id = $1', [row, 'EUR']);
    await client.query('COMMIT');
    client.release();
  });

  route('post', '/decoys/chunks/:id', async (row) => {
    // A batch endpoint takes a hundred at a time.
    const ids = Array.from({ length: 100 + (row % 3) * 100 }, (_, index) => index);
    for (let at = 0; at < ids.length; at += 100)
      await read(fetch(`${peer}/batch`, { method: 'POST', body: ids.slice(at, at + 100).join() }));
  });

  route('post', '/decoys/polling/:id', async (row) => {
    for (let turn = 0; turn < 1 + (row % 2); turn++) {
      await read(fetch(`${peer}/jobs/${row}`));
      await pause(60);
    }
  });

  route('get', '/decoys/forty/:id', (row) => read(fetch(`${peer}/archive/${row}?ms=40`)));
  route('get', '/decoys/other-company/:id', (row) => read(fetch(`${peer}/carrier/${row}?ms=120`)));

  route('get', '/decoys/hedged/:id', async (row) => {
    // A second copy goes out when the first is late: one of the two is always thrown away.
    const first = read(fetch(`${peer}/replica/${row}?ms=${row % 5 === 0 ? 40 : 6}`));
    const second = pause(15).then(() => 'late');
    if ((await Promise.race([first, second])) === 'late')
      await Promise.race([first, read(fetch(`${peer}/replica/${row}`))]);
  });

  route('get', '/decoys/health/:id', async () => {
    await ask('SELECT 1');
  });

  route('post', '/decoys/audited/:id', async (row) => {
    // A payment may only be confirmed when it is written down.
    await ask('UPDATE accounts SET owner = $2 WHERE id = $1', [row, `owner ${row}`]);
    await ask('INSERT INTO documents (id, body) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING', [
      row,
      'receipt',
    ]);
  });

  route('get', '/decoys/rarely/:id', async (row, chance) => {
    // One request in a hundred walks a long list.
    for (let turn = 0; turn < (chance < 0.01 ? 20 : 1); turn++)
      await ask('SELECT amount FROM entries WHERE id = $1', [row + turn]);
  });
}
