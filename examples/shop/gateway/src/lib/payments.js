// The payment provider, an HTTPS API outside. In: an amount and a reference. Out: the provider's id of the charge.

import https from 'node:https';
import { text } from 'node:stream/consumers';
import faults from '../../../faults.cjs';

const URL = 'https://payments.example/v1/charges';

/** payments.example is a port of this machine here, as in any test set-up. */
function lookup(host, options, callback) {
  if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
}

const agent = new https.Agent({
  keepAlive: faults.isFixed('payment-connections'),
  lookup,
  port: process.env.PAYMENTS_PORT,
});

/** Charges a card. Fails with status 502 when the provider does. */
export async function charge(amountCents, reference) {
  const body = JSON.stringify({ amount: amountCents, currency: 'eur', reference });
  const response = await new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const request = https.request(URL, { method: 'POST', agent, headers }, resolve);
    request.on('error', reject);
    request.end(body);
  });
  const answer = await text(response);
  if (response.statusCode !== 201) {
    throw Object.assign(new Error('payment failed'), { status: 502 });
  }
  return JSON.parse(answer).id;
}
