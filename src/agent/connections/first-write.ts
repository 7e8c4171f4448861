// The first bytes that a driver writes on a connection say what it speaks. In: connections, their first write. Out: listeners told.
// Not here: protocols (hints/).

import type { ConnectionState } from './connection-state.ts';

export type FirstWriteListener = (state: ConnectionState, chunk: unknown) => void;

const listeners: FirstWriteListener[] = [];

/** `listener` hears of every client connection once, before its first bytes are given a context. Register at start-up. */
export function onFirstWrite(listener: FirstWriteListener): void {
  listeners.push(listener);
}

/** The connection writes for the first time, now. */
export function noteFirstWrite(state: ConnectionState, chunk: unknown): void {
  state.hasWritten = true;
  for (const listener of listeners) listener(state, chunk);
}
