// Database servers for one test file: those of the whole test run (scripts/test.ts), else its own, which end with the process.
// Test files run side by side on the same servers: use tables and keys of your own names.

import { startServers, type Servers } from '../scripts/servers.ts';
import type { ServerName } from '../scripts/servers/server.ts';

/** The servers asked for. `stop()` is a courtesy: nothing outlives the test process. */
export async function testServers<const Name extends ServerName>(
  names: readonly Name[],
): Promise<Servers<Name>> {
  const shared = process.env['WIRETIME_TEST_SERVERS'];
  if (shared === undefined) return startServers(names);
  const servers = JSON.parse(shared) as Servers<Name>;
  const missing = names.filter((name) => servers[name] === undefined);
  if (missing.length > 0) throw new Error(`WIRETIME_TEST_SERVERS has no ${missing.join(', ')}`);
  return { ...servers, stop: () => Promise.resolve() };
}
