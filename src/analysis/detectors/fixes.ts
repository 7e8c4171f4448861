// What to do about a finding, in one or two sentences for the protocol that is spoken. In: an operation. Out: text.
// Not here: which library speaks it (the wire does not say).

import type { SampledOperation } from '../request-tree.ts';
import { tableOf } from '../statement-facts.ts';

export function batchFix({ protocol, statement }: SampledOperation): string {
  const table = tableOf(statement);
  if (protocol === 'postgres')
    return `Fetch all rows of ${table} in one query before the loop (WHERE id = ANY($1), or a join), and look them up by id in a Map.`;
  if (protocol === 'mysql')
    return `Fetch all rows of ${table} in one query before the loop (WHERE id IN (?), or a join), and look them up by id in a Map.`;
  if (protocol === 'redis')
    return 'Send the commands together: MGET or HMGET for reads, a pipeline for everything else.';
  return 'Ask for all items in one request if the service can answer that; else ask for several at once with Promise.all and a limit.';
}

export function duplicateFix(): string {
  return 'Ask once and hand the result on: keep it on the request object, or memoize the function for the time of one request.';
}

export function keepConnectionFix({ protocol }: SampledOperation): string {
  if (protocol === 'http')
    return 'Keep connections open: one agent for the whole process with keepAlive: true (or fetch, which keeps them), one session in Python.';
  if (protocol === 'redis')
    return 'Create the client once, when the process starts, and use it for every request.';
  return 'Use one connection pool for the whole process instead of connecting for each request.';
}

export function poolFix(connections: number): string {
  return `Shorten what holds connections first: loops of queries, other work inside transactions. Then allow more: ${connections} would be enough here, if the database has room for them.`;
}

export function loopFix(): string {
  return 'Use the asynchronous form of what runs here (crypto, zlib and fs have one), or move it to a worker thread, or cut it into pieces.';
}

export function sequentialFix(): string {
  return 'If they do not need each other’s result, start them together: await Promise.all([…]), or asyncio.gather in Python.';
}

export function slowFix({ protocol, statement }: SampledOperation): string {
  if (protocol === 'http')
    return 'The time passes in the other service: ask for less, ask earlier, or keep the answer for a while.';
  const reason = /\bI?LIKE\b/i.test(statement)
    ? ' A pattern that begins with % cannot use a normal index: use full-text search or a trigram index.'
    : '';
  return `Look at the plan (EXPLAIN ANALYZE): an index, fewer rows or fewer columns may help.${reason}`;
}

export function stallFix(): string {
  return 'A message leaves in two small writes and the second waits for an acknowledgement (Nagle’s algorithm and delayed ACK): set TCP_NODELAY on the sender, or send head and body in one write.';
}
