// oxlint-disable oxc/no-async-endpoint-handlers -- errors are handed on by hand, as Express 4 needs it
// Express: plain routes, and what only it has: routers in routers, an application in an application, expressions, lists of paths.
const { createServer } = require('node:http');
const express = require('express');
const { answer, routes, start } = require('./routes.cjs');

const app = express();
app.use(express.json());
for (const [method, path, kind] of routes) app[method.toLowerCase()](path, handler(kind));

const parts = express.Router({ mergeParams: true });
parts.get('/parts/:part', handler('text'));
const shelves = express.Router();
shelves.get('/', handler('text'));
shelves.use('/:shelf', parts);
app.use('/shelves', shelves);

const admin = express();
admin.use('/shops/:shop', express.Router().use('/shelves', shelves));
app.use('/admin/:user', admin);

app.get(/^\/files\/(.*)$/, handler('text'));
app.get(['/books', '/books/:isbn', '/volumes/:isbn'], handler('text'));
app.use('/blog', (request, response, next) => next());
app.use((error, request, response, _next) => response.status(500).send(error.message));

function handler(kind) {
  return async (request, response, next) => {
    try {
      const body = await answer(kind, request.body);
      if (typeof body?.pipe === 'function') body.pipe(response);
      else response.send(body);
    } catch (error) {
      next(error);
    }
  };
}

void start(createServer(app));
