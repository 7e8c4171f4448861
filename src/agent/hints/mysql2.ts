// Hints for mysql2 (2.3 on): pool, promise wrapper, the connection's own queue, prepared statements. In: new prototypes.
// Out: calls, grants and contexts. A command is written when the one before it has ended.

import type { InstanceHook, Recognizer } from '../emitter-init.ts';
import { bindCallback, currentContext, type Context } from '../requests/context.ts';
import { grant, newCall } from '../calls/calls.ts';
import { guarded } from '../guard.ts';
import type { AnyMethod, Method } from '../hook.ts';
import { poolMade } from '../calls/pools.ts';
import { carry, takeCarried } from './carried.ts';
import { asOperation, asOperationInRequest, asRequest, hasAll, textOf, wrapOwner } from './operation.ts';
import { sideTable } from './side-table.ts';

interface Command {
  readonly next?: unknown;
  onResult?: unknown;
  readonly sql?: unknown;
}

/** By command: whose operation it is. */
const operations = sideTable<Context>();
/** Callbacks that wait in a pool's queue and are bound already. */
const boundCallbacks = sideTable<Context>();

/** `connection.query()` or `.execute()` is running: the commands that it adds are this operation. */
let querying: Context | undefined;
/** `pool.query()` or `.execute()` has begun: the `getConnection()` in it is the same call. */
let poolQuery: Context | undefined;

export const recognizeMysql2: Recognizer = (prototype) => {
  if (hasAll(prototype, 'execute', 'stateName')) wrapOwner(prototype, 'execute', executing);
  if (hasAll(prototype, 'addCommand', 'handlePacket', 'query')) hookConnection(prototype);
  if (hasAll(prototype, 'getConnection', 'releaseConnection', '_removeConnection'))
    return hookPool(prototype);
  return undefined;
};

function hookConnection(prototype: object): void {
  for (const name of ['query', 'execute']) wrapOwner(prototype, name, connectionQuerying);
  wrapOwner(prototype, 'addCommand', (original) => {
    return function addCommand(this: object, ...args: unknown[]): unknown {
      const command = args[0];
      if (typeof command === 'object' && command !== null) guarded(noteCommand, this, command);
      return original.apply(this, args);
    };
  });
}

/** For `query` and `execute` of a connection. */
export function connectionQuerying(original: Method): AnyMethod {
  return function (this: object, ...args: unknown[]): unknown {
    const outer = querying;
    const text = textOf(args[0], 'sql');
    querying = takeCarried(this, text) ?? newCall('mysql2', text);
    try {
      return original.apply(this, args);
    } finally {
      querying = outer;
    }
  };
}

function noteCommand(connection: object, command: Command): void {
  const context = contextOf(connection, command);
  operations.set(command, context);
  command.onResult = bindCallback(command.onResult, context);
}

/** Whose operation is the command that a connection is given? */
export function contextOf(connection: object, command: Command): Context {
  if (querying !== undefined) return querying;
  // The handshake is not something the application called for.
  if ('handshakeInit' in command || 'HandshakeInitializationPacket' in command) return currentContext();
  // The pool tries a connection out for a call.
  if (currentContext().call !== 0) return currentContext();
  const text = textOf(command, 'sql');
  return takeCarried(connection, text) ?? newCall('mysql2', text);
}

/** One packet for a command; the first time there is none and the command is written. */
function executing(original: Method): AnyMethod {
  return function execute(this: Command, ...args: unknown[]): unknown {
    const context = operations.get(this);
    if (typeof this.onResult === 'function') return asOperation(context, original, this, args);
    // Without a callback every packet may be an event for the application's listeners.
    return this.next
      ? asRequest(context, original, this, args)
      : asOperationInRequest(context, original, this, args);
  };
}

function hookPool(prototype: object): InstanceHook {
  for (const name of ['query', 'execute']) wrapOwner(prototype, name, poolQuerying);
  wrapOwner(prototype, 'getConnection', poolConnecting);
  wrapOwner(prototype, 'acquireConnection', poolTrying);
  return () => poolMade('mysql2');
}

function poolQuerying(original: Method): AnyMethod {
  return function (this: object, ...args: unknown[]): unknown {
    poolQuery = newCall('mysql2', textOf(args[0], 'sql'));
    try {
      return original.apply(this, args);
    } finally {
      poolQuery = undefined;
    }
  };
}

function poolConnecting(original: Method): AnyMethod {
  return function getConnection(this: object, ...args: unknown[]): unknown {
    const callback = args[0];
    if (typeof callback !== 'function') return original.apply(this, args);
    // A connection was lost: the pool asks again for one who waits.
    const waiting = boundCallbacks.get(callback);
    if (waiting !== undefined) return asOperationInRequest(waiting, original, this, args);
    const context = poolQuery ?? newCall('mysql2');
    poolQuery = undefined;
    args[0] = granting(callback, context);
    return asOperation(context, original, this, args);
  };
}

/** mysql tries a connection out with a ping before it hands it over to one who waits. */
function poolTrying(original: Method): AnyMethod {
  return function acquireConnection(this: object, ...args: unknown[]): unknown {
    const waiting = typeof args[1] === 'function' ? boundCallbacks.get(args[1]) : undefined;
    return asOperationInRequest(waiting, original, this, args);
  };
}

function granting(callback: object, context: Context): unknown {
  const bound = bindCallback(callback as (...args: unknown[]) => unknown, context);
  const granted = (...args: unknown[]): unknown => {
    const connection = args[1];
    if (typeof connection === 'object' && connection !== null) {
      grant(context);
      carry(connection, context);
    }
    return bound(...args);
  };
  boundCallbacks.set(granted, context);
  return granted;
}
