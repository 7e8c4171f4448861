// The routes with Hono: behind middleware, half of them in an application of their own. In: its class, and its adapter.
const { Readable } = require('node:stream');
const { answer, print, routes } = require('./routes.cjs');

module.exports = (Hono, serve) => {
  const app = new Hono();
  app.use('*', async (_context, next) => next());
  app.onError((_error, context) => context.text('no', 500));
  const isNested = ([, path]) => path.startsWith('/things');
  for (const [method, path, kind] of routes.filter((route) => !isNested(route))) add(app, method, path, kind);
  for (const [method, path, kind] of routes.filter(isNested)) {
    const [, prefix, rest] = /^(\/[^/]+)(.*)$/.exec(path);
    const inner = new Hono();
    add(inner, method, rest, kind);
    app.route(prefix, inner);
  }
  app.get('/blog/*', async (_context, next) => next());
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => print(server));
};

function add(app, method, path, kind) {
  app.on(method, path, async (context) => {
    const body = await answer(kind, kind === 'echo' ? await context.req.json() : undefined);
    if (kind === 'echo') return context.json(body);
    return typeof body === 'string' ? context.text(body) : new Response(Readable.toWeb(body));
  });
}
