// Hints for mariadb (3.0 on): its pool, the connection's own queue, pipelining, prepared statements, batches. In: new prototypes.
// Out: calls, grants and contexts. A command is written when the connection gets to it. Of version 2, whose pool is made of closures,
// nothing can be told: its operations are hidden.

import type { Recognizer } from '../emitter-init.ts';
import { HIDDEN_CONTEXT, currentContext, type Context } from '../requests/context.ts';
import { newCall } from '../calls/calls.ts';
import { noteNotVisible } from '../sending/coverage.ts';
import { active, guarded } from '../guard.ts';
import { wrap, type AnyMethod, type Method } from '../hook.ts';
import { takeCarried } from './carried.ts';
import { asOperation, asOperationInRequest, asRequest, hasAll, textOf, wrapOwner } from './operation.ts';
import { noteGranted, noteWhenGranted } from './promised-connection.ts';
import { Stamped } from '../stamp.ts';

/** By command: whose operation it is. Not a side table: every command comes here (see side-table.ts). */
class OperationOf extends Stamped {
  #context: Context | undefined;

  static get(command: object): Context | undefined {
    return #context in command ? command.#context : undefined;
  }

  static set(command: object, context: Context): void {
    const note = #context in command ? command : new OperationOf(command);
    note.#context = context;
  }
}

/** Connections, commands and the pool itself (not what it is dressed in for promises and callbacks). */
export const recognizeMariadb: Recognizer = (prototype) => {
  if (hasAll(prototype, 'addCommandEnable', 'addCommandEnablePipeline', 'nextSendCmd'))
    hookConnection(prototype);
  if (hasAll(prototype, '_hasIdleConnection', 'getConnection', 'taskQueueSize'))
    wrapOwner(prototype, 'getConnection', poolConnecting);
  if (hasAll(prototype, 'successEnd', 'throwUnexpectedError', 'displaySql', 'start')) hookCommand(prototype);
  return undefined;
};

function hookConnection(prototype: object): void {
  // One of these is the connection's `addCommand`, which one depends on its state.
  for (const name of ['addCommandQueue', 'addCommandEnable', 'addCommandEnablePipeline'])
    wrapOwner(prototype, name, adding);
}

function adding(original: Method): AnyMethod {
  return function (this: object, ...args: unknown[]): unknown {
    const command = args[0];
    if (active && typeof command === 'object' && command !== null) guarded(noteCommand, this, command);
    return original.apply(this, args);
  };
}

/** Commands that waited for the login are added twice. */
function noteCommand(connection: object, command: object): void {
  if (OperationOf.get(command) === undefined) OperationOf.set(command, contextOf(connection, command));
}

function contextOf(connection: object, command: object): Context {
  const text = textOf(command, 'sql');
  const carried = takeCarried(connection, text);
  if (carried !== undefined) return carried;
  // The pool works for a call: it tries a connection out.
  const current = currentContext();
  return current.call === 0 ? newCall('mariadb', text) : current;
}

function hookCommand(prototype: object): void {
  // `start` is another one in each kind of command, the ends are the same.
  wrap(prototype, 'start', writing);
  for (const name of ['successEnd', 'throwError', 'throwUnexpectedError'])
    wrapOwner(prototype, name, answering);
}

function writing(original: Method): AnyMethod {
  return function start(this: object, ...args: unknown[]): unknown {
    return asOperation(OperationOf.get(this) ?? hidden(), original, this, args);
  };
}

/** In version 2 commands do not come by a method of their connection. */
function hidden(): Context {
  noteNotVisible('mariadb 2');
  return HIDDEN_CONTEXT;
}

/** The callback of the application runs a little later, in the request of who sets it off. */
function answering(original: Method): AnyMethod {
  return function (this: object, ...args: unknown[]): unknown {
    return asRequest(OperationOf.get(this), original, this, args);
  };
}

/** Up to 3.0 it promises a connection, later it calls back. */
function poolConnecting(original: Method): AnyMethod {
  return function getConnection(this: unknown, ...args: unknown[]): unknown {
    if (!active) return original.apply(this, args);
    const context = newCall('mariadb', textOf(args[0], 'sql'));
    const index = args.findIndex((argument) => typeof argument === 'function');
    if (index >= 0) args[index] = granting(args[index] as Method, context);
    const result = asOperation(context, original, this, args);
    // Before the pool's caller goes on, which is the driver.
    noteWhenGranted(result, context);
    return result;
  };
}

function granting(callback: Method, context: Context): AnyMethod {
  return function (this: unknown, ...args: unknown[]): unknown {
    guarded(noteGranted, args[1], context);
    return asOperationInRequest(context, callback, this, args);
  };
}
