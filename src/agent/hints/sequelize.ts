// Hints for Sequelize (6): its pool, which is in no driver and no emitter. In: the first connection of a driver that Sequelize uses; then
// the pool's class, found among the modules that were loaded. Out: calls and grants; the first statement on a connection continues the
// call. In bundles the class is not found: then the wait for the pool is not known. Requests are right either way: promises keep them.

import { noteHooked } from '../coverage.ts';
import type { Recognizer } from '../emitter-init.ts';
import { guarded } from '../guard.ts';
import { wrap } from '../hook.ts';
import { exportedPrototypes } from './loaded-modules.ts';
import { hasAll } from './operation.ts';
import { acquiring } from './promised-connection.ts';

/** Connections of pg, mysql2 and mariadb: by now Sequelize is loaded if it is used at all. */
export const recognizeSequelize: Recognizer = (prototype) => {
  if (['_pulseQueryQueue', 'handlePacket', 'addCommandEnable'].some((name) => name in prototype))
    guarded(search, undefined, undefined);
  return undefined;
};

function search(): void {
  for (const prototype of exportedPrototypes('Pool'))
    if (hasAll(prototype, 'acquire', 'release', '_dispense', '_ensureMinimum')) {
      wrap(prototype, 'acquire', acquiring);
      noteHooked('sequelize-pool');
    }
}
