// Messages that kafkajs (1.x and 2.x) produces carry the trace of their request. In: the broker's class, which is no emitter: it is found
// among the modules that were loaded, once the first queue of requests shows that there is one. Out: copies of messages, with a header.

import { currentContext } from '../requests/context.ts';
import { active, guarded } from '../guard.ts';
import { wrap, type AnyMethod, type Method } from '../hook.ts';
import { hasAll, hasMethod } from './operation.ts';
import { TRACEPARENT, traceparentFor } from './sent-message.ts';

/** Of one `produce`: the others go without. */
const MESSAGE_LIMIT = 1000;

interface Broker {
  readonly connectionPool?: { readonly host?: unknown };
  readonly connection?: { readonly host?: unknown };
}

interface Message {
  readonly headers?: Readonly<Record<string, unknown>>;
}

interface Topic {
  readonly partitions: readonly { readonly messages: readonly Message[] }[];
}

interface Asked {
  readonly topicData: readonly Topic[];
}

/** Bundles have no such modules: their messages carry nothing. */
export function hookBrokers(): void {
  const { _cache: cache } = process.getBuiltinModule('node:module') as unknown as {
    readonly _cache?: Readonly<Record<string, { readonly exports?: unknown } | undefined>>;
  };
  for (const name of Object.keys(cache ?? {})) {
    if (!name.includes('broker')) continue;
    const exports = cache?.[name]?.exports;
    const prototype: unknown = typeof exports === 'function' ? exports.prototype : undefined;
    if (
      typeof prototype === 'object' &&
      prototype !== null &&
      hasAll(prototype, 'produce', 'fetch', 'joinGroup')
    )
      wrap(prototype, 'produce', producing);
  }
}

function producing(original: Method): AnyMethod {
  return function produce(this: Broker, ...args: unknown[]): unknown {
    if (active) guarded(tell, this, args);
    return original.apply(this, args);
  };
}

function tell({ connectionPool, connection }: Broker, args: unknown[]): void {
  const asked = args[0] as Asked | undefined;
  if (asked === undefined || !hasMethod(asked.topicData, 'map')) return;
  const host = connectionPool?.host ?? connection?.host;
  const traceparent = traceparentFor(currentContext(), typeof host === 'string' ? host : '');
  if (traceparent === '') return;
  let left = MESSAGE_LIMIT;
  const told = (message: Message): Message => {
    if (--left < 0 || (message.headers !== undefined && TRACEPARENT in message.headers)) return message;
    return { ...message, headers: { ...message.headers, [TRACEPARENT]: traceparent } };
  };
  args[0] = {
    ...asked,
    topicData: asked.topicData.map((topic) => ({
      ...topic,
      partitions: topic.partitions.map((part) => ({ ...part, messages: part.messages.map(told) })),
    })),
  };
}
