// Connections as a collector is told of them. In: what was asked for, who caused it, addresses. Out: `connectionOpen` records and the phase
// `connected`, and both again for a collector that came later (`epoch` in recorder.ts). Not here: sockets; what they read and write.

import { OpenFlag, Phase } from '../../record/layout.ts';
import { idleNs, now } from '../clock.ts';
import type { ConnectionState } from './connection-state.ts';
import { epoch, recorder } from '../recorder.ts';
import type { Addresses } from './socket-facts.ts';

interface Cause {
  readonly request: number;
  readonly call: number;
}

/** `asked`: host, port or path as the application gave them. Was there no room for the record, it is told later as one that is open already. */
export function tellOpen(
  state: ConnectionState,
  flags: number,
  over: number,
  asked: object,
  by: Cause,
): void {
  state.flags = flags;
  state.asked = asked;
  const isTold = recorder?.connectionOpen(
    state.openedAt,
    idleNs(),
    flags,
    state.id,
    over,
    by.request,
    by.call,
    asked,
  );
  state.epoch = isTold === true ? epoch : -1;
}

export function tellConnected(state: ConnectionState, time: number, addresses: Addresses): void {
  state.addresses = addresses;
  recorder?.connectionPhase(time, idleNs(), state.id, Phase.connected, addresses);
}

/** A client that writes on and on without an answer does not wait for one: it publishes. */
const PATIENCE_NS = 5e9;

/**
 * A write of a client, in an epoch in which it was not told: told now if it begins something. While an answer is due it may not, and that
 * answer would be taken for the answer to this write.
 */
export function tellBeforeWrite(state: ConnectionState): void {
  const time = now();
  if (state.dueEpoch !== epoch) {
    state.dueEpoch = epoch;
    state.dueSince = time;
  }
  if (!state.isAnswerDue || time - state.dueSince > PATIENCE_NS) tellAgain(state);
}

/** This collector has not heard of it. What lies below TLS is left out: set-up and bytes of that are not wanted any more. */
export function tellAgain(state: ConnectionState): void {
  const time = now();
  const flags = state.flags | OpenFlag.alreadyOpen;
  const isTold = recorder?.connectionOpen(time, idleNs(), flags, state.id, 0, 0, 0, state.asked);
  if (isTold !== true) return;
  state.epoch = epoch;
  if (state.addresses !== undefined) tellConnected(state, time, state.addresses);
}
