// Hints for undici 5 and 6 over HTTP/2: they do not say for whom they open a stream, but tell the request that it is begun right before.
// In: the class of undici's requests. Out: the request whose stream is opened now. From version 7 on a channel says it (undici.ts).

import { grant } from '../calls/calls.ts';
import type { Context } from '../requests/context.ts';
import { active } from '../guard.ts';
import { wrap, type AnyMethod, type Method } from '../hook.ts';
import { contextOfRequest, onRequestClass } from './undici.ts';

/** The request that was begun last. Those of HTTP/1 and those that are given up at once are told of, too: the next overwrites them. */
let begun: Context | undefined;

/** Once the application uses HTTP/2. */
export function installUndiciHttp2(): void {
  onRequestClass((prototype) => wrap(prototype, 'onConnect', beginning));
}

function beginning(original: Method): AnyMethod {
  return function onConnect(this: object, ...args: unknown[]): unknown {
    if (active) begun = contextOfRequest(this);
    return original.apply(this, args);
  };
}

/** Whose stream a session of undici opens now, right after the request was begun. */
export function takeBegunRequest(): Context | undefined {
  const context = begun;
  begun = undefined;
  if (context !== undefined) grant(context);
  return context;
}
