// Call sites of got (11 on): it makes Node's request later, when nothing on the stack leads to the application. In: new prototypes. Out: the
// place where its own request was made, told of Node's. Nothing is given to a wrong request without.

import type { InstanceHook, Recognizer } from '../emitter-init.ts';
import { placeCallAt, siteOfNow } from '../calls/calls.ts';
import { guarded } from '../guard.ts';
import type { AnyMethod, Method } from '../hook.ts';
import { operationOf } from './http-agent.ts';
import { hasAll, wrapOwner } from './operation.ts';
import { sideTable } from './side-table.ts';

/** By got's request: its call site. */
const sites = sideTable<number>();

export const recognizeGot: Recognizer = (prototype) => {
  if (!hasAll(prototype, '_onRequest', '_onResponse', '_finalizeBody', '_beforeError')) return undefined;
  wrapOwner(prototype, '_onRequest', linking);
  return noteSite;
};

const noteSite: InstanceHook = (request) => sites.set(request, siteOfNow('got'));

function linking(original: Method): AnyMethod {
  return function _onRequest(this: object, ...args: unknown[]): unknown {
    guarded(tell, args[0], sites.get(this));
    return original.apply(this, args);
  };
}

function tell(request: unknown, site: number | undefined): void {
  if (typeof request !== 'object' || request === null || site === undefined) return;
  const context = operationOf(request);
  if (context !== undefined) placeCallAt(context, site);
}
