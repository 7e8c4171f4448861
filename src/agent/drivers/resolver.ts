// DNS queries of the application (`dns.resolve*`, `dns.reverse`, resolvers of its own): Node asks through c-ares, past its own sockets.
// In: the module, once it was loaded. Out: queries as operations, by their kind: which names are asked for is nobody's business.
// Not here: `dns.lookup`, which is the DNS phase of connections (patches/connections.ts).

import { newCall } from '../calls/calls.ts';
import { now } from '../clock.ts';
import { noteHooked } from '../sending/coverage.ts';
import { active, guarded } from '../guard.ts';
import { ownerOf, wrap, type AnyMethod, type Method } from '../hook.ts';
import { recorder } from '../recorder.ts';
import { noteOperation, type Asked } from './noted-call.ts';

/** What Node gives its channel with each query, and is called back on. */
interface QueryRequest {
  oncomplete?: unknown;
}

/** All resolvers, and the functions that were taken from the module before, share the channel's class. 50 µs to make one (Node 20.20). */
export function hookResolver(): void {
  const { Resolver } = process.getBuiltinModule('node:dns');
  const handle: unknown = Reflect.get(new Resolver(), '_handle');
  const channel = typeof handle === 'object' && handle !== null ? ownerOf(handle, 'queryA') : undefined;
  if (channel === undefined) return;
  for (const name of Object.getOwnPropertyNames(channel)) {
    const kind = /^query([A-Z]\w*)$/.exec(name)?.[1] ?? (name === 'getHostByAddr' ? 'PTR' : '');
    if (kind !== '') wrap(channel, name, (original) => querying(original, kind.toUpperCase()));
  }
  noteHooked('dns.Resolver');
}

function querying(original: Method, kind: string): AnyMethod {
  const asked: Asked = { protocol: 'dns', statement: `query ${kind}`, address: '', database: '' };
  return function (this: unknown, ...args: unknown[]): unknown {
    if (active && recorder !== undefined) guarded(follow, args[0], asked);
    return original.apply(this, args);
  };
}

function follow(request: unknown, asked: Asked): void {
  if (typeof request !== 'object' || request === null) return;
  const query: QueryRequest = request;
  const { oncomplete } = query;
  if (typeof oncomplete !== 'function') return;
  const context = newCall('dns');
  const start = now();
  query.oncomplete = function (this: unknown, ...args: unknown[]): unknown {
    const [error, found] = args;
    const rows = Array.isArray(found) ? found.length : -1;
    noteOperation(asked, context, start, rows, error ? String(error).slice(0, 40) : '');
    return Reflect.apply(oncomplete as Method, this, args);
  };
}
