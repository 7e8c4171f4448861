// What an operation talks to, in the words of the user. In: protocol, host asked for, database or Host header. Out: a name
// such as 'Postgres shop', 'Redis 127.0.0.1:6379', 'payments.example', and the category of its time.

import type { CategoryKey } from '../model/category.ts';
import { factsOf } from '../model/protocol.ts';
import type { ProtocolName } from '../model/protocol.ts';

/** `peer` is what the conversation said (database name, Host header), `address` where the connection went. */
export function dependencyName(protocol: ProtocolName, peer: string, address: string): string {
  const { product } = factsOf(protocol);
  if (product === '') return peer !== '' ? withoutDefaultPort(peer) : address;
  return `${product} ${peer !== '' ? peer : address}`.trim();
}

function withoutDefaultPort(host: string): string {
  return host.replace(/:(80|443)$/, '');
}

/** `isPrivate`: the host is one of ours by its name or address. */
export function categoryOf(protocol: ProtocolName, isPrivate: boolean): CategoryKey {
  const { category } = factsOf(protocol);
  return category === 'http' && !isPrivate ? 'ext' : category;
}
