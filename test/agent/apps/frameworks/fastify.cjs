// Fastify: half of the routes in a plugin with a prefix.
const fastify = require('fastify');
const { answer, print, routes } = require('./routes.cjs');

const app = fastify();
const isNested = ([, path]) => path.startsWith('/things');
for (const [method, path, kind] of routes.filter((route) => !isNested(route))) add(app, method, path, kind);
for (const [method, path, kind] of routes.filter(isNested)) {
  const [, prefix, rest] = /^(\/[^/]+)(.*)$/.exec(path);
  app.register(async (scope) => add(scope, method, rest, kind), { prefix });
}

function add(scope, method, path, kind) {
  scope.route({ method, url: path, handler: async (request) => answer(kind, request.body) });
}

app.listen({ port: 0, host: '127.0.0.1' }).then(
  () => print(app.server),
  (error) => console.error(error),
);
