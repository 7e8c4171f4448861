// Hints for ioredis (4 on): direct commands, pipelines, transactions, auto-pipelining, cluster. In: new prototypes. Out: calls, and
// contexts: one for a command, an ordered list for the one write of a pipeline. Commands that wait for the connection keep theirs.

import type { Recognizer } from '../emitter-init.ts';
import {
  bindCallback,
  currentContext,
  replaceCurrent,
  replaceOrdered,
  type Context,
} from '../requests/context.ts';
import { newCall } from '../calls/calls.ts';
import { active, guarded } from '../guard.ts';
import { ownerOf, wrap, type AnyMethod, type Method } from '../hook.ts';
import { hasAll } from './operation.ts';
import { sideTable } from './side-table.ts';
import { Stamped } from '../stamp.ts';

interface Command {
  readonly name?: string;
  readonly pipelineIndex?: number;
}

interface Pipeline {
  readonly _queue?: readonly Command[];
  readonly redis?: { readonly _autoPipelines?: ReadonlyMap<string, unknown> };
}

/** By command: whose operation it is. Not a side table: every command comes here (see side-table.ts). */
class OperationOf extends Stamped {
  #context: Context | undefined;

  static get(command: object): Context | undefined {
    return #context in command ? command.#context : undefined;
  }

  static set(command: object, context: Context | undefined): void {
    const note = #context in command ? command : new OperationOf(command);
    note.#context = context;
  }
}

/** By what a pipeline gathers its bytes in: the contexts of its commands so far. */
const gathered = sideTable<Context[]>();

/** `Redis` and `Cluster`. Their sub-classes share the methods. */
export const recognizeIoredis: Recognizer = (prototype) => {
  if (!hasAll(prototype, 'sendCommand', 'pipeline', 'multi', 'disconnect')) return undefined;
  wrapWhereOwned(prototype, 'sendCommand', sendingCommand);
  wrapWhereOwned(prototype, 'pipeline', buildingPipeline);
  wrapWhereOwned(prototype, 'multi', buildingPipeline);
  // Of `Cluster`.
  wrapWhereOwned(prototype, 'delayUntilReady', delaying);
  return undefined;
};

/** Not the deepest owner: the base class has a `sendCommand` that only throws. */
function wrapWhereOwned(prototype: object, name: string, make: (original: Method) => AnyMethod): void {
  const owner = ownerOf(prototype, name);
  if (owner !== undefined) wrap(owner, name, make);
}

function sendingCommand(original: Method): AnyMethod {
  return function sendCommand(this: object, ...args: unknown[]): unknown {
    const command = args[0];
    const stream = args[1];
    if (!active || typeof command !== 'object' || command === null) return original.apply(this, args);
    const isPiped = typeof stream === 'object' && stream !== null;
    const context = operationOf(command, isPiped);
    const previous = isPiped ? undefined : replaceCurrent(context);
    const previousOrder = isPiped ? replaceOrdered(gather(stream, command, context)) : undefined;
    try {
      return original.apply(this, args);
    } finally {
      if (isPiped) replaceOrdered(previousOrder);
      else replaceCurrent(previous);
    }
  };
}

function operationOf(command: Command, isPiped: boolean): Context {
  const known = OperationOf.get(command);
  if (known !== undefined) return known;
  const context = isPiped ? currentContext() : newCall('ioredis', command.name);
  OperationOf.set(command, context);
  return context;
}

/** A pipeline that is sent again after a reconnect begins again at index 0. */
function gather(stream: object, command: Command, context: Context): readonly Context[] {
  const known = gathered.get(stream);
  const list = known === undefined || command.pipelineIndex === 0 ? [] : known;
  if (list !== known) gathered.set(stream, list);
  list[command.pipelineIndex ?? list.length] = context;
  return list;
}

/** Commands that auto-pipelining is given before the slots of the cluster are known. */
function delaying(original: Method): AnyMethod {
  return function delayUntilReady(this: unknown, ...args: unknown[]): unknown {
    if (active) args[0] = bindCallback(args[0], currentContext());
    return original.apply(this, args);
  };
}

/** The first pipeline shows the class: it is no emitter. `multi` with `{ pipeline: false }` answers a promise. */
function buildingPipeline(original: Method): AnyMethod {
  return function (this: { readonly pipeline?: unknown }, ...args: unknown[]): unknown {
    guarded(hookPipelines, this, undefined);
    return original.apply(this, args);
  };
}

const hooked = new WeakSet<object>();

function hookPipelines(redis: { readonly pipeline?: unknown }): void {
  const owner = ownerOf(redis, 'pipeline');
  if (owner === undefined || hooked.has(owner) || typeof redis.pipeline !== 'function') return;
  hooked.add(owner);
  const pipeline: unknown = Reflect.apply(redis.pipeline, redis, []);
  if (typeof pipeline !== 'object' || pipeline === null) return;
  const prototype = Object.getPrototypeOf(pipeline) as object;
  wrapWhereOwned(prototype, 'sendCommand', queueingCommand);
  wrapWhereOwned(prototype, 'exec', executing);
}

/** The application calls an auto-pipeline with every command, a pipeline of its own with `exec`. */
function queueingCommand(original: Method): AnyMethod {
  return function sendCommand(this: Pipeline, ...args: unknown[]): unknown {
    const command = args[0];
    if (typeof command === 'object' && command !== null && isAutomatic(this))
      OperationOf.set(command, newCall('ioredis', (command as Command).name));
    return original.apply(this, args);
  };
}

function isAutomatic(pipeline: Pipeline): boolean {
  const automatic = pipeline.redis?._autoPipelines;
  if (automatic === undefined || automatic.size === 0) return false;
  for (const one of automatic.values()) if (one === pipeline) return true;
  return false;
}

function executing(original: Method): AnyMethod {
  return function exec(this: Pipeline, ...args: unknown[]): unknown {
    if (this._queue !== undefined) guarded(noteExec, this._queue, undefined);
    return original.apply(this, args);
  };
}

function noteExec(queue: readonly Command[]): void {
  let call: Context | undefined;
  for (const command of queue) {
    if (OperationOf.get(command) === undefined)
      OperationOf.set(command, (call ??= newCall('ioredis', 'pipeline')));
  }
}
