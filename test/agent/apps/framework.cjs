// oxlint-disable oxc/no-async-endpoint-handlers -- these frameworks await them
// The same routes in one framework after the other. In: argv[2], which one; WIRETIME_TEST_FRAMEWORKS, where they are installed (else the
// project's own). Out: the port. POST /orders/:id answers with the body, GET /orders, GET /shops/:shop/orders/:id.
const { createRequire } = require('node:module');
const { once } = require('node:events');
const folder = process.env.WIRETIME_TEST_FRAMEWORKS;
const load = folder ? createRequire(`${folder}/package.json`) : require;

const programs = {
  async express(express) {
    const app = express();
    const orders = express.Router();
    app.use(express.json());
    orders.post('/:id', async (request, response) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      response.json(request.body);
    });
    orders.get('/', (request, response) => response.send('all'));
    orders.get('/:id', (request, response) => response.send('one'));
    app.use('/orders', orders);
    const shops = express.Router();
    shops.use('/:shop/orders', orders);
    app.use('/shops', shops);
    const admin = express();
    admin.use('/shops/:shop', express.Router().use('/orders', orders));
    app.use('/admin/:user', admin);
    return listen(require('node:http').createServer(app));
  },
  async fastify(fastify) {
    const app = fastify();
    const orders = async (scope) => {
      scope.post('/:id', async (request) => request.body);
      scope.get('/', async () => 'all');
      scope.get('/:id', async () => 'one');
    };
    app.register(orders, { prefix: '/orders' });
    app.register(orders, { prefix: '/shops/:shop/orders' });
    await app.listen({ port: 0, host: '127.0.0.1' });
    return app.server;
  },
  async koa(Koa) {
    const Router = load('@koa/router');
    const orders = new Router();
    orders.post('/:id', async (context) => {
      const chunks = await context.req.toArray();
      context.body = JSON.parse(Buffer.concat(chunks).toString());
    });
    orders.get('/', (context) => (context.body = 'all'));
    orders.get('/:id', (context) => (context.body = 'one'));
    const router = new Router();
    router.use('/orders', orders.routes());
    router.use('/shops/:shop/orders', orders.routes());
    const app = new Koa();
    app.use(router.routes());
    return listen(require('node:http').createServer(app.callback()));
  },
  nest(platform) {
    load('reflect-metadata');
    const { Controller, Get, Post, Body, Module, HttpCode } = load('@nestjs/common');
    class Orders {
      create(body) {
        return body;
      }
      all() {
        return 'all';
      }
      one() {
        return 'one';
      }
    }
    const decorate = (name, ...decorators) => {
      for (const decorator of decorators)
        decorator(Orders.prototype, name, Object.getOwnPropertyDescriptor(Orders.prototype, name));
    };
    Body()(Orders.prototype, 'create', 0);
    decorate('create', HttpCode(200), Post('orders/:id'));
    decorate('all', Get('orders'));
    decorate('one', Get('shops/:shop/orders/:id'));
    Controller()(Orders);
    const Root = function Root() {};
    Module({ controllers: [Orders] })(Root);
    return start(Root, platform);
  },
};
async function start(root, { ExpressAdapter, FastifyAdapter }) {
  const { NestFactory } = load('@nestjs/core');
  const app = await NestFactory.create(root, new (ExpressAdapter ?? FastifyAdapter)(), { logger: false });
  await app.listen(0, '127.0.0.1');
  return app.getHttpServer();
}
programs['@nestjs/platform-express'] = programs.nest;
programs['@nestjs/platform-fastify'] = programs.nest;
programs.express4 = programs.express;
programs.fastify4 = programs.fastify;

async function listen(server) {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

const [, , name] = process.argv;
void programs[name](load(name)).then((server) => console.log(server.address().port));
