// Frameworks that have to be asked while they work. In: nothing. Out: listeners and recognizers in place, before the application loads them.

import { onNewPrototype } from '../emitter-init.ts';
import { installFastify } from './fastify.ts';
import { installHapi } from './hapi.ts';
import { installHono } from './hono.ts';
import { recognizeKoa } from './koa.ts';

/** Once per thread. */
export function installRoutes(): void {
  onNewPrototype(recognizeKoa);
  installFastify();
  installHapi();
  installHono();
}
