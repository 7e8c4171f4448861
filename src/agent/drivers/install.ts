// Drivers that bypass Node's sockets. In: nothing. Out: each hooked once the application has loaded it; nothing is loaded for that.

import { checkBuiltins, onBuiltin } from '../later/builtins.ts';
import { onNewPrototype } from '../emitter-init.ts';
import { installAddons } from './addons.ts';
import { hookResolver } from './resolver.ts';

/** Before the application's first emitter, once per thread. */
export function installDrivers(): void {
  installAddons();
  onBuiltin('dns', hookResolver);
  onNewPrototype(() => {
    checkBuiltins();
    return undefined;
  });
}
