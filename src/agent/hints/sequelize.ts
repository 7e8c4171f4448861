// Hints for Sequelize (6): its pool, which is in no driver and no emitter. In: the pool's module, found when a server listens or a driver makes its
// first connection. Out: calls and grants; the first statement on a connection continues the call. In bundles the module is not found:
// then the wait for the pool is not known. Requests are right either way: promises keep them.

import { noteHooked } from '../coverage.ts';
import { wrap } from '../hook.ts';
import { MODULES } from '../later.ts';
import { onLoadedModule } from '../routes/loaded-modules.ts';
import { hasAll } from './operation.ts';
import { acquiring } from './promised-connection.ts';

export function installSequelize(): void {
  onLoadedModule({ ending: MODULES.sequelize, found: hook });
}

function hook(exports: { readonly Pool?: { readonly prototype?: object } }): void {
  const prototype = exports.Pool?.prototype;
  if (prototype === undefined || !hasAll(prototype, 'acquire', 'release', '_dispense')) return;
  wrap(prototype, 'acquire', acquiring);
  noteHooked('sequelize-pool');
}
