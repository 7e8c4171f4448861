// Hapi.
const Hapi = require('@hapi/hapi');
const { answer, print, routes } = require('./routes.cjs');

const server = Hapi.server({ port: 0, host: '127.0.0.1' });
for (const [method, path, kind] of routes)
  server.route({
    method,
    path: path.replaceAll(/:(\w+)/g, '{$1}'),
    handler: async (request) => answer(kind, request.payload),
  });
server.start().then(
  () => print(server.listener),
  (error) => console.error(error),
);
