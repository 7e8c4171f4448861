// oxlint-disable oxc/no-async-endpoint-handlers -- Express 5 and Fastify await them
// The same two routes in Express and in Fastify. In: argv[2]. Out: the port.
const express = require('express');
const fastify = require('fastify');

const programs = {
  express() {
    const app = express();
    const router = express.Router();
    app.use(express.json());
    router.post('/:id', async (request, response) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      response.json(request.body);
    });
    router.get('/', (request, response) => response.send('all'));
    app.use('/orders', router);
    const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
  },
  async fastify() {
    const app = fastify();
    app.register(
      async (scope) => {
        scope.post('/:id', async (request) => request.body);
        scope.get('/', async () => 'all');
      },
      { prefix: '/orders' },
    );
    await app.listen({ port: 0, host: '127.0.0.1' });
    console.log(app.server.address().port);
  },
};
programs[process.argv[2]]();
