// One connection of a traced process: who opened it, when each step of its set-up happened, and where its bytes go.
// In: records. Out: ordered chunks of each direction for a decoder, and the set-up that the first operation paid for.
// Not here: what the bytes mean (protocol/), sockets.

import { NEVER, type Nanos } from '../base/time.ts';
import { OpenFlag, Phase } from '../record/layout.ts';
import type { WriteContexts } from '../record/write-contexts.ts';
import { addressText } from './address.ts';

/** Where ordered bytes go: protocol/driver.ts. `missing` bytes that were not captured follow `bytes`. */
export interface ChunkSink {
  chunk(
    from: 'client' | 'server',
    bytes: Uint8Array,
    missing: number,
    time: Nanos,
    contexts: WriteContexts | undefined,
  ): void;
  /** Nothing more will come: what is open ends. */
  close(time: Nanos): void;
}

const NOTHING = new Uint8Array(0);

export class Connection {
  /** The agent's number. */
  readonly number: number;
  /** Unique in a data folder. */
  readonly id: number;
  readonly isAccepted: boolean;
  readonly isUnix: boolean;
  /** Datagrams to one peer: nothing is set up. */
  readonly isUdp: boolean;
  /** The request and call in which it was opened; 0 none. */
  readonly openedBy: number;
  readonly openedByCall: number;
  readonly host: string;
  readonly port: number;
  openedAt: Nanos;
  resolvedAt: Nanos = NEVER;
  connectedAt: Nanos = NEVER;
  securedAt: Nanos = NEVER;
  localAddress = '';
  remoteAddress = '';
  /** Nobody has paid for its set-up yet. */
  isSetUpUnclaimed = true;
  /** Request of the operation that was begun last on it: who the loop works for when more of the answer arrives. */
  lastRequest = 0;
  /** Requests received on it so far. */
  requestCount = 0;
  /** False after a loss, or when it was open before: which operation is the n-th is not known any more. */
  isCounted = true;
  sink: ChunkSink | undefined = undefined;
  /** What its protocol calls the other side (a database), '' while it has not said. */
  peer = '';

  constructor(
    number: number,
    id: number,
    flags: number,
    openedBy: number,
    call: number,
    time: Nanos,
    asked: AskedFor,
  ) {
    this.number = number;
    this.id = id;
    this.isAccepted = (flags & OpenFlag.accepted) !== 0;
    this.isUnix = (flags & OpenFlag.unix) !== 0;
    this.isUdp = (flags & OpenFlag.udp) !== 0;
    const wasOpen = (flags & OpenFlag.alreadyOpen) !== 0;
    this.isSetUpUnclaimed = !this.isUdp && !wasOpen;
    this.isCounted = !wasOpen;
    this.openedBy = openedBy;
    this.openedByCall = call;
    this.host = asked.host;
    this.port = asked.port;
    this.openedAt = time;
  }

  /** It is a TLS layer on `carrier`: the set-up began there. */
  continues(carrier: Connection): void {
    this.openedAt = carrier.openedAt;
    this.resolvedAt = carrier.resolvedAt;
    this.connectedAt = carrier.connectedAt;
    this.localAddress = carrier.localAddress;
    this.remoteAddress = carrier.remoteAddress;
    carrier.isSetUpUnclaimed = false;
  }

  phase(phase: number, time: Nanos, addresses: Addresses): void {
    if (phase === Phase.resolved) this.resolvedAt = time;
    if (phase === Phase.secured) this.securedAt = time;
    if (phase !== Phase.connected) return;
    this.connectedAt = time;
    this.localAddress = addressText(addresses.localAddress, addresses.localPort);
    this.remoteAddress = addressText(addresses.remoteAddress, addresses.remotePort);
  }

  written(size: number, bytes: Uint8Array, time: Nanos, contexts: WriteContexts): void {
    this.sink?.chunk('client', bytes, size - bytes.length, time, contexts);
  }

  /** A read is captured as its first and last bytes: the hole lies between. */
  received(size: number, head: Uint8Array, tail: Uint8Array, time: Nanos): void {
    const missing = size - head.length - tail.length;
    if (tail.length === 0) this.sink?.chunk('server', head, missing, time, undefined);
    else {
      this.sink?.chunk('server', head.length > 0 ? head : NOTHING, missing, time, undefined);
      this.sink?.chunk('server', tail, 0, time, undefined);
    }
  }

  /** Both sides of a connection between two traced processes give the same text; '' when its operations cannot be told by their number. */
  tuple(): string {
    if (!this.isCounted || this.localAddress === '' || this.remoteAddress === '') return '';
    return this.isAccepted
      ? `${this.remoteAddress}>${this.localAddress}`
      : `${this.localAddress}>${this.remoteAddress}`;
  }
}

export interface AskedFor {
  readonly host: string;
  readonly port: number;
}

export interface Addresses {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** What the application asked to connect to, from the JSON of a connectionOpen record; a Unix path counts as host. */
export function askedFor(payload: unknown): AskedFor {
  return { host: textOf(payload, 'host') || textOf(payload, 'path'), port: numberOf(payload, 'port') };
}

export function addressesOf(payload: unknown): Addresses {
  return {
    localAddress: textOf(payload, 'localAddress'),
    localPort: numberOf(payload, 'localPort'),
    remoteAddress: textOf(payload, 'remoteAddress'),
    remotePort: numberOf(payload, 'remotePort'),
  };
}

const TEXT_LIMIT = 255; // the longest host name (RFC 1035)

export function textOf(payload: unknown, key: string): string {
  const value = memberOf(payload, key);
  return typeof value === 'string' ? value.slice(0, TEXT_LIMIT) : '';
}

export function numberOf(payload: unknown, key: string): number {
  const value = memberOf(payload, key);
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

function memberOf(payload: unknown, key: string): unknown {
  return typeof payload === 'object' && payload !== null
    ? (payload as Record<string, unknown>)[key]
    : undefined;
}
