// Postgres connections of drivers without hints. In: first writes. Out: their operations hidden, and a search for the driver begun.
// Such drivers queue: without a hint most of their operations would be given to the wrong request.

import { HIDDEN_CONTEXT, currentContext, type Context, type WriteContext } from '../requests/context.ts';
import type { ConnectionState, WriteSource } from '../connections/connection-state.ts';
import { onFirstWrite } from '../connections/first-write.ts';
import type { AnyMethod, Method } from '../hook.ts';
import { isPostgresStartup } from '../later/later.ts';
import { messagesLength, OperationFinder } from './postgres-messages.ts';

/** A driver with hints writes its first message. */
let isKnown = false;

/** For the methods with which a driver that has hints begins a connection. */
export function known(original: Method): AnyMethod {
  return function (this: object, ...args: unknown[]): unknown {
    const outer = isKnown;
    isKnown = true;
    try {
      return original.apply(this, args);
    } finally {
      isKnown = outer;
    }
  };
}

/** Finds out what the writes of one connection are, from one of them; is shown each until then. */
export type Claim = (chunk: Buffer) => WriteSource | undefined;

/** Sets in until a hint knows the connection better. The handshake belongs to whoever opened it. */
export class HiddenWrites implements WriteSource {
  readonly #state: ConnectionState;
  readonly #claim: Claim;
  #context: Context | undefined;

  constructor(state: ConnectionState, claim: Claim) {
    this.#state = state;
    this.#claim = claim;
  }

  take(chunk: unknown): WriteContext {
    if (!Buffer.isBuffer(chunk)) return HIDDEN_CONTEXT;
    const better = this.#claim(chunk);
    if (better !== undefined) {
      this.#state.source = better;
      return better.take(chunk);
    }
    if (new OperationFinder().starts(chunk).length > 0) this.#context = HIDDEN_CONTEXT;
    return this.#context ?? currentContext();
  }
}

/**
 * postgres.js keeps what a connection had gathered when its socket was cut, and writes it on the next one, before the startup: the server is
 * not going to understand, but whose it was is known, or hidden.
 */
function isStartupBehind(chunk: unknown): boolean {
  return Buffer.isBuffer(chunk) && isPostgresStartup(chunk.subarray(messagesLength(chunk)));
}

/** `found` hears of every such connection, a claim of its own of what is written on it. */
export function onUnknownPostgres(found: () => void, claimer: () => Claim): void {
  onFirstWrite((state: ConnectionState, chunk: unknown) => {
    if (isKnown || !(isPostgresStartup(chunk) || isStartupBehind(chunk))) return;
    state.source = new HiddenWrites(state, claimer());
    found();
  });
}
