// Times, sizes and marks of HTTP operations; which operations come out is in test/contracts/http.test.ts.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { decode, holed, timeOf, whole } from '../../../test/contracts/decoder.ts';
import type { Chunk, Turn } from '../../../test/contracts/decoder.ts';
import { client, server } from '../../../test/contracts/decoder.ts';
import { answer, ascii, chunk, filler, request, response } from '../../../test/contracts/http-bytes.ts';
import { ensure } from '../../base/assert.ts';
import type { Operation } from '../../model/operation.ts';

const CHUNKED = 'Transfer-Encoding: chunked';

/** The only or the first operation of turns, of which the server's come with the middle missing. */
function first(...turns: readonly Turn[]): Operation {
  return firstOf(whole(turns).flatMap((piece) => (piece.from === 'server' ? holed(piece) : [piece])));
}

function firstOf(chunks: readonly Chunk[]): Operation {
  return ensure(decode(chunks, 'http').operations[0], 'operation');
}

it('an interim response is not the first byte', () => {
  const operation = first(
    client(request('POST /upload', 'Expect: 100-continue', 'Content-Length: 3')),
    server(response('100 Continue')),
    client(ascii('abc')),
    server(answer('200 OK', 'done')),
  );
  assert.equal(operation.written, timeOf(2));
  assert.equal(operation.firstByte, timeOf(3));
});

it('what is sent after the answer began does not move `written` behind the first byte', () => {
  const operation = first(
    client(request('POST /echo', CHUNKED), chunk('one')),
    server(response('200 OK', CHUNKED), chunk('one')),
    client(chunk('two'), chunk()),
    server(chunk('two'), chunk()),
  );
  assert.equal(operation.written, timeOf(0));
  assert.equal(operation.firstByte, timeOf(1));
  assert.equal(operation.end, timeOf(3));
});

it('a body that lasts until the close ends with its last byte', () => {
  const operation = first(
    client(request('GET /old')),
    server(response('200 OK')),
    server(ascii(filler(3000))),
  );
  assert.equal(operation.outcome, 'ok');
  assert.equal(operation.end, timeOf(2));
  assert.equal(operation.bytesIn, 3000 + 'HTTP/1.1 200 OK\r\n\r\n'.length);
  assert.equal(operation.hasHole, false);
});

it('of a body that was cut off only what came is counted', () => {
  const operation = first(
    client(request('GET /movie')),
    server(response('200 OK', 'Content-Length: 1000000000')),
    server(ascii(filler(4000))),
  );
  assert.equal(operation.outcome, 'unfinished');
  assert.equal(operation.bytesIn, 4000 + 'HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n'.length);
});

it('a length leads over holes: nothing is lost', () => {
  const operation = first(
    client(request('GET /long')),
    server(response('200 OK', 'Content-Length: 9000'), ascii(filler(3000))),
    server(ascii(filler(6000))),
    client(request('GET /after')),
  );
  assert.equal(operation.outcome, 'ok');
  assert.equal(operation.end, timeOf(2));
  assert.equal(operation.hasHole, false);
});

it('chunks behind holes end with the last chunk', () => {
  const operation = first(
    client(request('GET /stream')),
    server(response('200 OK', CHUNKED), chunk(filler(700)), chunk(filler(900)), ascii('3e8\r\n')),
    server(ascii(`${filler(1000)}\r\n`), chunk(filler(2000)), chunk()),
    client(request('GET /after')),
  );
  assert.equal(operation.outcome, 'ok');
  assert.equal(operation.end, timeOf(2));
  assert.equal(operation.hasHole, true);
});

it('a hidden last chunk: the answer ended with the last byte before the next request', () => {
  const operation = first(
    client(request('GET /stream')),
    server(response('200 OK', CHUNKED), chunk(filler(700)), chunk(filler(900)), ascii('3e8\r\n')),
    server(ascii(`${filler(1000)}\r\n`), chunk('', `Checksum: ${'0'.repeat(600)}`)),
    client(request('GET /after')),
    server(answer('200 OK', 'x')),
  );
  assert.equal(operation.outcome, 'ok');
  assert.equal(operation.end, timeOf(2));
  assert.equal(operation.hasHole, true);
});

it('a head longer than what is captured: the answer ends when so many bytes came as it said', () => {
  const operation = first(
    client(request('GET /cookies')),
    server(
      response('404 Not Found', 'Content-Length: 5000', `Set-Cookie: ${filler(900)}`),
      ascii(filler(2000)),
    ),
    server(ascii(filler(3000))),
  );
  assert.equal(operation.errorType, '404');
  assert.equal(operation.end, timeOf(2));
  assert.equal(operation.hasHole, true);
});

it('trace headers that went with a request, in any case; what is too long is none', () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const told = (...headers: readonly string[]): readonly string[] => {
    const operation = first(client(request('GET /', ...headers)), server(answer('200 OK', 'x')));
    return [operation.traceparent, operation.b3];
  };
  assert.deepEqual(told(`traceparent: ${traceparent}`), [traceparent, '']);
  assert.deepEqual(told(`TraceParent:${traceparent} `, 'B3: 1-2-1'), [traceparent, '1-2-1']);
  assert.deepEqual(told('tracestate: a=b', 'b4: 1'), ['', '']);
  assert.deepEqual(told(`traceparent: ${'x'.repeat(101)}`), ['', '']);
});

it('the next request on the connection has its own trace, or none', () => {
  const turns = [
    client(request('GET /', 'traceparent: one'), request('GET /')),
    server(answer('200 OK', 'x'), answer('200 OK', 'x')),
  ];
  const { operations } = decode(whole(turns), 'http');
  assert.deepEqual(
    operations.map(({ traceparent }) => traceparent),
    ['one', ''],
  );
});

it('who says that the connection ends', () => {
  const closes = (asked: readonly string[], answered: readonly string[], version = '1.1'): boolean =>
    first(
      client(request('GET /list', ...asked)),
      server(
        ascii(
          `HTTP/${version} 200 OK\r\nContent-Length: 4\r\n${answered.map((each) => `${each}\r\n`).join('')}\r\ntext`,
        ),
      ),
    ).peerCloses;
  assert.equal(closes([], ['Connection: close']), true);
  assert.equal(closes(['connection: keep-alive'], ['connection: Close']), true);
  assert.equal(closes(['Connection: close'], ['Connection: close']), false, 'the client had asked for it');
  assert.equal(closes([], ['Connection: keep-alive, Upgrade']), false);
  assert.equal(closes([], []), false);
  assert.equal(closes([], [], '1.0'), true);
  assert.equal(closes([], ['Connection: keep-alive'], '1.0'), false);
});

it('text that came uncompressed, and whether compressed text would have been taken', () => {
  const facts = (asked: readonly string[], answered: readonly string[]): readonly boolean[] => {
    const { isPlainText, takesCompressed } = first(
      client(request('GET /list', ...asked)),
      server(response('200 OK', 'Content-Length: 4', ...answered), ascii('text')),
    );
    return [isPlainText, takesCompressed];
  };
  const json = 'Content-Type: application/json; charset=utf-8';
  assert.deepEqual(facts(['Accept-Encoding: gzip, br'], [json]), [true, true]);
  assert.deepEqual(facts([], ['content-type: text/csv']), [true, false]);
  assert.deepEqual(facts(['accept-encoding: identity'], ['Content-Type: image/svg+xml']), [true, false]);
  assert.deepEqual(facts(['accept-encoding: gzip'], [json, 'Content-Encoding: gzip']), [false, true]);
  assert.deepEqual(facts([], [json, 'content-encoding: identity']), [true, false]);
  assert.deepEqual(facts([], ['Content-Type: image/png']), [false, false]);
  assert.deepEqual(facts([], ['Content-Type: text/event-stream']), [false, false]);
  assert.deepEqual(facts([], []), [false, false]);
});
