// Which protocol does a connection speak? In: its first chunks, both ways. Out: a protocol, and the chunks to decode again.
// Decides by content, never by port.

import type { Nanos } from '../base/time.ts';
import { ByteReader } from '../base/bytes.ts';
import type { Likelihood, Protocol, Side } from './contract.ts';
import type { WriteContexts } from './flow.ts';

/** A chunk kept until the protocol is known. */
export interface KeptChunk {
  readonly from: Side;
  readonly bytes: Uint8Array;
  readonly missing: number;
  readonly time: Nanos;
  readonly contexts: WriteContexts | undefined;
}

/** Every protocol we know shows itself in its first messages: greetings, start-up packets and first commands are below 1 KiB. */
const LIMIT_BYTES = 16 * 1024;
/** A chunk costs some hundred bytes even when it is empty. */
const LIMIT_CHUNKS = 1024;
const CERTAIN: Likelihood = 3;

function copyOf(contexts: WriteContexts): WriteContexts {
  const indices = Array.from({ length: contexts.count }, (_, index) => index);
  const offsets = indices.map((index) => contexts.offset(index));
  const requests = indices.map((index) => contexts.request(index));
  const calls = indices.map((index) => contexts.call(index));
  return {
    isOrdered: contexts.isOrdered,
    count: contexts.count,
    offset: (index) => offsets[index] ?? 0,
    request: (index) => requests[index] ?? 0,
    call: (index) => calls[index] ?? 0,
  };
}

export class Detection {
  readonly chunks: KeptChunk[] = [];
  readonly #protocols: readonly Protocol<unknown>[];
  readonly #reader = new ByteReader();
  #bytes = 0;

  constructor(protocols: readonly Protocol<unknown>[]) {
    this.#protocols = protocols;
  }

  /** No more will be looked at: decide with what is there. */
  get isFull(): boolean {
    return this.#bytes >= LIMIT_BYTES || this.chunks.length >= LIMIT_CHUNKS;
  }

  keep(
    from: Side,
    bytes: Uint8Array,
    missing: number,
    time: Nanos,
    contexts: WriteContexts | undefined,
  ): void {
    this.chunks.push({
      from,
      bytes: bytes.slice(),
      missing,
      time,
      contexts: contexts === undefined ? undefined : copyOf(contexts),
    });
    this.#bytes += bytes.length;
  }

  /** The protocol that is certain by one side, or likely by both; `isLast`: the likeliest one. */
  decide(isLast: boolean): Protocol<unknown> | undefined {
    const client = this.#firstBytes('client');
    const server = this.#firstBytes('server');
    let best: Protocol<unknown> | undefined;
    let bestScore = isLast ? 1 : CERTAIN - 1;
    for (const protocol of this.#protocols) {
      const score = this.#score(protocol, client, server);
      if (score <= bestScore) continue;
      best = protocol;
      bestScore = score;
    }
    return best;
  }

  #score(protocol: Protocol<unknown>, client: Uint8Array, server: Uint8Array): number {
    return (
      protocol.looksLike(this.#reader.reset(client), 'client') +
      protocol.looksLike(this.#reader.reset(server), 'server')
    );
  }

  /** Captured bytes of one side up to its first hole. */
  #firstBytes(from: Side): Uint8Array {
    const parts: Uint8Array[] = [];
    for (const chunk of this.chunks) {
      if (chunk.from !== from) continue;
      parts.push(chunk.bytes);
      if (chunk.missing > 0) break;
    }
    return joined(parts);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
