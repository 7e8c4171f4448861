// Packages that ask for others: drivers, object mappers, pools, clients, frameworks, helpers of asynchronous code. In: a name. Out: yes or no.
// A call that passes through them was somebody else's idea. Only needed where the application is itself a package; what is missing here shows
// as a line of that package instead of the line behind it.

const NAMES = `
@apollo @as-integrations @aws-sdk @babel @elastic @fastify @grpc @hapi @hono @koa @mikro-orm @nestjs @node-redis @opensearch-project
@opentelemetry @prisma @redis @sentry @smithy @trpc
agent-base amqplib amqp-connection-manager async async-retry axios bluebird body-parser bookshelf bull bullmq cockatiel cls-hooked
compression connect cookie-parser cors dataloader dd-trace drizzle-orm express express-session fastify fastify-plugin finalhandler
follow-redirects generic-pool got graphql graphql-yoga hono http-proxy http-proxy-agent https-proxy-agent ioredis kafkajs keyv knex koa
koa-compose koa-router kysely lodash mariadb memjs mercurius middie mongodb mongoose mysql mysql2 nats needle newrelic next node-fetch objection
on-finished opossum p-limit p-map p-queue p-retry passport pg pg-boss pg-cursor pg-pool pg-promise postgres promise-retry redis
regenerator-runtime request retry router rxjs send sequelize sequelize-typescript serve-static superagent tarn tedious ts-node tslib tsx
typeorm umzug undici verror ws zone.js
`;

let known: ReadonlySet<string> | undefined;

/** `name`: `pg`, `@redis/client`; what begins with a dot (`.cache`, `.prisma`) is no package, but made by one. */
export function isGoBetween(name: string): boolean {
  if (name.startsWith('.')) return true;
  known ??= new Set(NAMES.trim().split(/\s+/));
  return known.has(name) || known.has(name.slice(0, Math.max(0, name.indexOf('/'))));
}
