// Hints for the client of Elasticsearch 7: before its first request it asks the server what it is, and all requests wait for the answer. In: its
// module, found when a server listens. Out: what waits goes on in the request that asked for it. Later versions do not wait.

import type { EventEmitter } from 'node:events';
import { bindCallback, currentContext, type Context } from '../requests/context.ts';
import { active, guarded } from '../guard.ts';
import { wrap, type AnyMethod, type Method } from '../hook.ts';
import { MODULES } from '../later/later.ts';
import { onLoadedModule } from '../routes/loaded-modules.ts';
import { hasAll } from './operation.ts';

const WAITING = 'product-check';

export function installElasticsearch(): void {
  onLoadedModule({ ending: MODULES.elasticsearch, found: hook });
}

function hook({ prototype }: { readonly prototype?: object }): void {
  if (prototype !== undefined && hasAll(prototype, 'request', 'productCheck'))
    wrap(prototype, 'request', requesting);
}

function requesting(original: Method): AnyMethod {
  return function request(this: object, ...args: unknown[]): unknown {
    const emitter = active ? emitterOf(this) : undefined;
    const before = emitter?.listenerCount(WAITING) ?? 0;
    const result = original.apply(this, args);
    if (emitter !== undefined && emitter.listenerCount(WAITING) > before)
      guarded(bindLast, emitter, currentContext());
    return result;
  };
}

/** The client's own, which nobody else sees. */
function emitterOf(transport: object): EventEmitter | undefined {
  const symbol = Object.getOwnPropertySymbols(transport).find(
    ({ description }) => description === 'event emitter',
  );
  const value: unknown = symbol && Reflect.get(transport, symbol);
  return typeof value === 'object' && value !== null && hasAll(value, 'listenerCount', 'once')
    ? (value as EventEmitter)
    : undefined;
}

function bindLast(emitter: EventEmitter, context: Context): void {
  const last = emitter.listeners(WAITING).at(-1) as ((...args: unknown[]) => void) | undefined;
  if (last === undefined) return;
  emitter.removeListener(WAITING, last);
  emitter.once(WAITING, bindCallback(last, context));
}
