// One incoming request and its response. In: the objects of Node's HTTP server. Out: their `requestStart` and `requestEnd` records.
// Not here: which events begin and end it (patches/server.ts).

import { HIDDEN_REQUEST, RequestEndFlag } from '../../record/layout.ts';
import { checkBuiltins } from '../later/builtins.ts';
import { idleNs, now } from '../clock.ts';
import { Context } from './context.ts';
import { isSampling, noteBegun, noteEnded, noteSkipped } from '../cost/frugality.ts';
import { noteRequest } from '../cost/own-cost.ts';
import { recorder } from '../recorder.ts';
import { routeOf } from './route.ts';
import { bodyFor, type RequestBody } from '../routes/graphql.ts';
import { Stamped } from '../stamp.ts';
import { Trace } from './trace.ts';

let lastRequest = 0;

/** Numbers are counted for all kinds of requests of this thread. */
export function nextRequest(): number {
  // What it is going to use may have been loaded since the last one.
  checkBuiltins();
  return ++lastRequest;
}

/** What is known of a request when it comes in. */
export interface Incoming {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[];
}

/** What Node has put together when it begins to write a response (its own field since 0.x). */
interface Head {
  readonly _header?: string | null;
  /** Its length is not known: no event stream has one. */
  readonly chunkedEncoding?: boolean;
  readonly statusCode?: number;
}

const EVENT_STREAM = /^content-type: *text\/event-stream/im;

export class Exchange {
  readonly context: Context;
  /** What frameworks leave the route on. Let go of at the end. */
  #request: object | undefined;
  /** ns; -1 until the first byte of the response is written. */
  firstByteAt = -1;
  /** Set by frameworks that do not leave the template on the request. */
  route = '';
  isGrpc = false;
  /** The stretch of time in which it is recorded; -1: it is not. */
  readonly #stretch: number;
  readonly target: string;
  readonly body: RequestBody | undefined;

  /** `stream`: of HTTP/2, its number on the connection. */
  constructor(request: Incoming, connection: number, stream = 0) {
    noteRequest();
    this.#stretch = isSampling ? noteBegun() : -1;
    this.context = new Context(isSampling ? nextRequest() : HIDDEN_REQUEST, 0);
    this.#request = request;
    this.target = request.url ?? '';
    this.body = this.#stretch < 0 ? undefined : bodyFor(request.method, request.rawHeaders);
    this.#recordStart(request, connection, stream);
  }

  get isOver(): boolean {
    return this.#request === undefined;
  }

  /** The request API of HTTP/2 comes after the stream: the object that frameworks know. */
  becomes(request: object): void {
    if (this.#request !== undefined) this.#request = request;
  }

  /** `response`: of HTTP/1, which begins now. One that is a stream of events is complete with its head: how long it stays open says nothing. */
  noteFirstByte(response?: Head): void {
    if (this.firstByteAt >= 0) return;
    this.firstByteAt = now();
    if (response?.chunkedEncoding === true && EVENT_STREAM.test(response._header ?? ''))
      this.end(response.statusCode ?? 0, false);
  }

  /** The response is complete, or the client went away. Later calls do nothing. */
  end(status: number, isAborted: boolean): void {
    const request = this.#request;
    if (request === undefined) return;
    this.#request = undefined;
    forgetMessage();
    if (this.#stretch < 0) return;
    noteEnded(this.#stretch);
    recorder?.requestEnd(
      now(),
      idleNs(),
      isAborted ? RequestEndFlag.aborted : 0,
      this.context.request,
      status,
      this.firstByteAt,
      routeOf(request, this, status),
    );
  }

  #recordStart(request: Incoming, connection: number, stream: number): void {
    const found = headersOf(request);
    if (found.traceparent !== '' || found.b3 !== '')
      this.context.trace = new Trace(found.traceparent, found.b3);
    if (this.#stretch < 0) return noteSkipped();
    recorder?.requestStart(
      now(),
      idleNs(),
      this.context.request,
      connection,
      request.method ?? '',
      this.target,
      found.host,
      found.traceparent,
      found.b3,
      stream,
    );
  }
}

interface FoundHeaders {
  host: string;
  traceparent: string;
  b3: string;
}

const MULTI_B3 = ['x-b3-traceid', 'x-b3-spanid', 'x-b3-sampled', 'x-b3-parentspanid'];

/** Reads the raw list: `request.headers` is built on first use, and we do not want to be the first. */
function headersOf(request: Incoming): FoundHeaders {
  const found = { host: '', traceparent: '', b3: '' };
  const { rawHeaders } = request;
  let hasMultiB3 = false;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const value = rawHeaders[index + 1] ?? '';
    switch (rawHeaders[index]?.length) {
      case 2:
        if (isNamed(rawHeaders[index], 'b3')) found.b3 = value;
        break;
      case 4:
        if (isNamed(rawHeaders[index], 'host')) found.host = value;
        break;
      case 10:
        if (isNamed(rawHeaders[index], ':authority')) found.host = value;
        break;
      case 11:
        if (isNamed(rawHeaders[index], 'traceparent')) found.traceparent = value;
        break;
      case 12:
        hasMultiB3 ||= isNamed(rawHeaders[index], 'x-b3-traceid');
    }
  }
  if (hasMultiB3 && found.b3 === '') found.b3 = joinedB3(rawHeaders);
  return found;
}

function isNamed(header: string | undefined, name: string): boolean {
  return header === name || header?.toLowerCase() === name;
}

/** The multi headers as a single one: `{trace}-{span}-{sampled}-{parent}` (https://github.com/openzipkin/b3-propagation). */
function joinedB3(rawHeaders: readonly string[]): string {
  const parts = MULTI_B3.map((name) => {
    const index = rawHeaders.findIndex((header, at) => at % 2 === 0 && isNamed(header, name));
    return index < 0 ? '' : (rawHeaders[index + 1] ?? '');
  });
  return parts.join('-').replace(/-+$/, '');
}

class ExchangeStamp extends Stamped {
  #exchange: Exchange | undefined;

  static get(message: object): Exchange | undefined {
    return #exchange in message ? message.#exchange : undefined;
  }

  static set(message: object, exchange: Exchange): void {
    const note = #exchange in message ? message : new ExchangeStamp(message);
    note.#exchange = exchange;
  }
}

/** The request or response that was asked for last, as with sockets (connections/connection-state.ts). Let go of when its exchange ends. */
let lastMessage: object | undefined;
let lastExchange: Exchange | undefined;

/** The exchange of a request or response object of Node's HTTP server. */
export function exchangeOf(message: object): Exchange | undefined {
  if (message === lastMessage) return lastExchange;
  const exchange = ExchangeStamp.get(message);
  if (exchange === undefined || exchange.isOver) return exchange;
  lastMessage = message;
  return (lastExchange = exchange);
}

export function setExchange(message: object, exchange: Exchange): void {
  ExchangeStamp.set(message, exchange);
  forgetMessage();
}

function forgetMessage(): void {
  lastMessage = lastExchange = undefined;
}
