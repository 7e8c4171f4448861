// Route templates of Fastify, from its own channels. In: `tracing:fastify.request.handler:start` (Fastify 5), `fastify.initialization`
// (Fastify 3 and 4, which get a hook: they tell of a request in no other way). Out: the template on the exchange.

import { subscribe } from 'node:diagnostics_channel';
import { exchangeOf } from '../requests/exchange.ts';
import { guarded } from '../guard.ts';

interface HandlerMessage {
  readonly request?: { readonly raw?: object };
  readonly route?: { readonly url?: unknown };
}

interface InitializationMessage {
  readonly fastify?: {
    readonly version?: unknown;
    addHook(
      name: 'onRequest',
      hook: (request: FastifyRequest, reply: unknown, done: () => void) => void,
    ): void;
  };
}

interface FastifyRequest {
  readonly raw?: object;
  readonly routeOptions?: { readonly url?: unknown };
  readonly context?: { readonly config?: { readonly url?: unknown } };
}

/** Costs nothing until Fastify publishes. */
export function installFastify(): void {
  subscribe('tracing:fastify.request.handler:start', (message) => {
    guarded(noteHandler, message as HandlerMessage, undefined);
  });
  subscribe('fastify.initialization', (message) => {
    guarded(addHook, message as InitializationMessage, undefined);
  });
}

function noteHandler({ request, route }: HandlerMessage): void {
  noteRoute(request?.raw, route?.url);
}

function addHook({ fastify }: InitializationMessage): void {
  if (!/^[34]\./.test(String(fastify?.version))) return;
  fastify?.addHook('onRequest', (request, _reply, done) => {
    guarded(noteRequest, request, undefined);
    done();
  });
}

function noteRequest(request: FastifyRequest): void {
  // `context` is deprecated where `routeOptions` exists (4.10 on), and would warn.
  noteRoute(
    request.raw,
    'routeOptions' in request ? request.routeOptions?.url : request.context?.config?.url,
  );
}

function noteRoute(raw: object | undefined, url: unknown): void {
  const exchange = raw && exchangeOf(raw);
  if (exchange && typeof url === 'string') exchange.route = url;
}
