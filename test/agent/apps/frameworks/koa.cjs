// Koa with one of its routers. In: argv[2], the router's package.
const { createServer } = require('node:http');
const Koa = require('koa');
const exported = require(process.argv[2]);
const { answer, routes, start } = require('./routes.cjs');

const Router = exported.default ?? exported.Router ?? exported;
const router = new Router();
for (const [method, path, kind] of routes)
  router[method.toLowerCase()](path, async (context) => {
    context.body = await answer(kind, kind === 'echo' ? await bodyOf(context.req) : undefined);
  });

async function bodyOf(request) {
  const chunks = await request.toArray();
  return JSON.parse(Buffer.concat(chunks).toString());
}

const app = new Koa();
app.on('error', () => undefined);
app.use(mount('/inner', router.routes()));
app.use(router.routes());

/** As koa-mount does it. */
function mount(prefix, middleware) {
  return async (context, next) => {
    const { path } = context;
    if (!path.startsWith(`${prefix}/`)) return next();
    context.path = path.slice(prefix.length);
    await middleware(context, async () => {
      context.path = path;
      await next();
      context.path = path.slice(prefix.length);
    });
    context.path = path;
  };
}

void start(createServer(app.callback()));
