// What several workloads need. In: addresses of servers, single operations. Out: settings of drivers, operations put together.

export const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Two operations one after the other, then two at once. */
export const fourTimes = (operation) => async (tag) => {
  await operation(tag);
  await operation(tag);
  await Promise.all([operation(tag), operation(tag)]);
};

/** A callback API as a promise: what comes after runs in the callback. */
export const called = (start) =>
  new Promise((resolve, reject) => start((error, result) => (error ? reject(error) : resolve(result))));

export const pgConfig = ({ postgres }) => ({
  host: postgres.host,
  port: postgres.port,
  user: postgres.user,
  password: postgres.password,
  database: postgres.database,
});
export const mysqlConfig = ({ mariadb }) => ({
  host: mariadb.host,
  port: mariadb.port,
  user: mariadb.user,
  password: mariadb.password,
  database: mariadb.database,
});
