// Hints for node-redis 5 on: commands, transactions, client pool. In: new prototypes. Out: calls, grants and contexts.
// All commands of a turn of the event loop are written together. The client hides its queue, but encodes a command just before it
// writes it: the arguments tell us when they are read. Not here: node-redis 4 (node-redis-4.ts).

import type { Recognizer } from '../emitter-init.ts';
import {
  HIDDEN_CONTEXT,
  bindCallback,
  replaceCurrent,
  currentContext,
  type Context,
} from '../requests/context.ts';
import { grant, newCall } from '../calls/calls.ts';
import { active } from '../guard.ts';
import type { AnyMethod, Method } from '../hook.ts';
import { carry, takeCarried } from './carried.ts';
import { asOperation, hasAll, wrapOwner } from './operation.ts';
import { sideTable } from './side-table.ts';

/** What the arguments of a command say when their first one is read. */
interface Tag {
  readonly context: Context;
  name: unknown;
}

/** One command as the client's encoder made it. */
type Encoded = readonly unknown[];

const tags = sideTable<Tag>();
/** Whose command was encoded last. */
let encoded: Tag | undefined;

const TAGGED_NAME: PropertyDescriptor = {
  configurable: true,
  enumerable: true,
  get(this: object): unknown {
    encoded = tags.get(this);
    return encoded?.name;
  },
  set(this: object, name: unknown): void {
    const tag = tags.get(this);
    if (tag !== undefined) tag.name = name;
  },
};

const MULTI = '*1\r\n$5\r\nMULTI\r\n';
const EXEC = '*1\r\n$4\r\nEXEC\r\n';

export const recognizeNodeRedis: Recognizer = (prototype) => {
  if (hasAll(prototype, 'sendCommand', '_executeMulti')) hookClient(prototype);
  if (hasAll(prototype, 'execute', 'sendCommand', 'MULTI', 'idleClients'))
    wrapOwner(prototype, 'execute', poolExecuting);
  if (hasAll(prototype, 'write', 'isReady', 'destroySocket')) wrapOwner(prototype, 'write', writing);
  return undefined;
};

function hookClient(prototype: object): void {
  wrapOwner(prototype, 'sendCommand', (original) => {
    return function sendCommand(this: Client, ...args: unknown[]): unknown {
      if (active && Array.isArray(args[0])) args[0] = tagged(args[0], operationOf(this, args[0][0]));
      return original.apply(this, args);
    };
  });
  for (const name of ['_executeMulti', '_executePipeline']) wrapOwner(prototype, name, executingMulti);
}

interface Client {
  /** The client itself when this is a view of it with other options. */
  readonly _self?: object;
}

function operationOf(client: Client, name: unknown): Context {
  return takeCarried(client._self ?? client) ?? newCall('redis', typeof name === 'string' ? name : undefined);
}

/** A copy that says when it is encoded: 0.3 µs (Node 24.21, 2026-11). */
function tagged(args: unknown, context: Context): unknown {
  if (!Array.isArray(args) || args.length === 0) return args;
  const copy: unknown[] = args.slice();
  tags.set(copy, { context, name: args[0] });
  return Object.defineProperty(copy, 0, TAGGED_NAME);
}

function executingMulti(original: Method): AnyMethod {
  return function (this: Client, ...args: unknown[]): unknown {
    const commands = args[0];
    if (active && Array.isArray(commands)) {
      const context = operationOf(this, 'MULTI');
      args[0] = commands.map((command: { readonly args?: unknown }) => ({
        ...command,
        args: tagged(command.args, context),
      }));
    }
    return original.apply(this, args);
  };
}

function poolExecuting(original: Method): AnyMethod {
  return function execute(this: object, ...args: unknown[]): unknown {
    const task = args[0];
    if (!active || typeof task !== 'function') return original.apply(this, args);
    const context = newCall('redis');
    const bound = bindCallback(task as (client: unknown) => unknown, context);
    args[0] = (client: Client): unknown => {
      grant(context);
      carry(client._self ?? client, context);
      return bound(client);
    };
    return asOperation(context, original, this, args);
  };
}

function writing(original: Method): AnyMethod {
  return function write(this: { readonly isReady: boolean }, ...args: unknown[]): unknown {
    const commands = args[0];
    if (active && isIterable(commands))
      args[0] = inContexts(commands, this.isReady ? HIDDEN_CONTEXT : currentContext());
    return original.apply(this, args);
  };
}

function isIterable(commands: unknown): commands is Iterable<Encoded> {
  return typeof commands === 'object' && commands !== null && Symbol.iterator in commands;
}

/**
 * The same commands; while the socket writes one, its context is the current one. `unknown` is the context of those that nobody tagged:
 * of the handshake while the connection is not ready, of subscriptions later.
 */
function* inContexts(commands: Iterable<Encoded>, unknown: Context): Iterable<Encoded> {
  const outer = replaceCurrent(undefined);
  const iterator = commands[Symbol.iterator]();
  let context = unknown;
  try {
    for (let command = nextCommand(iterator); command !== undefined; command = nextCommand(iterator)) {
      const isEnd = nextTag === undefined && command[0] === EXEC;
      if (!isEnd) context = nextTag?.context ?? unknown;
      replaceCurrent(context);
      yield command;
    }
  } finally {
    replaceCurrent(outer);
    iterator.return?.();
  }
}

/** The tag of what `nextCommand` answered last. */
let nextTag: Tag | undefined;

/** `MULTI` has no tag: it is written together with what follows. */
function nextCommand(iterator: Iterator<Encoded>): Encoded | undefined {
  const command = encodeNext(iterator);
  if (nextTag !== undefined || command?.[0] !== MULTI) return command;
  const following = encodeNext(iterator);
  return following === undefined ? command : [...command, ...following];
}

function encodeNext(iterator: Iterator<Encoded>): Encoded | undefined {
  encoded = undefined;
  const step = iterator.next();
  const command = step.done === true ? undefined : step.value;
  nextTag = command && encoded && isTagOf(encoded, command) ? encoded : undefined;
  return command;
}

/** Not the tag of a command whose encoding failed. */
function isTagOf({ name }: Tag, command: Encoded): boolean {
  return typeof name !== 'string' || String(command[0]).includes(`${name}\r\n`);
}
