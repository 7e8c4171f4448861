import { client, decoderSuite, server } from './decoder.ts';
import { answer, ascii, chunk, filler, head, request, response } from './http-bytes.ts';

const CHUNKED = 'Transfer-Encoding: chunked';

decoderSuite('http', [
  {
    name: 'get with a body of known length',
    turns: [client(request('GET /users/42?token=secret')), server(answer('200 OK', 'hello'))],
    gives: [{ statement: 'GET /users/:id' }],
    peers: ['api.example'],
  },
  {
    name: 'keep-alive: one after the other, with an empty body between',
    turns: [
      client(request('GET /a')),
      server(answer('200 OK', 'first')),
      client(request('DELETE /a/7')),
      server(response('204 No Content')),
      client(request('GET /b')),
      server(response('200 OK', 'Content-Length: 0')),
      client(request('GET /c', 'If-None-Match: "x"')),
      server(response('304 Not Modified', 'Content-Length: 512')),
      client(request('GET /d')),
      server(answer('200 OK', 'last')),
    ],
    gives: ['GET /a', 'DELETE /a/:id', 'GET /b', 'GET /c', 'GET /d'].map((statement) => ({ statement })),
  },
  {
    name: 'post with a body',
    turns: [
      client(request('POST /orders', 'Content-Type: text/plain', 'Content-Length: 4'), ascii('body')),
      server(answer('201 Created', '{}')),
    ],
    gives: [{ statement: 'POST /orders' }],
  },
  {
    name: 'chunked both ways, with extension and trailers',
    turns: [
      client(
        request('PUT /files/report-2026', CHUNKED),
        ascii('5;name=value\r\nhello\r\n'),
        chunk('0\r\n\r\n'),
        chunk(),
      ),
      server(response('200 OK', 'transfer-encoding: gzip, Chunked'), chunk('abc'), chunk('', 'Checksum: 1')),
      client(request('GET /next')),
      server(answer('200 OK', '')),
    ],
    gives: [{ statement: 'PUT /files/:id' }, { statement: 'GET /next' }],
  },
  {
    name: 'errors by status',
    turns: [
      client(request('GET /missing')),
      server(answer('404 Not Found', 'no')),
      client(request('GET /broken')),
      server(response('500 Internal Server Error', CHUNKED), chunk('oops'), chunk()),
      client(request('GET /moved')),
      server(response('302 Found', 'Location: /x', 'Content-Length: 0')),
    ],
    gives: [
      { statement: 'GET /missing', outcome: 'error', errorType: '404' },
      { statement: 'GET /broken', outcome: 'error', errorType: '500' },
      { statement: 'GET /moved' },
    ],
  },
  {
    name: 'head has no body whatever its headers say',
    turns: [
      client(request('HEAD /big')),
      server(response('200 OK', 'Content-Length: 1000000')),
      client(request('HEAD /stream')),
      server(response('200 OK', CHUNKED)),
      client(request('GET /small')),
      server(answer('200 OK', 'x')),
    ],
    gives: [{ statement: 'HEAD /big' }, { statement: 'HEAD /stream' }, { statement: 'GET /small' }],
  },
  {
    name: 'interim responses: 100-continue and early hints',
    turns: [
      client(request('POST /upload', 'Expect: 100-continue', 'Content-Length: 3')),
      server(response('100 Continue')),
      client(ascii('abc')),
      server(response('103 Early Hints', 'Link: </a.css>; rel=preload'), answer('200 OK', 'done')),
    ],
    gives: [{ statement: 'POST /upload' }],
  },
  {
    name: 'refused before the promised body was sent',
    turns: [
      client(request('POST /upload', 'Expect: 100-continue', 'Content-Length: 300')),
      server(answer('417 Expectation Failed', '')),
      client(request('GET /after')),
      server(answer('200 OK', 'fine')),
    ],
    gives: [{ statement: 'POST /upload', outcome: 'error', errorType: '417' }, { statement: 'GET /after' }],
  },
  {
    name: 'answered before the body is complete',
    turns: [
      client(request('POST /upload', 'Content-Length: 10'), ascii('12345')),
      server(answer('413 Payload Too Large', 'stop')),
      client(ascii('67890'), request('GET /after')),
      server(answer('200 OK', 'fine')),
    ],
    gives: [{ statement: 'POST /upload', outcome: 'error', errorType: '413' }, { statement: 'GET /after' }],
  },
  {
    name: 'pipelining: answers in the order of the requests',
    turns: [
      client(request('GET /a'), request('HEAD /b'), request('POST /c', 'Content-Length: 2'), ascii('{}')),
      server(answer('200 OK', 'a'), response('200 OK', 'Content-Length: 9'), answer('503 Busy', '')),
    ],
    gives: [
      { statement: 'GET /a' },
      { statement: 'HEAD /b' },
      { statement: 'POST /c', outcome: 'error', errorType: '503' },
    ],
  },
  {
    name: 'a body that lasts until the close',
    turns: [client(head('GET /old HTTP/1.0')), server(head('HTTP/1.0 200 OK'), ascii(filler(2000)))],
    gives: [{ statement: 'GET /old' }],
  },
  {
    name: 'closed in the middle of a body',
    turns: [
      client(request('GET /half')),
      server(response('200 OK', 'Content-Length: 100'), ascii('only this')),
    ],
    gives: [{ statement: 'GET /half', outcome: 'unfinished' }],
  },
  {
    name: 'closed in the middle of a chunked body',
    turns: [
      client(request('GET /half')),
      server(response('200 OK', CHUNKED), chunk('abc'), ascii('5\r\nab')),
    ],
    gives: [{ statement: 'GET /half', outcome: 'unfinished' }],
  },
  {
    name: 'upgrade to WebSocket',
    turns: [
      client(request('GET /socket', 'Connection: Upgrade', 'Upgrade: websocket')),
      server(
        response('101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'),
        Uint8Array.of(0x81, 0),
      ),
    ],
    gives: [{ statement: 'GET /socket' }],
    handsOverTo: 'websocket',
  },
  {
    name: 'a tunnel through a proxy',
    turns: [
      client(head('CONNECT api.example:443 HTTP/1.1', 'Host: api.example:443')),
      server(head('HTTP/1.1 200 Connection Established')),
      client(Uint8Array.of(0x16, 3, 1, 0, 0)),
    ],
    gives: [{ statement: 'CONNECT' }],
    handsOverTo: 'unknown',
  },
  {
    name: 'a proxy refuses the tunnel',
    turns: [
      client(head('CONNECT api.example:443 HTTP/1.1')),
      server(answer('407 Proxy Authentication Required', 'who?')),
      client(head('GET http://api.example/plain/1 HTTP/1.1', 'Host: api.example')),
      server(answer('200 OK', 'ok')),
    ],
    gives: [{ statement: 'CONNECT', outcome: 'error', errorType: '407' }, { statement: 'GET /plain/:id' }],
  },
  {
    name: 'bare line feeds, folded headers and an empty line before a request',
    turns: [
      client(ascii('\r\nOPTIONS * HTTP/1.1\nHost: a\nX: 1\n 2\n\n')),
      server(ascii('HTTP/1.1 200\nContent-Length : 2\nContent-length:  2 \n\nok')),
    ],
    gives: [{ statement: 'OPTIONS *' }],
    isDetected: true,
  },
  {
    name: 'a long body behind a hole',
    turns: [
      client(request('GET /long')),
      server(response('200 OK', 'Content-Length: 5000'), ascii(filler(5000))),
      client(request('GET /after')),
      server(answer('200 OK', 'ok')),
    ],
    gives: [{ statement: 'GET /long' }, { statement: 'GET /after' }],
    asCaptured: [{ statement: 'GET /long' }, { statement: 'GET /after' }],
  },
  {
    name: 'chunk headers behind a hole',
    turns: [
      client(request('GET /stream')),
      server(
        response('200 OK', CHUNKED),
        chunk(filler(700)),
        chunk(filler(3000)),
        chunk(filler(40)),
        chunk(),
      ),
      client(request('GET /after')),
      server(answer('404 Not Found', 'ok')),
    ],
    gives: [{ statement: 'GET /stream' }, { statement: 'GET /after', outcome: 'error', errorType: '404' }],
    asCaptured: [
      { statement: 'GET /stream' },
      { statement: 'GET /after', outcome: 'error', errorType: '404' },
    ],
  },
  {
    name: 'a head that is longer than what is captured',
    turns: [
      client(request('GET /cookies')),
      server(response('500 Oops', `Set-Cookie: ${filler(900)}`, 'Content-Length: 800'), ascii(filler(800))),
      client(request('GET /after')),
      server(answer('200 OK', 'ok')),
    ],
    gives: [{ statement: 'GET /cookies', outcome: 'error', errorType: '500' }, { statement: 'GET /after' }],
    asCaptured: [
      { statement: 'GET /cookies', outcome: 'error', errorType: '500' },
      { statement: 'GET /after' },
    ],
  },
]);
