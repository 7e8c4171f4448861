// What the backend under test does with query builders and ORMs. In, out: as in workloads.mjs. Pools of 5 as with the drivers below them.

import { fourTimes, mysqlConfig, pgConfig } from './parts.mjs';

const CONNECTIONS = { pg: pgConfig, mysql2: mysqlConfig, mariadb: mysqlConfig };

const knexOf = (knex, servers, client, max = 5) =>
  (knex.knex ?? knex)({ client, connection: CONNECTIONS[client](servers), pool: { min: 0, max } });

const knexWorkloads = (client) => ({
  [`knex select, ${client}`]: {
    markers: 4,
    async setup(knex, servers) {
      const db = knexOf(knex, servers, client);
      return fourTimes(async (tag) => {
        await db.select(db.raw('? as tag', [tag])); /* call */
      });
    },
  },
  [`knex transaction, ${client}`]: {
    markers: 2,
    async setup(knex, servers) {
      const db = knexOf(knex, servers, client);
      return (tag) =>
        /* call */ db.transaction(async (trx) => {
          await trx.raw('select ? as tag', [tag]); /* call */
          await trx.select(trx.raw('? as tag', [tag])); /* call */
        });
    },
  },
  [`knex pool of 1, ${client}`]: {
    markers: 1,
    waits: true,
    async setup(knex, servers) {
      const db = knexOf(knex, servers, client, 1);
      const sleep = client === 'pg' ? 'pg_sleep(0.02)' : 'sleep(0.02)';
      return async (tag) => {
        await db.raw(`select ? as tag, ${sleep}`, [tag]); /* call */
      };
    },
  },
});

const DIALECTS = { pg: 'postgres', mysql2: 'mysql', mariadb: 'mariadb' };

const sequelizeOf = ({ Sequelize }, servers, client, max = 5) => {
  const { host, port, user, password, database } = CONNECTIONS[client](servers);
  return new Sequelize(database, user, password, {
    host,
    port,
    dialect: DIALECTS[client],
    logging: false,
    pool: { min: 0, max },
  });
};

const sequelizeWorkloads = (client) => ({
  [`sequelize query, ${client}`]: {
    markers: 4,
    async setup(sequelize, servers) {
      const db = sequelizeOf(sequelize, servers, client);
      return fourTimes(async (tag) => {
        await db.query('select :tag as tag', { replacements: { tag } }); /* call */
      });
    },
  },
  [`sequelize model, ${client}`]: {
    markers: 4,
    async setup(sequelize, servers) {
      const db = sequelizeOf(sequelize, servers, client);
      const Thing = db.define(
        'thing',
        { tag: sequelize.DataTypes.STRING },
        { tableName: `things${process.pid}` },
      );
      await Thing.sync();
      return async (tag) => {
        await Thing.create({ tag }); /* call */
        await Thing.findAll({ where: { tag } }); /* call */
        // The promise that is waited for is all that is left of these two calls when they come to the driver.
        const both = [Thing.findOne({ where: { tag } }), Thing.count({ where: { tag } })];
        await Promise.all(both); /* call */
      };
    },
  },
  [`sequelize transaction, ${client}`]: {
    markers: 2,
    async setup(sequelize, servers) {
      const db = sequelizeOf(sequelize, servers, client);
      return (tag) =>
        /* call */ db.transaction(async (transaction) => {
          await db.query('select :tag as tag', { replacements: { tag }, transaction }); /* call */
          await db.query('select :tag as tag', { replacements: { tag }, transaction }); /* call */
        });
    },
  },
  [`sequelize pool of 1, ${client}`]: {
    markers: 1,
    waits: true,
    async setup(sequelize, servers) {
      const db = sequelizeOf(sequelize, servers, client, 1);
      const sleep = client === 'pg' ? 'pg_sleep(0.02)' : 'sleep(0.02)';
      await db.query('select 1');
      return async (tag) => {
        await db.query(`select :tag as tag, ${sleep}`, { replacements: { tag } }); /* call */
      };
    },
  },
});

const typeormOf = async ({ DataSource, EntitySchema }, servers, client, max = 5) => {
  const { user, ...connection } = CONNECTIONS[client](servers);
  const Thing = new EntitySchema({
    name: 'thing',
    tableName: `typeorm${process.pid}`,
    columns: { id: { type: Number, primary: true, generated: true }, tag: { type: String } },
  });
  const source = new DataSource({
    ...connection,
    type: client === 'pg' ? 'postgres' : 'mysql',
    username: user,
    entities: [Thing],
    synchronize: true,
    ...(client === 'pg' ? { extra: { max } } : { extra: { connectionLimit: max } }),
  });
  await source.initialize();
  return { source, things: source.getRepository(Thing), Thing };
};

const typeormWorkloads = (client) => ({
  [`typeorm query, ${client}`]: {
    markers: 4,
    async setup(typeorm, servers) {
      const { source } = await typeormOf(typeorm, servers, client);
      return fourTimes(async (tag) => {
        await source.query(client === 'pg' ? 'select $1::text' : 'select ?', [tag]); /* call */
      });
    },
  },
  [`typeorm repository, ${client}`]: {
    markers: 4,
    async setup(typeorm, servers) {
      const { things } = await typeormOf(typeorm, servers, client);
      return fourTimes(async (tag) => {
        await things.find({ where: { tag } }); /* call */
      });
    },
  },
  [`typeorm transaction, ${client}`]: {
    markers: 2,
    async setup(typeorm, servers) {
      const { source, Thing } = await typeormOf(typeorm, servers, client);
      return (tag) =>
        /* call */ source.transaction(async (manager) => {
          await manager.find(Thing, { where: { tag } }); /* call */
          await manager.count(Thing, { where: { tag } }); /* call */
        });
    },
  },
  [`typeorm pool of 1, ${client}`]: {
    markers: 1,
    waits: true,
    async setup(typeorm, servers) {
      const { source } = await typeormOf(typeorm, servers, client, 1);
      const sql = client === 'pg' ? 'select $1::text, pg_sleep(0.02)' : 'select ?, sleep(0.02)';
      return async (tag) => {
        await source.query(sql, [tag]); /* call */
      };
    },
  },
});

/** `drizzle-orm/node-postgres` with pg, `drizzle-orm/mysql2` with mysql2, `drizzle-orm/postgres-js` with postgres. */
const drizzlePool = {
  pg: (pg, servers, max) => new pg.Pool({ ...pgConfig(servers), max }),
  mysql2: (mysql, servers, connectionLimit) =>
    mysql.createPool({ ...mysqlConfig(servers), connectionLimit }).promise(),
  'postgres.js': (postgres, { postgres: server }, max) => postgres(server.url, { max }),
};

const drizzleWorkloads = (client) => ({
  [`drizzle, ${client}`]: {
    markers: 4,
    async setup({ drizzle }, servers, driver, { sql }) {
      const pool = drizzlePool[client](driver, servers, 5);
      if (client === 'postgres.js') await pool`select 1`;
      const db = drizzle(pool);
      return fourTimes(async (tag) => {
        await db.execute(sql`select ${tag} as tag`); /* call */
      });
    },
  },
  [`drizzle select, ${client}`]: {
    markers: 4,
    async setup({ drizzle }, servers, driver, { sql }) {
      const pool = drizzlePool[client](driver, servers, 5);
      if (client === 'postgres.js') await pool`select 1`;
      const db = drizzle(pool);
      return fourTimes(async (tag) => {
        await db.select({ tag: sql`${tag}` }).from(sql`(select 1 as one) as things`); /* call */
      });
    },
  },
  [`drizzle transaction, ${client}`]: {
    markers: 2,
    async setup({ drizzle }, servers, driver, { sql }) {
      const pool = drizzlePool[client](driver, servers, 5);
      if (client === 'postgres.js') await pool`select 1`;
      const db = drizzle(pool);
      return (tag) =>
        /* call */ db.transaction(async (tx) => {
          await tx.execute(sql`select ${tag} as tag`); /* call */
          await tx.execute(sql`select ${tag} as tag`); /* call */
        });
    },
  },
});

const prismaOf = async ({ PrismaClient }, { PrismaPg }, { postgres }, max = 5) => {
  const client = new PrismaClient({ adapter: new PrismaPg({ connectionString: postgres.url, max }) });
  await client.$executeRawUnsafe('create table if not exists "Thing" (id serial primary key, tag text)');
  return client;
};

const PRISMA = {
  'prisma findMany': {
    markers: 4,
    async setup(generated, servers, adapter) {
      const client = await prismaOf(generated, adapter, servers);
      return fourTimes(async (tag) => {
        await client.thing.findMany({ where: { tag } }); /* call */
      });
    },
  },
  'prisma raw': {
    markers: 4,
    async setup(generated, servers, adapter) {
      const client = await prismaOf(generated, adapter, servers);
      return fourTimes(async (tag) => {
        await client.$queryRaw`select ${tag}::text as tag`; /* call */
      });
    },
  },
  'prisma transaction': {
    markers: 2,
    async setup(generated, servers, adapter) {
      const client = await prismaOf(generated, adapter, servers);
      return (tag) =>
        /* call */ client.$transaction(
          async (tx) => {
            await tx.thing.findMany({ where: { tag } }); /* call */
            await tx.thing.count({ where: { tag } }); /* call */
          },
          { maxWait: 20000, timeout: 20000 },
        );
    },
  },
  'prisma pool of 1': {
    markers: 1,
    waits: true,
    async setup(generated, servers, adapter) {
      const client = await prismaOf(generated, adapter, servers, 1);
      return async (tag) => {
        await client.$queryRaw`select ${tag}::text as tag, pg_sleep(0.02)::text`; /* call */
      };
    },
  },
};

const mongooseOf = async (mongoose, { mongo }, options = {}) => {
  const connection = await mongoose
    .createConnection(`mongodb://127.0.0.1:${mongo}/work`, options)
    .asPromise();
  return connection.model('Thing', new mongoose.Schema({ tag: String }), `mongoose${process.pid}`);
};

const MONGOOSE = {
  'mongoose find': {
    markers: 4,
    async setup(mongoose, servers) {
      const Thing = await mongooseOf(mongoose, servers);
      return fourTimes(async (tag) => {
        await Thing.find({ tag }); /* call */
      });
    },
  },
  'mongoose, pool of 2': {
    markers: 4,
    async setup(mongoose, servers) {
      const Thing = await mongooseOf(mongoose, servers, { maxPoolSize: 2 });
      return fourTimes(async (tag) => {
        await Thing.findOne({ tag }).lean(); /* call */
      });
    },
  },
  'mongoose writes': {
    markers: 2,
    async setup(mongoose, servers) {
      const Thing = await mongooseOf(mongoose, servers, { maxPoolSize: 5 });
      return async (tag) => {
        await Thing.create({ tag }); /* call */
        await Thing.countDocuments({ tag }); /* call */
      };
    },
  },
};

export const ORMS = {
  ...knexWorkloads('pg'),
  ...knexWorkloads('mysql2'),
  ...sequelizeWorkloads('pg'),
  ...sequelizeWorkloads('mysql2'),
  ...sequelizeWorkloads('mariadb'),
  ...typeormWorkloads('pg'),
  ...typeormWorkloads('mysql2'),
  ...drizzleWorkloads('pg'),
  ...drizzleWorkloads('mysql2'),
  ...drizzleWorkloads('postgres.js'),
  ...PRISMA,
  ...MONGOOSE,
};
