// The payment provider that the shop uses: an HTTPS server that takes its time and sometimes refuses.
// In: PAYMENTS_KEY and PAYMENTS_CERTIFICATE, two files. Out: one line "payments listening on PORT".

import { readFileSync } from 'node:fs';
import https from 'node:https';
import { text } from 'node:stream/consumers';

/** The picture of the shop has 19 failures in 1390 payments. */
const FAILS_EVERY = 73;

let charges = 0;

/** 120 to 200 ms, the same sequence each time. */
function workMs(number) {
  return 120 + ((number * 7919) % 81);
}

async function answer(request, response) {
  await text(request);
  const number = ++charges;
  const isRefused = number % FAILS_EVERY === 0;
  setTimeout(() => {
    response.writeHead(isRefused ? 503 : 201, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isRefused ? { error: 'try later' } : { id: `ch_${number}` }));
  }, workMs(number));
}

const server = https.createServer(
  {
    key: readFileSync(process.env.PAYMENTS_KEY),
    cert: readFileSync(process.env.PAYMENTS_CERTIFICATE),
    // Every connection is a full handshake, as it is behind most load balancers.
    sessionTimeout: 1,
  },
  answer,
);
// A provider keeps connections for minutes.
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => console.log(`payments listening on ${server.address().port}`));
