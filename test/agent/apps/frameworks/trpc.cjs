// tRPC. In: argv[2], behind which server: standalone, express or fastify.
const { createServer } = require('node:http');
const { initTRPC } = require('@trpc/server');
const { pause, print, start } = require('./routes.cjs');

const t = initTRPC.create();
const hello = async () => {
  await pause();
  return 'hello';
};
const fail = async () => {
  throw new Error('as asked');
};
const names = [
  'user.byId',
  'user.list',
  'post.list',
  'post.fail',
  ...Array.from({ length: 30 }, (_, index) => `thing.get${index}`),
];
const procedureOf = (name) => (name.endsWith('fail') ? t.procedure.query(fail) : t.procedure.query(hello));
const groups = Object.groupBy?.(names, (name) => name.split('.')[0]) ?? grouped();
const router = t.router(
  Object.fromEntries(
    Object.entries(groups).map(([group, members]) => [
      group,
      t.router({
        ...Object.fromEntries(members.map((name) => [name.split('.')[1], procedureOf(name)])),
        add: t.procedure.mutation(hello),
      }),
    ]),
  ),
);

function grouped() {
  const groups = {};
  for (const name of names) (groups[name.split('.')[0]] ??= []).push(name);
  return groups;
}

const servers = {
  standalone() {
    const { createHTTPHandler } = require('@trpc/server/adapters/standalone');
    const handler = createHTTPHandler({ router });
    return start(
      createServer((request, response) => {
        request.url = request.url.replace(/^\/trpc/, '');
        handler(request, response);
      }),
    );
  },
  express() {
    const { createExpressMiddleware } = require('@trpc/server/adapters/express');
    const app = require('express')();
    app.use('/api/trpc', createExpressMiddleware({ router }));
    return start(createServer(app));
  },
  async fastify() {
    const { fastifyTRPCPlugin } = require('@trpc/server/adapters/fastify');
    const app = require('fastify')({ maxParamLength: 5000 });
    app.register(fastifyTRPCPlugin, { prefix: '/trpc', trpcOptions: { router } });
    await app.listen({ port: 0, host: '127.0.0.1' });
    print(app.server);
  },
};
void servers[process.argv[2]]();
