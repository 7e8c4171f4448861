// What to do about a finding, in one or two sentences for the protocol that is spoken. In: an operation. Out: text.
// Not here: which library speaks it (the wire does not say).

import { formatDuration } from '../../base/numbers.ts';
import type { SampledOperation } from '../request-tree.ts';
import { isServiceCall, tableOf } from '../statement-facts.ts';

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
  if (protocol === 'grpc')
    return 'Create the client once, when the process starts, and use it for every request: it keeps its channel open.';
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
  if (isServiceCall({ protocol }))
    return 'The time passes in the other service: ask for less, ask earlier, or keep the answer for a while.';
  const reason = /\bI?LIKE\b/i.test(statement)
    ? ' A pattern that begins with % cannot use a normal index: use full-text search or a trigram index.'
    : '';
  return `Look at the plan (EXPLAIN ANALYZE): an index, fewer rows or fewer columns may help.${reason}`;
}

/** `isPeers`: the answer comes in two pieces. */
export function stallFix(isPeers: boolean): string {
  if (isPeers)
    return 'The answer leaves its server in two small writes and the second waits for an acknowledgement (Nagle’s algorithm and delayed ACK): set TCP_NODELAY in that server, or send head and body in one write.';
  return 'A message leaves in two small writes and the second waits for an acknowledgement (Nagle’s algorithm and delayed ACK): set TCP_NODELAY on the sender, or send head and body in one write.';
}

export function largeAnswerFix({ protocol }: SampledOperation): string {
  return isServiceCall({ protocol })
    ? 'Ask for less: a page of the list, only the fields that are used; and let the service compress its answers.'
    : 'Ask for less: name the columns that are used instead of *, and add a LIMIT or pages.';
}

export function retryFix(): string {
  return 'Find out why the first attempt fails. Until then: retry in one place only, a few times at most, with growing pauses, and give up early.';
}

/** `answerUs`: 99 of 100 answers take less. */
export function timeoutFix(answerUs: number): string {
  return `99 of 100 answers take less than ${formatDuration(answerUs)}: give up soon after that, and answer without it or try again once.`;
}

export function controlFix(): string {
  return 'Set what is always the same once for each connection, do not test connections before each use, and read single rows without a transaction.';
}

export function deferFix(): string {
  return 'If nobody needs it before the answer: send the answer first, or hand it to a queue. Handle its errors there; what must not be lost stays where it is.';
}

export function cacheFix({ protocol }: SampledOperation): string {
  const how =
    protocol === 'http'
      ? 'with the life time that the answer allows (Cache-Control, ETag)'
      : 'in a map with a limit and a life time';
  return `If an answer may be some seconds old: keep it in the process, ${how}, and let requests that ask at once share one call.`;
}

export function sharedFetchFix(): string {
  return 'Hand on what the first service knows, in the request between them or in a signed token.';
}

export function heldFix(): string {
  return 'Begin the transaction as late and end it as early as possible: calls to other services, and computing, before or after it.';
}

export function lookUpFix(): string {
  return 'Keep connections open: then no name has to be looked up. Else keep looked-up addresses for some seconds (a caching lookup, or a local DNS cache).';
}
