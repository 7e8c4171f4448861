// WebSocket, behind an HTTP upgrade. In: frames of both sides (messages.ts). Out: one operation for each message that the client sends;
// it has no answer and ends when it is written. What the server sends is asked for by nobody, and is no operation.
// Not here: bytes, time, payloads.

import { ByteReader } from '../../base/bytes.ts';
import type { Operation } from '../../model/operation.ts';
import type { Conversation, Exchange, Protocol, Side } from '../contract.ts';
import { OpCode, readFrame, WebSocketMessage } from './messages.ts';

const STATEMENT = 'send';
/** A frame header is two bytes that many bytes could be: so many in a row are not chance. */
const CHAIN = 3;

const window = new ByteReader();
const other = new WebSocketMessage();

class WebSocketConversation implements Conversation<WebSocketMessage> {
  readonly message = new WebSocketMessage();
  /** The message of which more frames are to come. */
  #sending: Operation | undefined = undefined;

  next(reader: ByteReader, from: Side): number {
    return readFrame(reader, this.message, from);
  }

  accept(from: Side, exchange: Exchange): void {
    if (from === 'server') return;
    const { opCode, isLast } = this.message;
    if (opCode === OpCode.text || opCode === OpCode.binary) this.#begin(exchange);
    else if (opCode !== OpCode.continuation) return;
    if (this.#sending === undefined) return;
    exchange.extend(this.#sending);
    if (!isLast) return;
    exchange.end(this.#sending, 'ok');
    this.#sending = undefined;
  }

  /** Frames that lead to the end of what is there, or enough of them. */
  resync(reader: ByteReader, from: Side): number {
    for (let at = reader.at; at < reader.end; at++) if (isChain(reader, at, from)) return at - reader.at;
    return -1;
  }

  lost(from: Side): void {
    if (from === 'client') this.#sending = undefined;
  }

  #begin(exchange: Exchange): void {
    this.#sending = exchange.begin();
    this.#sending.statement = STATEMENT;
  }
}

function isChain(reader: ByteReader, start: number, from: Side): boolean {
  let at = start;
  for (let count = 0; at < reader.end && count < CHAIN; count++) {
    const length = readFrame(window.reset(reader.bytes, at, reader.end), other, from);
    if (length <= 0) return false;
    at += length;
    if (count + 1 < CHAIN && at > reader.end) return false;
  }
  return true;
}

export const websocket: Protocol<WebSocketMessage> = {
  name: 'websocket',
  isMultiplexed: true,
  // HTTP hands over to it; by itself it has no beginning that could be recognized.
  looksLike: () => 0,
  open: () => new WebSocketConversation(),
};
