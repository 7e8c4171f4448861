// Hints for BullMQ (3 on): a job that a worker processes starts a request. In: new prototypes. Out: consumptions, by the names of queue
// and job. Jobs of processors in processes of their own are begun and ended here, and work there.

import { beginConsumption, runConsumer } from '../requests/consumption.ts';
import type { Recognizer } from '../emitter-init.ts';
import type { AnyMethod, Method } from '../hook.ts';
import { hasAll, textOf, wrapOwner } from './operation.ts';

/** `Worker` */
export const recognizeBullmq: Recognizer = (prototype) => {
  if (hasAll(prototype, 'callProcessJob', 'processJob', 'getNextJob'))
    wrapOwner(prototype, 'callProcessJob', processing);
  return undefined;
};

function processing(original: Method): AnyMethod {
  return function callProcessJob(this: object, ...args: unknown[]): unknown {
    const name = [textOf(this, 'name'), textOf(args[0], 'name')].filter(Boolean).join(':');
    return runConsumer(beginConsumption('TASK', name), original, this, args);
  };
}
