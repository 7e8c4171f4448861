// What the backend under test does with the driver that is called mariadb. In, out: as in workloads.mjs.

import { called, fourTimes, mysqlConfig } from './parts.mjs';

const poolOf = (mariadb, servers, connectionLimit = 5) =>
  mariadb.createPool({ ...mysqlConfig(servers), connectionLimit });

export const MARIADB = {
  'mariadb hidden': {
    markers: 4,
    hiddenShare: 1,
    async setup(mariadb, servers) {
      const pool = poolOf(mariadb, servers);
      return fourTimes((tag) => pool.query('select ?', [tag]));
    },
  },
  'mariadb pool.query': {
    markers: 4,
    async setup(mariadb, servers) {
      const pool = poolOf(mariadb, servers);
      return fourTimes(async (tag) => {
        await pool.query('select ?', [tag]); /* call */
      });
    },
  },
  'mariadb pool.execute': {
    markers: 4,
    async setup(mariadb, servers) {
      const pool = poolOf(mariadb, servers);
      return fourTimes(async (tag) => {
        await pool.execute('select ?', [tag]); /* call */
      });
    },
  },
  'mariadb getConnection': {
    markers: 3,
    async setup(mariadb, servers) {
      const pool = poolOf(mariadb, servers);
      return async (tag) => {
        const connection = await pool.getConnection(); /* call */
        try {
          await connection.query(`begin /* ${tag} */`); /* call */
          await connection.query('select ?', [tag]); /* call */
          await connection.query(`commit /* ${tag} */`); /* call */
        } finally {
          await connection.release();
        }
      };
    },
  },
  'mariadb connection with a queue': {
    markers: 4,
    async setup(mariadb, servers) {
      const connection = await mariadb.createConnection(mysqlConfig(servers));
      return fourTimes(async (tag) => {
        await connection.query('select ?', [tag]); /* call */
      });
    },
  },
  'mariadb connection, pipelining': {
    markers: 4,
    async setup(mariadb, servers) {
      const connection = await mariadb.createConnection({ ...mysqlConfig(servers), pipelining: true });
      return fourTimes(async (tag) => {
        await connection.query('select ?', [tag]); /* call */
      });
    },
  },
  'mariadb errors': {
    markers: 4,
    async setup(mariadb, servers) {
      const pool = poolOf(mariadb, servers);
      return fourTimes((tag) => pool.query(`select '${tag}' from nowhere`).catch(() => undefined));
    },
  },
  'mariadb batch': {
    markers: 2,
    async setup(mariadb, servers) {
      const pool = poolOf(mariadb, servers);
      await pool.query('create table if not exists batches (tag varchar(20))');
      return async (tag) => {
        await pool.batch('insert into batches values (?)', [[tag], [tag]]);
      };
    },
  },
  'mariadb callbacks': {
    markers: 3,
    async setup(mariadb, servers) {
      const pool = poolOf(mariadb, servers);
      const query = (tag, then) => pool.query('select ?', [tag], then);
      return (tag) =>
        called((done) =>
          query(tag, (error) =>
            error ? done(error) : query(tag, (error) => (error ? done(error) : query(tag, done))),
          ),
        );
    },
  },
  'mariadb pool of 1': {
    markers: 1,
    waits: true,
    async setup(mariadb, servers) {
      const pool = poolOf(mariadb, servers, 1);
      return async (tag) => {
        await pool.query('select ?, sleep(0.02)', [tag]); /* call */
      };
    },
  },
  'mariadb getConnection of 1': {
    markers: 1,
    waits: true,
    async setup(mariadb, servers) {
      const pool = poolOf(mariadb, servers, 1);
      return async (tag) => {
        const connection = await pool.getConnection(); /* call */
        await connection.query('select ?, sleep(0.02)', [tag]);
        await connection.release();
      };
    },
  },
};
