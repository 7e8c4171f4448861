// A server whose requests ask a database that goes past the sockets. In: kind of driver, file of the database, folder of the driver.
// Prints its port. `/NAME` inserts and reads NAME, which must be new.

const [, , kind, file, folder] = process.argv;
const { createRequire } = require('node:module');
const { createServer } = require('node:http');
const { promisify } = require('node:util');

const load = createRequire(`${folder}/`);

const KINDS = {
  'better-sqlite3'() {
    const Database = load('better-sqlite3');
    const database = new Database(file);
    return synchronous(database);
  },
  'node:sqlite'() {
    const { DatabaseSync } = require('node:sqlite');
    return synchronous(new DatabaseSync(file));
  },
  libsql() {
    const Database = createRequire(require.resolve('@libsql/client'))('libsql');
    return synchronous(new Database(file));
  },
  '@libsql/client'() {
    const { createClient } = require('@libsql/client');
    const client = createClient({ url: `file:${file}` });
    return {
      create: (sql) => client.executeMultiple(sql),
      insert: async (sql, name) => (await client.execute({ sql, args: [name] })).rowsAffected,
      read: async (sql, name) => (await client.execute({ sql, args: [name] })).rows.length,
    };
  },
  sqlite3() {
    const { Database } = load('sqlite3');
    const database = new Database(file);
    const all = promisify(database.all.bind(database));
    return {
      create: promisify(database.exec.bind(database)),
      insert: (sql, name) => all(sql, [name]),
      read: async (sql, name) => (await all(sql, [name])).length,
    };
  },
};

function synchronous(database) {
  return {
    create: async (sql) => void database.exec(sql),
    insert: async (sql, name) => database.prepare(sql).run(name).changes,
    read: async (sql, name) => database.prepare(sql).all(name).length,
  };
}

let database;

createServer(async (request, response) => {
  const name = request.url.slice(1);
  try {
    await database.insert('INSERT INTO people (name) VALUES (?)', name);
    response.end(String(await database.read('SELECT * FROM people WHERE name = ?', name)));
  } catch (error) {
    response.writeHead(500).end(error.message);
  }
}).listen(0, '127.0.0.1', async function () {
  database = KINDS[kind]();
  await database.create("CREATE TABLE people (name TEXT UNIQUE); INSERT INTO people VALUES ('taken')");
  console.log(this.address().port);
});
process.on('SIGTERM', () => process.exit(0));
