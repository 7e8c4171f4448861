// Route templates of Fastify, from its own channels. In: `tracing:fastify.request.handler:start` (Fastify 5). Out: the template on the exchange.

import { subscribe } from 'node:diagnostics_channel';
import { exchangeOf } from '../exchange.ts';
import { guarded } from '../guard.ts';

interface HandlerMessage {
  readonly request?: { readonly raw?: object };
  readonly route?: { readonly url?: unknown };
}

/** Costs nothing until Fastify publishes. */
export function installFastify(): void {
  subscribe('tracing:fastify.request.handler:start', (message) => {
    guarded(noteRoute, message as HandlerMessage, undefined);
  });
}

function noteRoute(message: HandlerMessage): void {
  const raw = message.request?.raw;
  const url = message.route?.url;
  const exchange = raw && exchangeOf(raw);
  if (exchange && typeof url === 'string') exchange.route = url;
}
