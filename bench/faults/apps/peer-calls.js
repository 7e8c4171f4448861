// How the apps ask a peer over HTTP. What is asked stays at the caller's line.

import http from 'node:http';
import { pause } from './flags.js';

/** Waits for an answer of `fetch` and all of its bytes. */
export async function read(answer) {
  const response = await answer;
  const text = await response.text();
  if (!response.ok) throw new Error(`status ${response.status}`);
  return text;
}

/** The same for requests of node:http. */
export function receive(request) {
  return new Promise((resolve, reject) => {
    request.once('error', reject);
    request.once('response', (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode));
    });
  });
}

/** Twenty bytes: at once, or in two halves, of which the second waits for an acknowledgement of the first. */
export async function send(request, inHalves) {
  const answer = receive(request);
  if (inHalves) {
    request.write('x'.repeat(10));
    await pause(1);
    request.end('y'.repeat(10));
  } else request.end('z'.repeat(20));
  await answer;
}

export const keptAlive = new http.Agent({ keepAlive: true });
export const newEachTime = new http.Agent({ keepAlive: false });
export const withNagle = new http.Agent({ keepAlive: true, noDelay: false });

/** A name server that takes so many ms. */
export function lookupIn(ms) {
  return (_name, options, done) => {
    const answer = options.all ? [[{ address: '127.0.0.1', family: 4 }]] : ['127.0.0.1', 4];
    setTimeout(() => done(null, ...answer), ms);
  };
}

/** `url` under another host name. */
export function named(host, url) {
  const other = new URL(url);
  other.hostname = host;
  return other;
}
