// Hints for memjs (1.x): commands that wait for the connection. In: new prototypes. Out: calls, grants, contexts.

import { grant, newCall } from '../calls/calls.ts';
import type { Recognizer } from '../emitter-init.ts';
import { active } from '../guard.ts';
import type { AnyMethod, Method } from '../hook.ts';
import { asOperation, hasAll, wrapOwner } from './operation.ts';

/** `Server`: one connection. */
export const recognizeMemjs: Recognizer = (prototype) => {
  if (hasAll(prototype, 'sock', 'appendToBuffer', 'responseHandler', 'writeSASL'))
    wrapOwner(prototype, 'sock', connecting);
  return undefined;
};

/** `go` writes the command, at once or when the connection is there. */
function connecting(original: Method): AnyMethod {
  return function sock(this: unknown, ...args: unknown[]): unknown {
    const go = args[1];
    if (active && typeof go === 'function') args[1] = following(go as Method);
    return original.apply(this, args);
  };
}

function following(go: Method): AnyMethod {
  const context = newCall('memjs');
  return function (this: unknown, ...args: unknown[]): unknown {
    grant(context);
    return asOperation(context, go, this, args);
  };
}
