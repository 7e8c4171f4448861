// The end of this process or thread. In: what is to be done then. Out: it is done, before the application's own `exit` listeners.
// Not a listener: the application would count it (`listenerCount`, the warning at the eleventh), and could remove it.

import { wrap, type Uninstall } from './hook.ts';

/** `ended` is called once for each `exit` event, of which there is one. On the prototype: `process` itself keeps its own keys. */
export function onProcessEnd(ended: () => void): Uninstall {
  return wrap(Object.getPrototypeOf(process) as NodeJS.Process, 'emit', (_original, below) => {
    return function emit(this: unknown, ...args: unknown[]): unknown {
      if (args[0] === 'exit' && this === process) ended();
      return below.emit.apply(this, args);
    };
  });
}
