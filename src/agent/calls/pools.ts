// Where the application makes its connection pools. In: a pool that is being built. Out: libraries with call sites, for `stats`.
// Bounded: an application that makes a pool for every request is seen by its connections.

import { callSiteOf, tellCallSite } from './call-site.ts';
import { now } from '../clock.ts';
import type { PoolMade } from '../../record/layout.ts';
import { beginNetwork } from '../patches/install.ts';

const POOL_LIMIT = 20;
const made: PoolMade[] = [];

/** Its constructor is running: the application's code is on the stack. */
export function poolMade(library: string): void {
  if (made.length >= POOL_LIMIT) return;
  beginNetwork();
  const callSite = callSiteOf(`new ${library} pool`, now());
  if (callSite > 0 && !made.some((pool) => pool.callSite === callSite)) made.push({ library, callSite });
}

export function poolsMade(): readonly PoolMade[] {
  for (const { callSite } of made) tellCallSite(callSite);
  return made;
}
