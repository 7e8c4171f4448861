// A service of somebody else, as the apps see it. In: any request; ?ms how long it takes, ?status, ?bytes, ?hang for no answer at all; ?line: requests
// with the same one are answered one after the other; ?text: so many bytes of JSON at ?rate MB/s, compressed when ?packs and the caller take it.
// Out: one line "peer listening PORT".

import http from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const pack = promisify(gzip);
/** Name → when the last request in it is answered. */
const lines = new Map();

function delayOf(searchParams) {
  const ms = Number(searchParams.get('ms') ?? 4);
  const line = searchParams.get('line');
  if (line === null) return ms;
  const now = performance.now();
  const at = Math.max(now, lines.get(line) ?? 0) + ms;
  lines.set(line, at);
  return at - now;
}

/** Rows of a list, as they are. */
function jsonOf(bytes) {
  let text = '[';
  for (let id = 1; text.length < bytes; id++)
    text += JSON.stringify({
      id,
      name: `product ${(id * 7919) % 5000}`,
      price: (id * 37) % 10_000,
      stock: id % 17,
    });
  return Buffer.from(text.slice(0, bytes));
}

/** As over a slow way. */
function pour(response, body, bytesPerMs) {
  const from = performance.now();
  let sent = 0;
  const more = () => {
    const until = Math.min(body.length, Math.ceil((performance.now() - from + 1) * bytesPerMs));
    if (until > sent) response.write(body.subarray(sent, until));
    sent = Math.max(sent, until);
    if (sent === body.length) return response.end();
    setTimeout(more, 1);
  };
  more();
}

async function answerText(request, response, searchParams) {
  const body = jsonOf(Number(searchParams.get('text')));
  const isPacked = searchParams.has('packs') && /gzip/.test(request.headers['accept-encoding'] ?? '');
  response.setHeader('content-type', 'application/json');
  if (isPacked) response.setHeader('content-encoding', 'gzip');
  pour(response, isPacked ? await pack(body) : body, Number(searchParams.get('rate') ?? 1000) * 1000);
}

const server = http.createServer((request, response) => {
  const { searchParams } = new URL(request.url, 'http://peer');
  request.resume();
  request.once('end', () => {
    if (searchParams.has('hang')) return;
    const answer = () => {
      response.statusCode = Number(searchParams.get('status') ?? 200);
      if (searchParams.has('text')) return void answerText(request, response, searchParams);
      response.end('x'.repeat(Number(searchParams.get('bytes') ?? 20)));
    };
    setTimeout(answer, delayOf(searchParams));
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log(`peer listening ${server.address().port}`));
