// What a protocol must answer; the driver (driver.ts) owns the loop, the times and the contexts.
// Adding a protocol: one folder with message.ts and exchange.ts, captures, one line in registry.ts. See CONTRIBUTING.md.

import type { ByteReader } from '../base/bytes.ts';
import type { Operation, Outcome, ProtocolName } from '../model/operation.ts';

/** Which end of the connection wrote the bytes. The traced process is the client of every connection that is decoded. */
export type Side = 'client' | 'server';

/** How sure detection is: 0 no · 1 possible · 2 likely · 3 certain. */
export type Likelihood = 0 | 1 | 2 | 3;

/**
 * `next` wants more bytes than are there. The driver waits for the next chunk; before a hole it asks once more with
 * `reader.isCut` set (read what is there, return the length from the header if you can), then resynchronizes.
 */
export const NEED_MORE = 0;
/** `next` saw bytes that the protocol does not allow. The driver counts it and resynchronizes. */
export const INVALID = -1;
/**
 * Only when `reader.isCut`: a message begins here whose length the hole hides. It is taken to reach to the end of the hole,
 * which for writes is where the application's chunk ended.
 */
export const TO_HOLE_END = -2;

/**
 * One protocol. M is the protocol's own message class: one mutable instance per parser, valid until the next `next`,
 * so that decoding allocates nothing per message.
 */
export interface Protocol<M> {
  readonly name: ProtocolName;
  /**
   * The server also says what nobody asked for, or answers in any order: a hole does not mean that what was open is
   * answered. Open operations stay open; those that are not answered soon were answered in the hole.
   */
  readonly isMultiplexed?: boolean;
  /** Looks at the first captured bytes of one side. Must not depend on the port. Fewer bytes than it needs: 0. */
  looksLike(firstBytes: ByteReader, from: Side): Likelihood;
  /** Fresh state for one connection. */
  open(): Conversation<M>;
}

/** The state of one connection: parsing and matching. Never throws, whatever the peer sent. */
export interface Conversation<M> {
  readonly message: M;
  /**
   * Reads one message of `from` at the reader's position into `message`.
   * Returns its whole length in bytes, which may be more than is captured (a length field lets the driver skip a hole),
   * or NEED_MORE, or INVALID. Need not move the reader.
   */
  next(reader: ByteReader, from: Side): number;
  /** Matches the message that `next` has just read: begins, extends and ends operations through `exchange`. */
  accept(from: Side, exchange: Exchange): void;
  /**
   * After a hole or invalid bytes: is this a plausible place for a message of `from` to begin? Offset of the
   * first such place relative to the reader's position, or -1. Strict enough that random bytes rarely pass.
   * `reader.left` (right behind the bytes) from the server: an answer whose end was hidden is over here.
   */
  resync(reader: ByteReader, from: Side): number;
  /**
   * Bytes of `from` were lost: forget half-read state. The driver has ended operations of which the answer is lost: they
   * have `end >= 0`, forget them. Of those still open the answer is yet to come: after a hole in a long answer that is
   * the last one, and the next message continues its answer.
   */
  lost(from: Side): void;
  /** The connection closed: end what a close ends well (a body that lasts until the close). All else becomes unfinished. */
  closed?(exchange: Exchange): void;
}

/**
 * How a conversation reports operations. The driver stamps times, sizes and contexts from the position of the current
 * message, so conversations never handle time. Operations end in the order the protocol says; many may be open.
 */
export interface Exchange {
  /** The current client message starts an operation. Fill in `statement`, `role`; times and context are set. */
  begin(): Operation;
  /** The current message also belongs to this operation: extends `written` or sets `firstByte`, adds its size. */
  extend(operation: Operation): void;
  /** The current message is the last of this operation (already extended by it or not): stamps `end` and delivers it. */
  end(operation: Operation, outcome: Outcome, errorType?: string): void;
  /** It never was an operation after all: forget it. */
  discard(operation: Operation): void;
  /** From here on the bytes are another protocol's (HTTP upgrade, STARTTLS) or opaque: decoding of this connection stops. */
  handOver(to: ProtocolName): void;
  /** A new name of the peer was learnt from the conversation (database name, Host header). */
  peer(name: string): void;
}
