// The answers of a wiretime that is running, over HTTP. In: its address. Out: what answer/ would give.
// For the data folder that it holds. Not here: finding it (state-file.ts).

import type { CallUse, EndpointUse } from '../../analysis/budget/use.ts';
import type { Answers } from '../../answer/answers.ts';
import type { Range } from '../../answer/api.ts';
import type { FindingLife } from '../../model/finding.ts';
import { Failure, messageOf } from '../failure.ts';

/** The questions that commands ask. `findings` makes them: the home answer has them from then on. */
export type CommandAnswers = Pick<
  Answers,
  | 'home'
  | 'findings'
  | 'report'
  | 'endpoint'
  | 'status'
  | 'trace'
  | 'traces'
  | 'connections'
  | 'map'
  | 'findingLists'
  | 'finding'
  | 'actOnFinding'
  | 'endpointUses'
  | 'comparisonSide'
>;

/** It answers from memory and a local file; a minute is for the largest of recordings. */
const TIMEOUT_MS = 60_000;
const NOT_FOUND = 404;

type Parameters = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** Maps do not travel. */
type SentUse = Omit<EndpointUse, 'calls'> & { readonly calls: readonly (readonly [string, CallUse])[] };

/** `url` may hold a token. Rejects with a Failure when nobody answers there. */
export function remoteAnswers(url: string): CommandAnswers {
  const get = <T>(path: string, parameters: Parameters = {}): Promise<T> =>
    needed(ask<T>(url, path, parameters), path);
  return {
    home: (range) => get('home', ends(range)),
    findings: (range) => get('findings', ends(range)),
    report: (range) => get('report', ends(range)),
    endpoint: ({ service, method, route }, range) =>
      get('endpoint', { service, method, route, ...ends(range) }),
    comparisonSide: (range) => get('side', ends(range)),
    endpointUses: async ({ range, patterns }, hasFindings) => {
      const parameters = { ...ends(range), pattern: patterns, findings: hasFindings ? 1 : 0 };
      const uses = await get<readonly SentUse[]>('uses', parameters);
      return uses.map((use) => ({ ...use, calls: new Map(use.calls) }));
    },
    status: () => get('status'),
    connections: (range) => get('connections', ends(range)),
    map: (range) => get('map', ends(range)),
    traces: (filter) => get('traces', { ...filter }),
    trace: (id) => ask(url, `trace/${encodeURIComponent(id)}`),
    findingLists: (range) => get('findings/lists', ends(range)),
    finding: (id, range) => ask(url, `finding/${encodeURIComponent(id)}`, ends(range)),
    actOnFinding: (id, action, reason) =>
      ask<FindingLife>(url, `finding/${encodeURIComponent(id)}/${action}`, {}, JSON.stringify({ reason })),
  };
}

function ends({ from, to }: Range): Parameters {
  return { from, to };
}

async function needed<T>(answer: Promise<T | undefined>, path: string): Promise<T> {
  const value = await answer;
  if (value === undefined)
    throw new Failure(`The running wiretime does not know /api/${path}: it may be of another version.`);
  return value;
}

/**
 * undefined: there is no such thing. The types are vouched for: both ends are this package, and the address comes from the user, or from a
 * file that only this user can write.
 */
async function ask<T>(
  url: string,
  path: string,
  parameters: Parameters = {},
  body?: string,
): Promise<T | undefined> {
  const address = new URL(`/api/${path}`, url);
  const token = new URL(url).searchParams.get('token');
  for (const [name, value] of Object.entries(parameters))
    for (const each of Array.isArray(value) ? value : [value])
      if (each !== undefined) address.searchParams.append(name, String(each));
  const response = await fetch(address, {
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { method: 'POST', body }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw new Failure(`The running wiretime at ${address.origin} does not answer: ${messageOf(error)}`);
  });
  if (response.status === NOT_FOUND) return undefined;
  if (!response.ok)
    throw new Failure(
      `The running wiretime at ${address.origin} answered ${response.status}: ${await response.text()}`,
    );
  return (await response.json()) as T;
}
