// oxlint-disable typescript/no-extraneous-class -- Nest decorates classes
// Nest. In: argv[2], the package of its platform.
require('reflect-metadata');
const {
  All,
  Body,
  Controller,
  Module,
  Param,
  StreamableFile,
  Get,
  HttpCode,
  Post,
} = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { answer, print, routes } = require('./routes.cjs');

class Shop {}
const decorators = { GET: Get, POST: Post, ALL: All };
for (const [index, [method, path, kind]] of routes.entries()) {
  const name = `route${index}`;
  Shop.prototype[name] = async (body) => {
    const result = await answer(kind, body);
    return typeof result?.pipe === 'function' ? new StreamableFile(result) : result;
  };
  const descriptor = Object.getOwnPropertyDescriptor(Shop.prototype, name);
  if (kind === 'echo') Body()(Shop.prototype, name, 0);
  else Param('id')(Shop.prototype, name, 0);
  HttpCode(200)(Shop.prototype, name, descriptor);
  decorators[method](path)(Shop.prototype, name, descriptor);
}
Controller()(Shop);
class Root {}
Module({ controllers: [Shop] })(Root);

async function start() {
  const { ExpressAdapter, FastifyAdapter } = require(process.argv[2]);
  const app = await NestFactory.create(Root, new (ExpressAdapter ?? FastifyAdapter)(), { logger: false });
  await app.listen(0, '127.0.0.1');
  print(app.getHttpServer());
}

void start();
