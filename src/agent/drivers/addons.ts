// Native addons, which go past Node's sockets. In: what `process.dlopen` loads, in CommonJS, ES modules and bundles alike. Out: the later
// part of the agent is shown each. Not here: which are known (known-addons.ts).

import { active, guarded } from '../guard.ts';
import { wrap, type AnyMethod, type Method, type Uninstall } from '../hook.ts';
import { laterPart, loadLater } from '../later/later.ts';

export function installAddons(): Uninstall {
  return wrap(process, 'dlopen', loading);
}

/** Native functions have no prototype, and neither have methods. */
function loading(original: Method): AnyMethod {
  const wrapper = {
    dlopen(this: unknown, ...args: unknown[]): unknown {
      const result = original.apply(this, args);
      if (active) guarded(note, args[0], args[1]);
      return result;
    },
  };
  return wrapper.dlopen;
}

function note(module: unknown, file: unknown): void {
  loadLater();
  laterPart?.noteAddon(module, file);
}
