// HTTP/1.0 and 1.1 exchanges as their client sees them. In: heads and pieces of bodies of both sides. Out: one operation for
// each request, `METHOD /path/template`. A connection is a queue: the n-th response answers the n-th request (pipelining).
// Bodies are counted, never kept: a piece is whatever is there. Not here: server-sent meaning of bodies, HTTP/2.
//
// Holes. A length says where a body ends, whatever a hole hides. Where a hole hides lengths (chunk headers, a long head),
// the body goes on "blind" until its last chunk is seen, or so many bytes came as Content-Length said, or the client
// speaks again, or the connection closes: the operation then ends with the last byte that came, marked `hasHole`.

import type { ByteReader } from '../../base/bytes.ts';
import { pathTemplate } from '../../base/path-template.ts';
import { NO_HASH } from '../../base/salted-hash.ts';
import type { Operation } from '../../model/operation.ts';
import { NEED_MORE } from '../contract.ts';
import type { Conversation, Exchange, Likelihood, Protocol, Side } from '../contract.ts';
import { StatementCache } from '../statement-cache.ts';
import { beginOfLastChunk, findLastChunk, readChunk } from './chunks.ts';
import {
  findRequest,
  findResponse,
  HttpMessage,
  Kind,
  knownMethodAt,
  readRequestHead,
  readRequestLine,
  readResponseHead,
  statusAt,
  text,
} from './messages.ts';

/** How the bytes that come next are framed. */
const Framing = { Head: 0, Length: 1, Chunk: 2, ChunkRest: 3, Blind: 4, UntilClose: 5 } as const;

/** Requests sent ahead of their answers: browsers and proxies stop at tens. Beyond it the connection is not decoded. */
const PIPELINE_LIMIT = 1000;
const UNKNOWN_LENGTH = -1;

const statements = new StatementCache((bytes, start, end) => statementOf(text(bytes, start, end)));

/** Of `METHOD target`. What a tunnel leads to is the name of its peer. */
function statementOf(line: string): string {
  const space = line.indexOf(' ');
  const method = line.slice(0, space);
  return method === 'CONNECT' ? method : `${method} ${pathTemplate(line.slice(space + 1))}`;
}

/** One side of the connection. */
class Direction {
  framing: number = Framing.Head;
  /** Bytes of the body or chunk still to come; blind: UNKNOWN_LENGTH or an estimate, which may fall below 0. */
  remaining = 0;

  become(framing: number, remaining = 0): void {
    this.framing = framing;
    this.remaining = remaining;
  }
}

/** A request whose response has not ended. */
class Pending {
  readonly operation: Operation;
  readonly method: string;
  status = 0;
  /** Its head says that the body is chunked, or a hole hides what it says. */
  mayBeChunked = false;
  /** The connection ends with this: the client says so. */
  asksToClose = false;

  constructor(operation: Operation, method: string) {
    this.operation = operation;
    this.method = method;
  }

  get isAnswering(): boolean {
    return this.status !== 0;
  }
}

class HttpConversation implements Conversation<HttpMessage> {
  readonly message = new HttpMessage();
  readonly #client = new Direction();
  readonly #server = new Direction();
  /** Oldest first. */
  #pending: Pending[] = [];
  /** The request whose body is being sent. */
  #sending: Pending | undefined = undefined;
  #host = '';

  next(reader: ByteReader, from: Side): number {
    const length = this.#measure(reader, from);
    this.message.length = length;
    this.message.captured = Math.min(length, reader.left);
    this.message.isCut = length > reader.left;
    return length;
  }

  #measure(reader: ByteReader, from: Side): number {
    if (from === 'client' && this.#sending?.isAnswering === true) return this.#abandonedOrBody(reader);
    return this.#framed(reader, from);
  }

  #framed(reader: ByteReader, from: Side): number {
    const side = from === 'client' ? this.#client : this.#server;
    switch (side.framing) {
      case Framing.Head:
        return this.#head(reader, from);
      case Framing.Chunk:
        return this.#chunk(reader, side);
      case Framing.Blind:
        return from === 'client' ? this.#blindRequest(reader) : this.#blindResponse(reader);
      case Framing.UntilClose:
        return this.#piece(reader, Infinity);
      default:
        return this.#piece(reader, side.remaining);
    }
  }

  #head(reader: ByteReader, from: Side): number {
    return from === 'client' ? readRequestHead(reader, this.message) : readResponseHead(reader, this.message);
  }

  /** A client that was refused (413, 417) before it sent the body it had promised may send the next request instead. */
  #abandonedOrBody(reader: ByteReader): number {
    const line = readRequestLine(reader.bytes, reader.at, reader.end, this.message);
    if (line > 0) return readRequestHead(reader, this.message);
    return line === NEED_MORE && reader.missing === 0 ? NEED_MORE : this.#framed(reader, 'client');
  }

  /** Up to `limit` bytes of a body, captured or not. */
  #piece(reader: ByteReader, limit: number): number {
    this.message.kind = Kind.Body;
    this.message.isLast = false;
    return Math.min(limit, reader.left + reader.missing);
  }

  #chunk(reader: ByteReader, side: Direction): number {
    const length = readChunk(reader, this.message);
    if (length === NEED_MORE && reader.missing > 0) {
      side.become(Framing.Blind, UNKNOWN_LENGTH);
      return this.#piece(reader, Infinity);
    }
    if (length <= 0) return length;
    this.message.kind = Kind.Body;
    const there = Math.min(length, reader.left + reader.missing);
    side.remaining = length - there;
    return there;
  }

  #blindRequest(reader: ByteReader): number {
    const head = findRequest(reader, this.message);
    if (head === 0) return readRequestHead(reader, this.message);
    if (head > 0) return this.#piece(reader, head);
    const isBegun = readRequestLine(reader.bytes, reader.at, reader.end, this.message) === NEED_MORE;
    if (isBegun && reader.missing === 0) return NEED_MORE;
    return this.#blindBody(reader, true);
  }

  #blindResponse(reader: ByteReader): number {
    const answering = this.#pending[0];
    if (this.#pending.length !== 1 || answering?.isAnswering === false) {
      const head = findResponse(reader, reader.missing === 0);
      if (head === 0) return readResponseHead(reader, this.message);
      if (head > 0) return this.#piece(reader, head);
    }
    return this.#blindBody(reader, answering?.mayBeChunked ?? false);
  }

  #blindBody(reader: ByteReader, mayBeChunked: boolean): number {
    const length = mayBeChunked ? findLastChunk(reader, this.message) : -1;
    const piece = this.#piece(reader, length < 0 ? Infinity : length);
    this.message.isLast = length >= 0;
    if (length >= 0 || !mayBeChunked || reader.missing > 0) return piece;
    return piece - beginOfLastChunk(reader);
  }

  accept(from: Side, exchange: Exchange): void {
    switch (this.message.kind) {
      case Kind.Request:
        return this.#request(exchange);
      case Kind.Response:
        return this.#response(exchange);
      default:
        return from === 'client' ? this.#requestBody(exchange) : this.#responseBody(exchange);
    }
  }

  #request(exchange: Exchange): void {
    this.#endUnframed(exchange);
    if (this.#pending.length >= PIPELINE_LIMIT) return exchange.handOver('unknown');
    const { message } = this;
    const operation = exchange.begin();
    operation.statement = statements.of(message.bytes, message.lineStart, message.pathEnd);
    operation.argumentHash = hashOf(message);
    operation.traceparent = message.traceparent;
    operation.b3 = message.b3;
    operation.takesCompressed = message.takesCompressed;
    const pending = new Pending(operation, message.method);
    pending.asksToClose = message.closes;
    this.#pending.push(pending);
    this.#frameRequest(pending);
    this.#name(exchange);
  }

  #frameRequest(pending: Pending): void {
    const { message } = this;
    this.#sending = undefined;
    if (message.isCut) this.#client.become(Framing.Blind, UNKNOWN_LENGTH);
    else if (message.isChunked) this.#client.become(Framing.Chunk);
    else if (message.contentLength > 0) this.#client.become(Framing.Length, message.contentLength);
    else return this.#client.become(Framing.Head);
    this.#sending = pending;
  }

  #name(exchange: Exchange): void {
    if (this.message.host === this.#host) return;
    this.#host = this.message.host;
    exchange.peer(this.#host);
  }

  #requestBody(exchange: Exchange): void {
    const sending = this.#sending;
    // What is sent after the answer began does not delay it.
    if (sending !== undefined && !sending.isAnswering) exchange.extend(sending.operation);
    if (!this.#advance(this.#client)) return;
    this.#client.become(Framing.Head);
    this.#sending = undefined;
  }

  #response(exchange: Exchange): void {
    const { message } = this;
    this.#endAnswered(exchange);
    const pending = this.#pending[0];
    const isSwitching = message.status === 101;
    if (message.status < 200 && !isSwitching) return;
    if (pending === undefined) {
      this.#frameResponse(undefined);
      return;
    }
    pending.status = message.status;
    if (message.isCut) pending.operation.hasHole = true;
    else pending.operation.isPlainText = message.isText && !message.isCompressed;
    pending.operation.peerCloses = message.closes && !pending.asksToClose;
    if (isSwitching || (pending.method === 'CONNECT' && message.status < 300)) {
      this.#end(pending, exchange);
      return exchange.handOver(isSwitching && message.isWebSocket ? 'websocket' : 'unknown');
    }
    exchange.extend(pending.operation);
    if (this.#frameResponse(pending)) this.#end(pending, exchange);
  }

  /** Body length as of RFC 9112 §6.3. True when there is no body. */
  #frameResponse(pending: Pending | undefined): boolean {
    const { message } = this;
    const side = this.#server;
    const isBodiless = pending?.method === 'HEAD' || message.status === 204 || message.status === 304;
    if (pending !== undefined) pending.mayBeChunked = message.isChunked || message.isCut;
    if (message.isCut) {
      // The head has at least the bytes that were captured: the body ends this many bytes from here, or a little later.
      const estimate = message.contentLength + message.captured - message.length;
      side.become(Framing.Blind, message.contentLength < 0 ? UNKNOWN_LENGTH : Math.max(0, estimate));
    } else if (isBodiless || message.contentLength === 0) side.become(Framing.Head);
    else if (message.isChunked) side.become(Framing.Chunk);
    else if (message.contentLength > 0) side.become(Framing.Length, message.contentLength);
    else side.become(Framing.UntilClose);
    return isBodiless || side.framing === Framing.Head;
  }

  #responseBody(exchange: Exchange): void {
    const pending = this.#pending[0];
    const isBlind = this.#server.framing === Framing.Blind;
    if (pending !== undefined && pending.isAnswering) {
      if (isBlind) pending.operation.hasHole = true;
      exchange.extend(pending.operation);
    }
    if (!this.#advance(this.#server)) return;
    // After an estimated end the rest of the body may follow.
    this.#server.become(isBlind ? Framing.Blind : Framing.Head, UNKNOWN_LENGTH);
    if (pending !== undefined && pending.isAnswering) this.#end(pending, exchange);
  }

  /** Counts the current piece of a body. True when the body ends with it. */
  #advance(side: Direction): boolean {
    const { message } = this;
    switch (side.framing) {
      case Framing.Length:
        side.remaining -= message.length;
        return side.remaining === 0;
      case Framing.Chunk:
        if (side.remaining > 0) side.framing = Framing.ChunkRest;
        return message.isLast;
      case Framing.ChunkRest:
        side.remaining -= message.length;
        if (side.remaining === 0) side.framing = Framing.Chunk;
        return false;
      case Framing.Blind:
        return message.isLast || this.#reachesEstimate(side);
      default:
        return false;
    }
  }

  #reachesEstimate(side: Direction): boolean {
    if (side.remaining === UNKNOWN_LENGTH) return false;
    side.remaining = Math.max(0, side.remaining - this.message.length);
    // What follows a hole in the same read belongs to it.
    return side.remaining === 0 && !this.message.isCut;
  }

  #end(pending: Pending, exchange: Exchange): void {
    this.#pending.shift();
    const isError = pending.status >= 400;
    exchange.end(pending.operation, isError ? 'error' : 'ok', isError ? String(pending.status) : '');
  }

  /** The client speaks again, or the connection closes: a body without a known end has ended. */
  #endUnframed(exchange: Exchange): void {
    const { framing } = this.#server;
    if (framing !== Framing.Blind && framing !== Framing.UntilClose) return;
    this.#endAnswered(exchange);
    this.#server.become(framing === Framing.Blind ? Framing.Blind : Framing.Head, UNKNOWN_LENGTH);
  }

  #endAnswered(exchange: Exchange): void {
    const pending = this.#pending[0];
    if (pending !== undefined && pending.isAnswering) this.#end(pending, exchange);
  }

  resync(reader: ByteReader, from: Side): number {
    if (from === 'client')
      return this.#client.framing === Framing.Blind ? 0 : findRequest(reader, this.message);
    if (this.#pending[0]?.isAnswering === true) return 0;
    return findResponse(reader, false);
  }

  lost(from: Side): void {
    this.#pending = this.#pending.filter((pending) => pending.operation.end < 0);
    if (this.#sending !== undefined && this.#sending.operation.end >= 0) this.#sending = undefined;
    if (from === 'server') return this.#server.become(Framing.Blind, UNKNOWN_LENGTH);
    if (this.#sending === undefined) this.#client.become(Framing.Head);
    else this.#client.become(Framing.Blind, UNKNOWN_LENGTH);
  }

  closed(exchange: Exchange): void {
    this.#endUnframed(exchange);
  }
}

/** A whole request line or status line of HTTP/1 is like nothing else; a known method and a path is nearly so. */
function looksLike(reader: ByteReader, from: Side): Likelihood {
  const { bytes, at, end } = reader;
  if (from === 'server') return statusAt(bytes, at, end) > 0 ? 3 : 0;
  const line = readRequestLine(bytes, at, end, new HttpMessage());
  if (line > 0) return 3;
  const method = line === NEED_MORE ? knownMethodAt(bytes, at, end) : undefined;
  return method !== undefined && bytes[at + method.length + 1] === 0x2f /* slash */ ? 2 : 0;
}

export const http: Protocol<HttpMessage> = {
  name: 'http',
  looksLike,
  open: () => new HttpConversation(),
};

/** A body is not looked at: what is asked with one is not known. */
function hashOf({ argumentHash, contentLength, isChunked, isCut }: HttpMessage): number {
  return contentLength > 0 || isChunked || isCut ? NO_HASH : argumentHash;
}
