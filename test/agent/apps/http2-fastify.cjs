// Fastify over HTTP/2 without TLS. Prints its port.
const fastify = require('fastify')({ http2: true });

fastify.get('/users/:id', (request, reply) => reply.send(`user ${request.params.id}`));
fastify.post('/users/:id', (request, reply) => reply.code(201).send(request.body));
fastify.listen({ port: 0, host: '127.0.0.1' }, () => console.log(fastify.server.address().port));
