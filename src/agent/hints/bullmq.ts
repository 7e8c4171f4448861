// Hints for BullMQ (3 on): a job that a worker processes starts a request, and where a job is added. In: new prototypes. Out: consumptions, by
// the names of queue and job; call sites. Jobs of processors in processes of their own are begun and ended here, and work there.

import { runCarrying } from '../calls/carried-site.ts';
import { siteOfNow } from '../calls/calls.ts';
import { active, fail } from '../guard.ts';
import { beginConsumption, runConsumer } from '../requests/consumption.ts';
import type { Recognizer } from '../emitter-init.ts';
import type { AnyMethod, Method } from '../hook.ts';
import { hasAll, textOf, wrapOwner } from './operation.ts';

/** `Worker`, `Queue` and `FlowProducer` */
export const recognizeBullmq: Recognizer = (prototype) => {
  if (hasAll(prototype, 'callProcessJob', 'processJob', 'getNextJob'))
    wrapOwner(prototype, 'callProcessJob', processing);
  if (hasAll(prototype, 'add', 'addBulk', 'trimEvents') || hasAll(prototype, 'add', 'addBulk', 'addTree'))
    for (const name of ['add', 'addBulk']) wrapOwner(prototype, name, adding);
  return undefined;
};

/** BullMQ hands functions on that nobody awaits by name: by the time it asks Redis no stack leads to who added the job. */
function adding(original: Method): AnyMethod {
  return function (this: object, ...args: unknown[]): unknown {
    const callSite = active ? siteOf(this) : 0;
    return callSite === 0
      ? original.apply(this, args)
      : runCarrying({ callSite }, () => original.apply(this, args));
  };
}

function siteOf(queue: object): number {
  try {
    return siteOfNow(`bullmq ${textOf(queue, 'name')}`);
  } catch (error) {
    fail(error);
    return 0;
  }
}

function processing(original: Method): AnyMethod {
  return function callProcessJob(this: object, ...args: unknown[]): unknown {
    const name = [textOf(this, 'name'), textOf(args[0], 'name')].filter(Boolean).join(':');
    return runConsumer(beginConsumption('TASK', name), original, this, args);
  };
}
