// A server whose requests ask PostgreSQL through libpq, 5 connections for all of them. In: kind of use, URL of the database, folder of the
// drivers. Prints its port. `/NAME` asks twice, with NAME in the texts.

const [, , kind, url, folder] = process.argv;
const { createRequire } = require('node:module');
const { createServer } = require('node:http');
const { promisify } = require('node:util');

const load = createRequire(`${folder}/`);
const poolOf = (options) => new (load('pg').native.Pool)({ connectionString: url, max: 5, ...options });

function connected(Native) {
  const client = new Native();
  client.connectSync(url);
  return client;
}

const KINDS = {
  pool() {
    const pool = poolOf();
    return async (name) => {
      await pool.query(`select '${name}', 1`);
      await pool.query(`select '${name}', $1::text`, [name]);
    };
  },
  callbacks() {
    const pool = poolOf();
    return (name) =>
      new Promise((resolve, reject) =>
        pool.query(`select '${name}', 1`, (error) =>
          error
            ? reject(error)
            : pool.query(`select '${name}', 2`, (failure) => (failure ? reject(failure) : resolve())),
        ),
      );
  },
  named() {
    const pool = poolOf();
    return async (name) => {
      const query = { name: `by ${name}`, text: `select '${name}', $1::text`, values: [name] };
      const client = await pool.connect();
      await client.query(query);
      await client.query(query);
      client.release();
    };
  },
  pipeline() {
    const pool = poolOf({ pipeline: true });
    return (name) => Promise.all([1, 2].map((index) => pool.query(`select '${name}', $1::int`, [index])));
  },
  failing() {
    const pool = poolOf();
    return async (name) => {
      await pool.query(`select '${name}' from nowhere`).catch(() => undefined);
      await pool.query(`select '${name}', 1`);
    };
  },
  alone() {
    const Native = load('pg-native');
    return async (name) => {
      const client = new Native();
      await promisify(client.connect.bind(client))(url);
      await promisify(client.query.bind(client))(`select '${name}', 1`);
      await promisify(client.query.bind(client))(`select '${name}', $1::text`, [name]);
      client.end();
    };
  },
  synchronous() {
    const client = connected(load('pg-native'));
    return (name) => {
      client.querySync(`select '${name}', 1`);
      client.prepareSync(`by ${name}`, `select '${name}', $1::text`, 1);
      client.executeSync(`by ${name}`, [name]);
    };
  },
  libpq() {
    const client = new (load('libpq'))();
    client.connectSync(url);
    return (name) => client.exec(`select '${name}'`);
  },
};

let handle;
createServer(async (request, response) => {
  try {
    await handle(request.url.slice(1));
    response.end('ok');
  } catch (error) {
    response.writeHead(500).end(error.stack);
  }
}).listen(0, '127.0.0.1', function () {
  handle = KINDS[kind]();
  console.log(this.address().port);
});
process.on('SIGTERM', () => process.exit(0));
