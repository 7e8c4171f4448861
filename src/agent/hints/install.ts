// HTTP clients, and what else nearly every program has. In: nothing. Out: hints in place for what the application loads later.
// Not here: drivers (later-install.ts).

import { installDrivers } from '../drivers/install.ts';
import { onNewPrototype } from '../emitter-init.ts';
import { recognizeClientRequest } from './http-agent.ts';
import { listenToUndici, recognizeUndici } from './undici.ts';

/** Registers them. Before the application's first emitter, once per thread. */
export function installHints(): void {
  onNewPrototype(recognizeUndici);
  onNewPrototype(recognizeClientRequest);
  listenToUndici();
  installDrivers();
}
